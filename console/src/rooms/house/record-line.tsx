import { Box, Group, Text, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { absolute } from '../../parts/times.tsx'
import type { RecordLine } from './calls.ts'
import { Quoted } from './lines.tsx'
import classes from './record.module.css'

/** What happened, in words where there are some. */
export function useEventWords(): (event: string) => string {
  const { t, i18n } = useTranslation('house')
  return (event) => (i18n.exists(`events.${event}`, { ns: 'house' }) ? t(`events.${event as 'sign-in.done'}`) : event)
}

const written = (detail: RecordLine['detail']): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n')

/** A line of the record; what else is known of it is below, when it is opened. */
export function Line({ line }: { line: RecordLine }) {
  const { t, i18n } = useTranslation('house')
  const words = useEventWords()
  const id = useId()
  const [isOpen, { toggle }] = useDisclosure()
  const when = absolute(new Date(line.at), i18n.language)
  const event = words(line.event)
  const whose = line.accountAddress ?? (line.account ? t('record.gone', { id: line.account }) : '')
  const actor = line.actorAddress ?? line.actor
  const way = i18n.exists(`protocols.${line.protocol}`, { ns: 'house' })
    ? t(`protocols.${line.protocol as 'mailbox'}`)
    : line.protocol
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <Box component="li" className={classes.line ?? ''}>
      <UnstyledButton
        className={classes.head ?? ''}
        onClick={toggle}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
      >
        <Chevron aria-hidden size={16} className={classes.chevron ?? ''} />
        <Text component="time" size="sm" c="dimmed" dateTime={line.at} className={classes.time ?? ''}>
          {when}
        </Text>
        <Text component="span" fw={600} className={classes.event ?? ''}>
          {event}
        </Text>
        <Text component="span" size="sm" className={classes.whose ?? ''}>
          {whose}
          {actor && actor !== whose ? (
            <Text component="span" size="sm" c="dimmed">
              {' '}
              {t('record.by', { actor })}
            </Text>
          ) : null}
        </Text>
        <Text component="span" size="sm" c="dimmed" className={classes.network ?? ''}>
          {line.network}
        </Text>
      </UnstyledButton>
      {isOpen ? (
        <Box id={id} className={classes.details ?? ''}>
          <Group gap="lg" mb="xs">
            <Text size="sm">
              {t('record.protocol')}: {way}
            </Text>
            {line.account ? (
              <Text size="sm">
                {t('record.account')}: {line.account}
              </Text>
            ) : null}
            {line.actor ? (
              <Text size="sm">
                {t('record.actor')}: {line.actor}
              </Text>
            ) : null}
          </Group>
          <Quoted text={`${line.event}\n${written(line.detail)}`.trim()} />
        </Box>
      ) : null}
    </Box>
  )
}
