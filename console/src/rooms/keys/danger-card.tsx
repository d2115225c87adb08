import { Box, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { masterOf, type OwnKey, useKeySettings } from './calls.ts'
import { Deleting } from './deleting.tsx'
import { Revoking } from './revoking.tsx'

function Line({ text, action, onPress }: { text: string; action: string; onPress(): void }) {
  return (
    <Group justify="space-between" gap="md" align="flex-start">
      <Text size="sm" flex="1 1 12rem">
        {text}
      </Text>
      <Button variant="outline" color="red" c="var(--bad)" size="xs" style={{ flexShrink: 0 }} onClick={onPress}>
        {action}
      </Button>
    </Group>
  )
}

/** What cannot be taken back. */
export function DangerCard({ of }: { of: OwnKey }) {
  const { t } = useTranslation('keys')
  const navigate = useNavigate()
  const { data: house } = useKeySettings()
  const [isRevoking, revoking] = useDisclosure()
  const [isDeleting, deleting] = useDisclosure()
  const holdsSecret = of.privateRing !== undefined
  const mayDelete = !(holdsSecret && house?.settings.noDeletePrivate)
  return (
    <Card title={t('danger.title')} lead={t('danger.lead')}>
      <Stack>
        {holdsSecret && !masterOf(of).revoked ? (
          <Line text={t('danger.revokeHint')} action={t('danger.revoke')} onPress={revoking.open} />
        ) : null}
        {mayDelete ? (
          <Line text={t('danger.deleteHint')} action={t('danger.delete')} onPress={deleting.open} />
        ) : (
          <Text size="sm">{t('danger.noDelete')}</Text>
        )}
      </Stack>
      <Box>
        <Revoking of={of} opened={isRevoking} onClose={revoking.close} />
        <Deleting of={of} opened={isDeleting} onClose={deleting.close} onGone={() => navigate('/my/keys')} />
      </Box>
    </Card>
  )
}
