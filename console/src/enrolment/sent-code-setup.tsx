import { Button, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAttempt } from '../parts/attempt.ts'
import { CodeField } from '../parts/code-field.tsx'
import { ErrorNote } from '../parts/error-note.tsx'
import { LinkButton } from '../parts/second-step.tsx'
import { SendCode, sendToken } from '../parts/send-code.tsx'
import { activate, activateAndTurnOn, beginTarget } from './calls.ts'
import type { SetupProps } from './setup-props.ts'
import { useEnrolmentErrors } from './use-errors.ts'

interface Begun {
  id: string
  target: string
}

interface TargetFormProps {
  kind: 'email' | 'sms'
  first: string
  onBegun(begun: Begun): void
}

const fields = {
  email: { type: 'email', autoComplete: 'email', inputMode: 'email' },
  sms: { type: 'tel', autoComplete: 'tel', inputMode: 'tel' },
} as const

function TargetForm({ kind, first, onBegun }: TargetFormProps) {
  const { t } = useTranslation('enrolment')
  const words = useEnrolmentErrors()
  const [target, setTarget] = useState(first)
  // A code that could not be sent is asked for again, and not another method begun for it.
  const [begun, setBegun] = useState<Begun | null>(null)
  const { isBusy, error, attempt } = useAttempt()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      const one = begun?.target === target ? begun : { id: await beginTarget(kind, target.trim()), target }
      setBegun(one)
      await sendToken(one.id)
      onBegun(one)
    })
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t(`${kind}.label`)}
          description={t(`${kind}.hint`)}
          value={target}
          onChange={(event) => setTarget(event.currentTarget.value)}
          required
          {...fields[kind]}
        />
        <ErrorNote error={error} words={{ ...words, BAD_PARAMETER: t(`${kind}.unfit`) }} />
        <Button type="submit" loading={isBusy} disabled={target.trim() === ''}>
          {t('send')}
        </Button>
      </Stack>
    </form>
  )
}

/** A mail address or a telephone number: where codes are sent, and the first of them. */
export function SentCodeSetup({ kind, turnsOn, onDone }: SetupProps & { kind: 'email' | 'sms' }) {
  const { t } = useTranslation('enrolment')
  const words = useEnrolmentErrors()
  const [target, setTarget] = useState('')
  const [begun, setBegun] = useState<Begun | null>(null)
  const [code, setCode] = useState('')
  const { isBusy, error, setError, attempt } = useAttempt()
  const take = (begun: Begun) => {
    setTarget(begun.target)
    setBegun(begun)
  }
  if (!begun) return <TargetForm kind={kind} first={target} onBegun={take} />
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const isDone = await attempt(async () =>
      onDone(await (turnsOn ? activateAndTurnOn : activate)({ id: begun.id, code })),
    )
    if (!isDone) setCode('')
  }
  const change = () => {
    setBegun(null)
    setCode('')
    setError(null)
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text role="status">{t(`${kind}.sent`, { target: begun.target })}</Text>
        <CodeField value={code} onChange={setCode} maxLength={11} required data-autofocus autoFocus />
        <SendCode methodId={begun.id} isSent onError={setError} />
        <ErrorNote error={error} words={words} />
        <Button type="submit" loading={isBusy} disabled={code.length < 6}>
          {t('confirm')}
        </Button>
        <LinkButton onClick={change}>{t(`${kind}.change`)}</LinkButton>
      </Stack>
    </form>
  )
}
