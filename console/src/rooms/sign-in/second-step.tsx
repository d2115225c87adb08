import { Checkbox, Group } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useSearchParams } from 'react-router'
import { ApiError, call } from '../../api/client.ts'
import { refreshSession, useSession } from '../../api/session.ts'
import { Page } from '../../parts/page.tsx'
import { SecondStep, type StepProof } from '../../parts/second-step.tsx'
import { placeFor } from '../../places-of-session.ts'
import { StartOver } from './start-over.tsx'
import { keepTrustWish, wishTrust } from './trust.ts'

const pathOf = (proof: StepProof): string => ('response' in proof ? '/api/v1/login/2fa/passkey' : '/api/v1/login/2fa')

export function Component() {
  const { t } = useTranslation('sign-in')
  const { data: session } = useSession()
  const [asked] = useSearchParams()
  const [isTrusted, setTrusted] = useState(false)
  if (session?.state !== 'required') return <Navigate to={placeFor(session ?? null, asked.get('to'))} replace />
  const prove = async (proof: StepProof) => {
    try {
      await call('POST', pathOf(proof), { json: proof })
    } catch (error) {
      // After five tries the session is over, and the server says of each only that it failed.
      if (error instanceof ApiError && error.status === 401) await refreshSession()
      throw error
    }
    wishTrust(isTrusted)
    await keepTrustWish(await refreshSession())
  }
  return (
    <Page title={t('stepTitle')} lead={t('stepLead', { account: session.account.address })}>
      <SecondStep onProof={prove} action={t('submit')} words={{ AUTH_FAILED: t('stepFailed') }}>
        <Checkbox
          label={t('trust')}
          description={t('trustHint')}
          checked={isTrusted}
          onChange={(event) => setTrusted(event.currentTarget.checked)}
        />
      </SecondStep>
      <Group>
        <StartOver />
      </Group>
    </Page>
  )
}
