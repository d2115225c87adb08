import { Alert, Box, Button, Group, List, Skeleton, Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Eye, EyeOff, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { queries } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { masterOf, type OwnKey, ownKeysQuery, publish } from './calls.ts'
import { useRefusals } from './refusals.ts'
import { seenQuery } from './world.ts'

/** Shows the switch where it was put, until the server has answered. */
function usePublishing(fingerprint: string) {
  const shown = (isShown: boolean) =>
    queries.setQueryData(ownKeysQuery.queryKey, (keys) =>
      keys?.map((key) => (masterOf(key).fingerprint === fingerprint ? { ...key, published: isShown } : key)),
    )
  return useMutation({
    mutationFn: (isShown: boolean) => publish(fingerprint, isShown),
    onMutate: async (isShown) => {
      // An answer that was asked for before would turn it back.
      await queries.cancelQueries(ownKeysQuery)
      shown(isShown)
    },
    onError: (_error, isShown) => shown(!isShown),
  })
}

function Seen({ fingerprint }: { fingerprint: string }) {
  const { t } = useTranslation('keys')
  const { data: seen, error, isPending, isFetching, refetch } = useQuery(seenQuery(fingerprint))
  const Icon = seen ? Eye : EyeOff
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600}>
          {t('world.now')}
        </Text>
        <Button
          size="xs"
          variant="subtle"
          leftSection={<RefreshCw aria-hidden size={14} />}
          loading={isFetching}
          onClick={() => refetch()}
        >
          {t('world.ask')}
        </Button>
      </Group>
      <Box role="status">
        {isPending ? (
          <Skeleton h={22} w="70%" />
        ) : (
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <Icon aria-hidden size={18} style={{ flexShrink: 0, marginTop: 2 }} />
            {seen ? (
              <Stack gap={2} style={{ overflowWrap: 'anywhere' }}>
                {seen.isRevoked ? <Text size="sm">{t('world.revoked')}</Text> : null}
                <List size="sm" listStyleType="none">
                  {seen.userIds.map((userId) => (
                    <List.Item key={userId}>{userId}</List.Item>
                  ))}
                </List>
              </Stack>
            ) : error ? null : (
              <Text size="sm">{t('world.nothing')}</Text>
            )}
          </Group>
        )}
      </Box>
      <ErrorNote error={error} />
      <Text size="xs" c="dimmed">
        {t('world.delay')}
      </Text>
    </Stack>
  )
}

/** May the world find a key, and what does it see? */
export function WorldCard({ of }: { of: OwnKey }) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const { fingerprint, revoked } = masterOf(of)
  const { mutate, error } = usePublishing(fingerprint)
  // What was pressed shows in the same moment: the list of keys follows a little later.
  const [wanted, setWanted] = useState<boolean | null>(null)
  const press = (isShown: boolean) => {
    setWanted(isShown)
    mutate(isShown, { onSettled: () => setWanted(null) })
  }
  return (
    <Card title={t('world.title')} lead={t('world.lead')}>
      <Stack>
        {revoked ? (
          <Alert color="gray">{t('stateText.revoked')}</Alert>
        ) : (
          <Switch
            label={t('world.shown')}
            description={t(of.published ? 'world.shownHint' : 'world.hiddenHint')}
            checked={wanted ?? of.published}
            onChange={(event) => press(event.currentTarget.checked)}
          />
        )}
        <ErrorNote error={error} words={words} />
        <Seen fingerprint={fingerprint} />
      </Stack>
    </Card>
  )
}
