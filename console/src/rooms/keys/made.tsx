import { Button, Group, List, Stack, Text } from '@mantine/core'
import { ArrowRight, CircleCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useSignedIn } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { Fingerprint } from '../../parts/fingerprint.tsx'
import { Page } from '../../parts/page.tsx'
import { masterOf, type OwnKey } from './calls.ts'
import { ownerOf } from './key-state.tsx'

/** A key that has just been made, and what is wise to do next. */
export function Made({ of, isFound }: { of: OwnKey; isFound: boolean }) {
  const { t } = useTranslation('keys')
  const { account } = useSignedIn()
  const { fingerprint } = masterOf(of)
  return (
    <Page title={t('made.title')} lead={t('made.text', { address: account.address })}>
      <Card maw="44rem">
        <Stack>
          <Group gap="sm" wrap="nowrap" role="status">
            <CircleCheck aria-hidden size={36} color="var(--good)" style={{ flexShrink: 0 }} />
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {ownerOf(of)}
            </Text>
          </Group>
          <List spacing="xs">
            <List.Item>{t(isFound ? 'made.found' : 'made.notFound')}</List.Item>
            <List.Item>{t(of.recoveryAvail ? 'made.recovery' : 'made.noRecovery')}</List.Item>
            <List.Item>{t('made.advice')}</List.Item>
          </List>
          <Text size="sm">{t('made.fingerprint')}</Text>
          <Fingerprint value={fingerprint} of={ownerOf(of)} />
          <Group>
            <Button component={Link} to={`/my/keys/${fingerprint}`} rightSection={<ArrowRight aria-hidden size={16} />}>
              {t('made.next')}
            </Button>
            <Button component={Link} to="/my/mail/write" variant="default">
              {t('made.write')}
            </Button>
          </Group>
        </Stack>
      </Card>
    </Page>
  )
}
