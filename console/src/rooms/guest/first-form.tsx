import { Button, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { ErrorNote } from '../../parts/error-note.tsx'
import { type Arrival, chooseFirst, type Question } from './calls.ts'
import { useFaults } from './faults.ts'
import {
  AddressField,
  isHalf,
  NewPasswordFields,
  noPassword,
  PinField,
  QuestionFields,
  usePasswordFault,
} from './fields.tsx'
import { useSubmit } from './submit.ts'

/** Where somebody comes in for the first time: he chooses the password that opens all his mail here. */
export function FirstForm({ item, arrival }: { item: string; arrival: Arrival }) {
  const { t } = useTranslation('guest')
  const navigate = useNavigate()
  const faults = useFaults()
  const [address, setAddress] = useState('')
  const [pin, setPin] = useState('')
  const [chosen, setChosen] = useState(noPassword)
  const [asked, setAsked] = useState<Question>({ question: '', answer: '' })
  const [wasTried, setTried] = useState(false)
  const fault = usePasswordFault(chosen)
  const { isBusy, error, submit } = useSubmit(async () => {
    setTried(true)
    if (fault || isHalf(asked)) return
    const question = asked.question.trim() === '' ? {} : asked
    const known = { address, itemId: item, new: chosen.password, ...question }
    await chooseFirst(arrival.pinNeeded ? { ...known, pin } : known)
    navigate(`/guest/mail/${encodeURIComponent(item)}`)
  })
  return (
    <form onSubmit={submit}>
      <Stack>
        <AddressField value={address} onChange={setAddress} to={arrival.to} />
        {arrival.pinNeeded ? <PinField value={pin} onChange={setPin} /> : null}
        <NewPasswordFields value={chosen} onChange={setChosen} fault={wasTried ? fault : null} />
        <QuestionFields
          value={asked}
          onChange={setAsked}
          text={t('fields.questionIntro')}
          fault={wasTried && isHalf(asked)}
        />
        <ErrorNote error={error} words={{ ...faults, ITEM_UNKNOWN: t('first.otherAddress') }} />
        <Button type="submit" loading={isBusy} size="md">
          {t('first.submit')}
        </Button>
      </Stack>
    </form>
  )
}
