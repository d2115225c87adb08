import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useSearchParams } from 'react-router'
import { useSession } from '../../api/session.ts'
import { RecoveryCodes } from '../../enrolment/recovery-codes.tsx'
import { TurnOn } from '../../enrolment/turn-on.tsx'
import { Page } from '../../parts/page.tsx'
import { placeFor } from '../../places-of-session.ts'
import { StartOver } from './start-over.tsx'

/** The second step that the policy demands before anything else. */
export function Component() {
  const { t } = useTranslation('sign-in')
  const { data: session } = useSession()
  const [asked] = useSearchParams()
  const [codes, setCodes] = useState<string[] | null>(null)
  if (codes)
    return (
      <Page title={t('codesTitle')}>
        <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />
      </Page>
    )
  if (session?.state !== 'setup') return <Navigate to={placeFor(session ?? null, asked.get('to'))} replace />
  return (
    <Page title={t('setUp.title')} lead={t('setUp.lead')}>
      <TurnOn onDone={setCodes} />
      <StartOver />
    </Page>
  )
}
