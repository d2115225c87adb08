import { Badge, Button, Group, List, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { FingerprintGroups } from '../../parts/fingerprint.tsx'
import { type Brought, masterOf, type OwnKey } from './calls.ts'
import { ownerOf, StateText } from './key-state.tsx'
import { learntOf } from './learnt.ts'

function Learnt({ of, before }: { of: OwnKey; before: readonly OwnKey[] }) {
  const { t } = useTranslation('keys')
  const learnt = learntOf(of, before)
  if (!learnt) return null
  const { secret, addresses, parts, end, revoked } = learnt
  const lines = [
    secret ? t('bringing.learnt.secret') : null,
    addresses > 0 ? t('bringing.learnt.addresses', { count: addresses }) : null,
    parts > 0 ? t('bringing.learnt.parts', { count: parts }) : null,
    end ? t('bringing.learnt.end') : null,
    revoked ? t('bringing.learnt.revoked') : null,
  ].filter((line) => line !== null)
  return (
    <List size="sm">
      {(lines.length > 0 ? lines : [t('bringing.learnt.nothing')]).map((line) => (
        <List.Item key={line}>{line}</List.Item>
      ))}
    </List>
  )
}

/** What became of a file: each key in it, and what was learnt. */
export function BroughtCard({ result, before }: { result: Brought; before: readonly OwnKey[] }) {
  const { t } = useTranslation('keys')
  return (
    <Card title={t('bringing.result')}>
      <Stack gap="lg" role="status">
        {result.keyRings.map((key) => (
          <Stack key={masterOf(key).fingerprint} gap="xs">
            <Group gap="xs">
              <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
                {ownerOf(key) || t('noName')}
              </Text>
              <Badge variant="outline" tt="none" c="var(--mantine-color-text)">
                {t(learntOf(key, before) ? 'bringing.joined' : 'bringing.isNew')}
              </Badge>
            </Group>
            <Text size="sm" component="div" c="dimmed">
              <FingerprintGroups value={masterOf(key).fingerprint} />
            </Text>
            <Learnt of={key} before={before} />
            <StateText of={key} />
            <Text size="sm">{t(key.current ? 'bringing.isCurrent' : 'bringing.notCurrent')}</Text>
            <Group>
              <Button component={Link} to={`/my/keys/${masterOf(key).fingerprint}`} variant="default" size="xs">
                {t('bringing.show')}
              </Button>
            </Group>
          </Stack>
        ))}
        {result.warnings.map(({ error_params: [fingerprint = ''] }) => (
          <Text key={fingerprint} size="sm">
            {t('bringing.left')} {fingerprint}
          </Text>
        ))}
      </Stack>
    </Card>
  )
}
