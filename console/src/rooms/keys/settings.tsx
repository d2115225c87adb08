import { Anchor, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { Waiting } from '../../parts/waiting.tsx'
import { useOwnKeys } from './calls.ts'
import { GatewayCard } from './gateway-card.tsx'
import { HabitsCard } from './habits-card.tsx'
import { PasswordCard } from './password-card.tsx'
import { RecoveryCard } from './recovery-card.tsx'
import { ToAll } from './to-all.tsx'

/** What opens the current key, who could help, and what is done with mail. */
export function Component() {
  const { t } = useTranslation('keys')
  const { data: keys, error, isPending } = useOwnKeys()
  if (isPending) return <Waiting />
  const current = keys?.find(({ current }) => current)
  return (
    <Page title={t('own.title')} lead={t('own.lead')} back={<ToAll />}>
      <ErrorNote error={error} />
      {keys?.length === 0 ? (
        <Group>
          <Text>{t('own.none')}</Text>
          <Anchor component={Link} to="/my/keys/new">
            {t('make')}
          </Anchor>
        </Group>
      ) : null}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg" style={{ alignItems: 'start' }}>
        {current?.privateRing ? (
          <Stack gap="lg">
            <PasswordCard current={current} />
            <RecoveryCard current={current} />
          </Stack>
        ) : null}
        <Stack gap="lg">
          <HabitsCard />
          <GatewayCard current={current} />
        </Stack>
      </SimpleGrid>
    </Page>
  )
}
