import { Anchor, Box, Button, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { FileUp, KeyRound, Plus, Settings2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { Empty } from '../../parts/empty.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Fingerprint, FingerprintGroups } from '../../parts/fingerprint.tsx'
import { Page } from '../../parts/page.tsx'
import { masterOf, type OwnKey, useOwnKeys } from './calls.ts'
import { ownerOf, StateBadge, StateText } from './key-state.tsx'
import { Life } from './life.tsx'
import { useRefusals } from './refusals.ts'

const placeOf = (key: OwnKey): string => `/my/keys/${masterOf(key).fingerprint}`

function Addresses({ of }: { of: OwnKey }) {
  const { userIds } = masterOf(of)
  return (
    <Box style={{ overflowWrap: 'anywhere' }}>
      {userIds.slice(0, 3).map((userId) => (
        <Text key={userId} fw={600}>
          {userId}
        </Text>
      ))}
      {userIds.length > 3 ? <Text c="dimmed">… {userIds.length - 3}</Text> : null}
    </Box>
  )
}

function Closer({ of }: { of: OwnKey }) {
  const { t } = useTranslation('keys')
  return (
    <Button
      component={Link}
      to={placeOf(of)}
      variant="default"
      size="sm"
      aria-label={t('detailsOf', { name: ownerOf(of) || t('noName') })}
    >
      {t('details')}
    </Button>
  )
}

function Current({ of }: { of: OwnKey }) {
  const { t } = useTranslation('keys')
  return (
    <Card
      title={t('current')}
      lead={t('currentHint')}
      icon={<KeyRound aria-hidden size={26} />}
      actions={<StateBadge of={of} />}
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Stack>
          <Addresses of={of} />
          <StateText of={of} />
          <Group>
            <Closer of={of} />
            <Button
              component={Link}
              to="/my/keys/settings"
              variant="default"
              size="sm"
              leftSection={<Settings2 aria-hidden size={16} />}
            >
              {t('settings')}
            </Button>
          </Group>
        </Stack>
        <Stack>
          <Life of={of} />
          <Fingerprint value={masterOf(of).fingerprint} of={ownerOf(of) || t('noName')} />
        </Stack>
      </SimpleGrid>
    </Card>
  )
}

function Other({ of }: { of: OwnKey }) {
  return (
    <Box component="li" py="md" style={{ borderTop: '1px solid var(--line)' }}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={4} flex="1 1 16rem">
          <Group gap="xs">
            <Addresses of={of} />
            <StateBadge of={of} />
          </Group>
          <Text size="sm" c="dimmed" component="div">
            <FingerprintGroups value={masterOf(of).fingerprint} />
          </Text>
        </Stack>
        <Closer of={of} />
      </Group>
    </Box>
  )
}

function Nothing() {
  const { t } = useTranslation('keys')
  return (
    <Card>
      <Empty
        icon={<KeyRound aria-hidden size={44} color="var(--mantine-primary-color-filled)" />}
        title={t('empty.title')}
      >
        <Text maw="34rem">{t('empty.text')}</Text>
        <Button component={Link} to="/my/keys/new" size="md" my="sm" leftSection={<Plus aria-hidden size={18} />}>
          {t('make')}
        </Button>
        <Text maw="34rem" size="sm" c="dimmed">
          {t('empty.bring')}
        </Text>
        <Anchor component={Link} to="/my/keys/bring">
          {t('bring')}
        </Anchor>
      </Empty>
    </Card>
  )
}

function Loading() {
  return (
    <Card>
      <Stack>
        <Skeleton h={26} w="40%" />
        <Skeleton h={16} w="70%" />
        <Skeleton h={12} />
        <Skeleton h={60} />
      </Stack>
    </Card>
  )
}

/** All own keys: the current one, and those that still open old mail. */
export function Component() {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const { data: keys, error, isPending } = useOwnKeys()
  const current = keys?.find(({ current }) => current)
  const others = keys?.filter((key) => key !== current) ?? []
  const actions = keys?.length ? (
    <Group gap="xs">
      <Button component={Link} to="/my/keys/bring" variant="default" leftSection={<FileUp aria-hidden size={16} />}>
        {t('bring')}
      </Button>
      <Button component={Link} to="/my/keys/new" leftSection={<Plus aria-hidden size={16} />}>
        {t('make')}
      </Button>
    </Group>
  ) : null
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions}>
      <ErrorNote error={error} words={words} />
      {isPending ? <Loading /> : null}
      {keys?.length === 0 ? <Nothing /> : null}
      {current ? <Current of={current} /> : null}
      {others.length > 0 ? (
        <Card title={t('others')} lead={t('othersLead')}>
          <Box component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
            {others.map((key) => (
              <Other key={masterOf(key).fingerprint} of={key} />
            ))}
          </Box>
        </Card>
      ) : null}
    </Page>
  )
}
