import { Button, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useSearchParams } from 'react-router'
import { call } from '../../api/client.ts'
import { enterSession, useSession } from '../../api/session.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { placeFor } from '../../places-of-session.ts'

export function Component() {
  const { t } = useTranslation('sign-in')
  const { data: session } = useSession()
  const [asked] = useSearchParams()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  if (session) return <Navigate to={placeFor(session, asked.get('to'))} replace />
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      const json = { username, password }
      const { sessid } = await call<{ sessid: string }>('POST', '/api/v1/login/cookie', { json })
      await enterSession(sessid)
    } catch (error) {
      setError(error)
      setBusy(false)
    }
  }
  return (
    <Page title={t('title')}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t('name')}
            autoComplete="username"
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            required
          />
          <PasswordField value={password} onChange={(event) => setPassword(event.currentTarget.value)} required />
          <ErrorNote error={error} words={{ AUTH_FAILED: t('failed') }} />
          <Button type="submit" loading={isBusy}>
            {t('submit')}
          </Button>
        </Stack>
      </form>
    </Page>
  )
}
