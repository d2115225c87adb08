import { Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../api/client.ts'
import { ErrorNote } from '../parts/error-note.tsx'
import { LinkButton, type Method } from '../parts/second-step.tsx'
import { AuthenticatorSetup } from './authenticator-setup.tsx'
import { overviewQuery } from './calls.ts'
import { PasskeySetup } from './passkey-setup.tsx'
import { SentCodeSetup } from './sent-code-setup.tsx'
import { TwoStepOn } from './two-step-on.tsx'
import { type Way, Ways, waysFor } from './ways.tsx'

interface TurnOnProps {
  /** 2-step verification is on; the recovery codes are to be shown this once */
  onDone(recoveryCodes: string[]): void
}

function Chosen({ way, onDone }: TurnOnProps & { way: Way }) {
  const done = (codes: string[] | null) => onDone(codes ?? [])
  if (way === 'existing') return <TwoStepOn onDone={onDone} />
  if (way === 'authApp') return <AuthenticatorSetup turnsOn onDone={done} />
  if (way === 'passkey') return <PasskeySetup turnsOn onDone={done} />
  return <SentCodeSetup kind={way} turnsOn onDone={done} />
}

/** From no second step to one: choose a way, and take it. Showing the recovery codes is for the caller. */
export function TurnOn({ onDone }: TurnOnProps) {
  const { t } = useTranslation('enrolment')
  const overview = useQuery(overviewQuery)
  const methods = useQuery({
    queryKey: ['methods', 'ready'],
    queryFn: () => call<{ items: Method[] }>('GET', '/api/v1/account/security/methods', { query: { scope: '2fa' } }),
  })
  const [way, setWay] = useState<Way | null>(null)
  const fault = overview.error ?? methods.error
  if (fault) return <ErrorNote error={fault} />
  if (!overview.data || !methods.data)
    return (
      <Stack gap="sm">
        <Skeleton h={88} />
        <Skeleton h={88} />
        <Skeleton h={88} />
      </Stack>
    )
  const ways = waysFor(overview.data, methods.data.items.length > 0)
  if (ways.length === 0) return <Text>{t('ways.none')}</Text>
  if (way === null) return <Ways ways={ways} onChoose={setWay} />
  return (
    <Stack>
      <Text fw={600} component="h2" size="lg" m={0}>
        {t(`ways.${way}`)}
      </Text>
      <Chosen way={way} onDone={onDone} />
      {ways.length > 1 ? <LinkButton onClick={() => setWay(null)}>{t('ways.other')}</LinkButton> : null}
    </Stack>
  )
}
