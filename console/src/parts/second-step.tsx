import { Anchor, Button, Radio, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, call } from '../api/client.ts'
import { canUsePasskeys, passkeyProof } from '../api/passkeys.ts'
import { CodeField } from './code-field.tsx'
import { ErrorNote } from './error-note.tsx'
import { SendCode } from './send-code.tsx'

const METHODS = '/api/v1/account/security/methods'

export interface Method {
  id: string
  method: 'email' | 'sms' | 'authApp'
  target: string
}

/** What shows the second step, as the calls that take it want it in their body. */
export type StepProof =
  | { methodId: string; totpToken: string }
  | { recoveryCode: string }
  | Awaited<ReturnType<typeof passkeyProof>>

interface SecondStepProps {
  /** takes the proof to where it belongs; what it throws is shown */
  onProof(proof: StepProof): Promise<unknown>
  action: string
  /** recovery codes do too */
  recovery?: boolean
  words?: Readonly<Record<string, string>>
  /** what else is chosen, between the code and the button */
  children?: ReactNode
}

const RECOVERY = 'recovery'

// Asked for what to prove, the server says at once when there is no passkey: no button then.
async function hasPasskey(): Promise<boolean> {
  if (!canUsePasskeys()) return false
  try {
    await call('POST', '/api/v1/account/security/passkeys/proof')
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return false
    throw error
  }
}

async function readWays(): Promise<{ methods: Method[]; passkey: boolean }> {
  const [{ items: methods }, passkey] = await Promise.all([
    call<{ items: Method[] }>('GET', METHODS, { query: { scope: '2fa' } }),
    hasPasskey(),
  ])
  return { methods, passkey }
}

/** Shows the second step by any way that the account has: a code that is sent or shown, a passkey, a recovery code. */
export function SecondStep({ onProof, action, recovery = true, words = {}, children }: SecondStepProps) {
  const { t } = useTranslation()
  const { data, isPending } = useQuery({ queryKey: ['methods', '2fa'], queryFn: readWays })
  const { methods = [], passkey = false } = data ?? {}
  const [chosen, setChosen] = useState<string | null>(null)
  const [code, setCode] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const first = methods.find(({ method }) => method === 'authApp') ?? methods[0]
  const current = chosen ?? first?.id ?? (recovery ? RECOVERY : '')
  const method = methods.find(({ id }) => id === current)
  const prove = async (make: () => StepProof | Promise<StepProof>) => {
    setBusy(true)
    setError(null)
    try {
      await onProof(await make())
    } catch (error) {
      setCode('')
      setError(error)
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void prove(() => (method ? { methodId: method.id, totpToken: code } : { recoveryCode: code }))
  }
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // The dialogue chose where the focus goes before there was a field; a page begins at its heading.
    const { activeElement: at } = document
    if (!isPending && (at === document.body || at?.closest('[role=dialog]'))) field.current?.focus()
  }, [isPending])
  if (isPending) return <Text role="status">{t('loading')}</Text>
  return (
    <form onSubmit={submit}>
      <Stack>
        {passkey ? (
          <Button
            variant="default"
            leftSection={<KeyRound aria-hidden size={16} />}
            onClick={() => prove(passkeyProof)}
            disabled={isBusy}
          >
            {t('elevation.passkey')}
          </Button>
        ) : null}
        {methods.length + Number(recovery) > 1 ? (
          <Radio.Group label={t('elevation.method')} value={current} onChange={setChosen}>
            <Stack gap="xs" mt="xs">
              {methods.map(({ id, method, target }) => (
                <Radio key={id} value={id} label={t(`methods.${method}`, { target })} />
              ))}
              {recovery ? <Radio value={RECOVERY} label={t('elevation.recoveryCode')} /> : null}
            </Stack>
          </Radio.Group>
        ) : null}
        {method && method.method !== 'authApp' ? (
          <SendCode key={method.id} methodId={method.id} onError={setError} />
        ) : null}
        <CodeField
          ref={field}
          value={code}
          onChange={setCode}
          letters={!method}
          label={method ? t('code') : t('elevation.recoveryCode')}
          required
        />
        {children}
        <ErrorNote error={error} words={words} />
        <Button type="submit" loading={isBusy} disabled={code.length < 6}>
          {action}
        </Button>
      </Stack>
    </form>
  )
}

/** A link that looks like text and acts like a button. */
export function LinkButton({ onClick, children }: { onClick(): void; children: string }) {
  return (
    <Anchor component="button" type="button" onClick={onClick} size="sm">
      {children}
    </Anchor>
  )
}
