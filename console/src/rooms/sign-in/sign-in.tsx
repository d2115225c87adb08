import { Alert, Anchor, Button, Checkbox, Divider, Group, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Fingerprint, Info } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Navigate, useSearchParams } from 'react-router'
import { ApiError } from '../../api/client.ts'
import { endedQuery, useSession } from '../../api/session.ts'
import { useAttempt } from '../../parts/attempt.ts'
import { useCountdown } from '../../parts/countdown.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { placeFor } from '../../places-of-session.ts'
import { canUsePasskeys, signIn, signInByPasskey } from './calls.ts'
import { CaptchaField } from './captcha-field.tsx'
import { TooMany } from './too-many.tsx'
import { useCaptcha } from './use-captcha.ts'

/** Why somebody is here who was signed in a moment ago. */
function WhyHere() {
  const { t } = useTranslation('sign-in')
  const { data: ended } = useQuery(endedQuery)
  if (!ended) return null
  return (
    <Alert role="status" color="gray" variant="light" icon={<Info aria-hidden />}>
      {t(`ended.${ended}`)}
    </Alert>
  )
}

const isTooMany = (error: unknown): error is ApiError => error instanceof ApiError && error.status === 429

export function Component() {
  const { t } = useTranslation('sign-in')
  const { data: session } = useSession()
  const [asked] = useSearchParams()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [rememberLogin, setRemember] = useState(false)
  const [until, setUntil] = useState<number | null>(null)
  const [isByPasskey, setByPasskey] = useState(false)
  const captcha = useCaptcha()
  const left = useCountdown(until)
  const { isBusy, error, attempt } = useAttempt()
  if (session) return <Navigate to={placeFor(session, asked.get('to'))} replace />

  const judged = async (action: () => Promise<unknown>) => {
    try {
      await action()
    } catch (error) {
      if (isTooMany(error)) setUntil(Date.now() + (error.retryAfter || 30) * 1000)
      throw error
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setByPasskey(false)
    void attempt(() =>
      judged(async () => {
        if (!(await captcha.isClear(username))) return
        try {
          await signIn({ username, password, rememberLogin, ...captcha.sent() })
        } catch (error) {
          await captcha.failed(username).catch(() => {})
          throw error
        }
      }),
    )
  }
  const byPasskey = () => {
    setByPasskey(true)
    void attempt(() => judged(() => signInByPasskey(rememberLogin)))
  }
  const words = {
    AUTH_FAILED: t(isByPasskey ? 'passkeyFailed' : captcha.isShown ? 'failedCaptcha' : 'failed'),
    NOT_ALLOWED_BY_POLICY: t('passkeyOff'),
  }
  return (
    <Page title={t('title')}>
      <WhyHere />
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t('name')}
            autoComplete="username webauthn"
            autoCapitalize="none"
            spellCheck={false}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            required
          />
          <PasswordField value={password} onChange={(event) => setPassword(event.currentTarget.value)} required />
          {captcha.isShown ? (
            <CaptchaField
              captcha={captcha.captcha}
              value={captcha.text}
              onChange={captcha.setText}
              onAnother={() => attempt(captcha.another)}
            />
          ) : null}
          <Group justify="space-between">
            <Checkbox
              label={t('remember')}
              checked={rememberLogin}
              onChange={(event) => setRemember(event.currentTarget.checked)}
            />
            <Anchor component={Link} to="/forgotten" size="sm">
              {t('forgotten')}
            </Anchor>
          </Group>
          {isTooMany(error) ? <TooMany left={left} /> : <ErrorNote error={error} words={words} />}
          <Button type="submit" loading={isBusy && !isByPasskey} disabled={left > 0}>
            {left > 0 ? t('wait', { count: left }) : t('submit')}
          </Button>
        </Stack>
      </form>
      {canUsePasskeys() ? (
        <>
          <Divider label={t('or')} />
          <Button
            variant="default"
            leftSection={<Fingerprint aria-hidden size={18} />}
            onClick={byPasskey}
            loading={isBusy && isByPasskey}
          >
            {t('passkey')}
          </Button>
        </>
      ) : null}
    </Page>
  )
}
