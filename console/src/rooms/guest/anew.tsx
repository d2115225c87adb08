import { Alert, Button, Checkbox, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { Waiting } from '../../parts/waiting.tsx'
import { askReset, isCode, startAnew } from './calls.ts'
import { useFaults } from './faults.ts'
import { AddressField, NewPasswordFields, noPassword, usePasswordFault } from './fields.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { useSubmit } from './submit.ts'

function AnewForm({ reset, onDone }: { reset: string; onDone(): void }) {
  const { t } = useTranslation('guest')
  const faults = useFaults()
  const [address, setAddress] = useState('')
  const [chosen, setChosen] = useState(noPassword)
  const [knows, setKnows] = useState(false)
  const [wasTried, setTried] = useState(false)
  const fault = usePasswordFault(chosen)
  const { isBusy, error, submit } = useSubmit(async () => {
    setTried(true)
    if (fault) return
    await startAnew({ reset, address, new: chosen.password })
    onDone()
  })
  return (
    <form onSubmit={submit}>
      <Stack>
        <Alert color="red" variant="light" icon={<TriangleAlert aria-hidden />} title={t('anew.lossTitle')}>
          {t('anew.loss')}
        </Alert>
        <AddressField value={address} onChange={setAddress} />
        <NewPasswordFields value={chosen} onChange={setChosen} fault={wasTried ? fault : null} />
        <Checkbox
          label={t('anew.knows')}
          checked={knows}
          onChange={(event) => setKnows(event.currentTarget.checked)}
          required
        />
        <ErrorNote error={error} words={faults} />
        <Button type="submit" color="red" loading={isBusy}>
          {t('anew.submit')}
        </Button>
      </Stack>
    </form>
  )
}

/** Starting anew by the link of a mail: what is lost is said before, and confirmed. */
export function Anew({ reset }: { reset: string }) {
  const { t } = useTranslation('guest')
  const navigate = useNavigate()
  const [isDone, setDone] = useState(false)
  // Whoever comes by a link that is over learns it before he types anything. The link itself is nothing to keep.
  const link = useQuery({
    queryKey: ['guest', 'reset'],
    queryFn: () => askReset(reset),
    gcTime: 0,
    staleTime: Infinity,
  })
  if (isDone)
    return (
      <Page title={t('anew.doneTitle')}>
        <Card maw="34rem">
          <Alert mb="md" role="status" color="green" variant="light" icon={<CircleCheck aria-hidden />}>
            {t('anew.done')}
          </Alert>
          <SignInForm />
        </Card>
      </Page>
    )
  if (link.isPending) return <Waiting />
  if (link.data?.door === 'over' || isCode(link.error, 'BAD_PARAMETER'))
    return (
      <Page title={t('anew.overTitle')} lead={t('anew.over')}>
        <Button w="fit-content" onClick={() => navigate('/guest/forgotten')}>
          {t('anew.another')}
        </Button>
      </Page>
    )
  if (link.error)
    return (
      <Page title={t('anew.title')}>
        <ErrorNote error={link.error} />
      </Page>
    )
  return (
    <Page title={t('anew.title')} lead={t('anew.lead')}>
      <Card maw="34rem">
        <AnewForm reset={reset} onDone={() => setDone(true)} />
      </Card>
    </Page>
  )
}
