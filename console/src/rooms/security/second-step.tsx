import { Skeleton, Stack } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../parts/error-note.tsx'
import { authenticatorsQuery, methodsQuery, overviewQuery, passkeysQuery, recoveryMethodsQuery } from './calls.ts'
import { MethodsCard } from './methods-card.tsx'
import { RecoveryCodesCard } from './recovery-codes-card.tsx'
import { RoomPage } from './room-page.tsx'
import classes from './security.module.css'
import { TwoStepCard } from './two-step-card.tsx'

/** The second step: whether it is on, what it can be shown with, and what helps when all of that is lost. */
export function Component() {
  const { t } = useTranslation('security')
  const [overview, methods, authenticators, recovery, passkeys] = useQueries({
    queries: [overviewQuery, methodsQuery, authenticatorsQuery, recoveryMethodsQuery, passkeysQuery],
  })
  const fault = [overview, methods, authenticators, recovery, passkeys].find(({ error }) => error)?.error
  const isThere = overview.data && methods.data && authenticators.data && recovery.data && passkeys.data
  return (
    <RoomPage title={t('step.title')} lead={t('step.lead')}>
      <ErrorNote error={fault} />
      {isThere ? (
        <>
          <TwoStepCard overview={overview.data} />
          <div className={classes.two}>
            <MethodsCard
              overview={overview.data}
              methods={methods.data}
              authenticators={authenticators.data}
              recovery={recovery.data}
              passkeys={passkeys.data.length}
            />
            <RecoveryCodesCard overview={overview.data} />
          </div>
        </>
      ) : fault ? null : (
        <Stack gap="lg">
          <Skeleton h={110} />
          <Skeleton h={260} />
        </Stack>
      )}
    </RoomPage>
  )
}
