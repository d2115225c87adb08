import { Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useSearchParams } from 'react-router'
import { elevateBy } from '../../api/elevation.ts'
import { isUnprotected, refreshSession, useSession } from '../../api/session.ts'
import { NewPassword } from '../../enrolment/new-password.tsx'
import { rulesOf } from '../../enrolment/password-rules.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { placeFor, protectPlace } from '../../places-of-session.ts'
import { infoQuery, setPassword } from './calls.ts'
import { StartOver } from './start-over.tsx'
import { keepTrustWish } from './trust.ts'

/** The new password that is demanded: somebody else chose the one before, or it is too old. */
export function Component() {
  const { t } = useTranslation('sign-in')
  const { data: session } = useSession()
  const [asked] = useSearchParams()
  const isDone = useRef(false)
  const isDue = session?.state === 'change'
  const { data: info, error } = useQuery({ ...infoQuery, enabled: isDue })
  if (!isDue) {
    const wanted = asked.get('to')
    const isNext = session && isDone.current && session.state === 'full' && isUnprotected(session)
    return <Navigate to={isNext ? protectPlace(wanted) : placeFor(session ?? null, wanted)} replace />
  }
  const change = async (password: string) => {
    await setPassword(password)
    // What may come next asks for the password again, and it has just been typed.
    await elevateBy(password)
    isDone.current = true
    await keepTrustWish(await refreshSession())
  }
  return (
    <Page title={t('change.title')} lead={t('change.lead')}>
      <ErrorNote error={error} />
      {info ? (
        <NewPassword
          rules={rulesOf(info)}
          account={session.account.address}
          action={t('change.action')}
          onPassword={change}
        />
      ) : (
        <Stack>
          <Skeleton h={60} />
          <Skeleton h={60} />
        </Stack>
      )}
      <StartOver />
    </Page>
  )
}
