import { useTranslation } from 'react-i18next'
import { Navigate, useSearchParams } from 'react-router'
import { call } from '../../api/client.ts'
import { refreshSession, useSession } from '../../api/session.ts'
import { Page } from '../../parts/page.tsx'
import { SecondStep, type StepProof } from '../../parts/second-step.tsx'
import { placeFor } from '../../places-of-session.ts'

const pathOf = (proof: StepProof): string => ('response' in proof ? '/api/v1/login/2fa/passkey' : '/api/v1/login/2fa')

export function Component() {
  const { t } = useTranslation('sign-in')
  const { data: session } = useSession()
  const [asked] = useSearchParams()
  if (session?.state !== 'required') return <Navigate to={placeFor(session ?? null, asked.get('to'))} replace />
  const prove = async (proof: StepProof) => {
    await call('POST', pathOf(proof), { json: proof })
    await refreshSession()
  }
  return (
    <Page title={t('stepTitle')} lead={t('stepLead')}>
      <SecondStep onProof={prove} action={t('submit')} />
    </Page>
  )
}
