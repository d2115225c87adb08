import { Alert, Button, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { Waiting } from '../../parts/waiting.tsx'
import { changePassword, type Self, selfQuery } from './calls.ts'
import { useFaults } from './faults.ts'
import { NewPasswordFields, noPassword, QuestionFields, usePasswordFault } from './fields.tsx'
import { useSubmit } from './submit.ts'

function PasswordForm({ self, onDone }: { self: Self; onDone(): void }) {
  const { t } = useTranslation('guest')
  const faults = useFaults()
  const [old, setOld] = useState('')
  const [chosen, setChosen] = useState(noPassword)
  const [asked, setAsked] = useState({ question: self.question, answer: '' })
  const [wasTried, setTried] = useState(false)
  const fault = usePasswordFault(chosen)
  // The question stands there as it was: another one, or none, needs saying.
  const isCleared = asked.question.trim() === ''
  const isUnanswered = !isCleared && asked.question !== self.question && asked.answer.trim() === ''
  const { isBusy, error, submit } = useSubmit(async () => {
    setTried(true)
    if (fault || isUnanswered) return
    const isNew = asked.answer.trim() !== '' || (isCleared && self.question !== '')
    await changePassword({ old, new: chosen.password, ...(isNew ? asked : {}) })
    onDone()
  })
  return (
    <form onSubmit={submit}>
      <Stack>
        <input type="hidden" autoComplete="username" value={self.address} readOnly />
        <PasswordField
          label={t(self.hasPassword ? 'password.old' : 'password.mailed')}
          value={old}
          onChange={(event) => setOld(event.currentTarget.value)}
          required
        />
        <NewPasswordFields value={chosen} onChange={setChosen} fault={wasTried ? fault : null} />
        <QuestionFields
          value={asked}
          onChange={setAsked}
          text={t(self.question ? 'password.question' : 'fields.questionIntro')}
          fault={wasTried && isUnanswered}
        />
        <ErrorNote error={error} words={{ ...faults, KEY_PASSWORD_WRONG: t('password.oldWrong') }} />
        <Button type="submit" loading={isBusy}>
          {t('password.submit')}
        </Button>
      </Stack>
    </form>
  )
}

export function Component() {
  const { t } = useTranslation('guest')
  const { data: self } = useQuery(selfQuery)
  const [wanted] = useSearchParams()
  const navigate = useNavigate()
  const [times, setTimes] = useState(0)
  if (!self) return <Waiting />
  const item = wanted.get('item')
  const isFirst = !self.hasPassword
  const done = () => {
    // Who was on the way to his mail goes on.
    if (isFirst) navigate(item ? `/guest/mail/${encodeURIComponent(item)}` : '/guest/inbox')
    else setTimes(times + 1)
  }
  return (
    <Page
      title={t(isFirst ? 'password.firstTitle' : 'password.title')}
      lead={t(isFirst ? 'password.first' : 'password.lead')}
    >
      {times > 0 ? (
        <Alert maw="34rem" role="status" color="green" variant="light" icon={<CircleCheck aria-hidden />}>
          {t('password.done')}
        </Alert>
      ) : null}
      <Card maw="34rem">
        <PasswordForm key={times} self={self} onDone={done} />
      </Card>
    </Page>
  )
}
