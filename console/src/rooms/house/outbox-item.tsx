import { Badge, Box, Button, Group, Stack, Text } from '@mantine/core'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { When } from '../../parts/times.tsx'
import type { OutboxItem, OutboxState } from './calls.ts'
import { Quoted } from './lines.tsx'
import classes from './outbox.module.css'

const tones: Record<OutboxState, string> = {
  queued: 'var(--mantine-primary-color-filled)',
  sending: 'var(--mantine-primary-color-filled)',
  sent: 'var(--good)',
  failed: 'var(--bad)',
  dropped: 'var(--mantine-color-dimmed)',
}

/** What it is, in words: which letter, or whose mail. */
export function whatIs(t: TFunction<'house'>, item: OutboxItem): string {
  if (item.kind === 'delivery') return item.sender ? t('outbox.from', { sender: item.sender }) : t('outbox.report')
  if (item.channel === 'service') return t('outbox.service')
  return item.letter ? t(`letters.${item.letter as 'password_reset'}`) : t('outbox.byHand')
}

function Times({ item }: { item: OutboxItem }) {
  const { t } = useTranslation('house')
  return (
    <Text size="sm" c="dimmed">
      {t('outbox.created')} <When at={item.created} /> · {t('outbox.tries', { count: item.tries })}
      {item.nextTry ? (
        <>
          {' '}
          · {t('outbox.next')} <When at={item.nextTry} />
        </>
      ) : null}
      {item.ended ? (
        <>
          {' '}
          · {t('outbox.ended')} <When at={item.ended} />
        </>
      ) : null}
    </Text>
  )
}

interface ItemProps {
  item: OutboxItem
  isBusy: boolean
  onRetry(): void
  onDrop(): void
}

/** Something in the outbox, and what can be done with it. */
export function Item({ item, isBusy, onRetry, onDrop }: ItemProps) {
  const { t } = useTranslation('house')
  const recipient = item.recipients.join(', ')
  const words = item.kind === 'delivery' ? [item.outcome, ...Object.values(item.refused)] : [item.outcome]
  const said = [...new Set(words)].filter((one) => one !== '')
  return (
    <Box component="li" className={classes.item ?? ''}>
      <Group justify="space-between" align="flex-start" gap="xs">
        <Stack gap={4} flex="1 1 16rem">
          <Group gap="xs">
            <Badge variant="dot" color={tones[item.state]} c="var(--mantine-color-text)" tt="none" size="lg">
              {t(`outbox.states.${item.state}`)}
            </Badge>
            <Text fw={600}>{recipient}</Text>
          </Group>
          <Text size="sm">{whatIs(t, item)}</Text>
          <Times item={item} />
        </Stack>
        <Group gap="xs">
          {item.mayRetry ? (
            <Button
              size="xs"
              variant="default"
              onClick={onRetry}
              loading={isBusy}
              aria-label={t('outbox.retryOf', { recipient })}
            >
              {t('outbox.retry')}
            </Button>
          ) : null}
          {item.mayDrop ? (
            <Button size="xs" variant="default" onClick={onDrop} aria-label={t('outbox.dropOf', { recipient })}>
              {t('outbox.drop')}
            </Button>
          ) : null}
        </Group>
      </Group>
      {said.length > 0 && item.state !== 'sent' ? (
        <Box mt="xs">
          <Text size="sm" c="dimmed">
            {t('outbox.answer')}:
          </Text>
          <Quoted text={said.join('\n')} />
        </Box>
      ) : null}
    </Box>
  )
}
