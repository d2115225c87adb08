import { Accordion, Badge, Button, Code, Group, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../parts/copy-button.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { When } from '../../parts/times.tsx'
import { noteBackup, type SetupItem } from './calls.ts'
import { type SetupCode, sentenceOf } from './setup-sentence.ts'
import { isSetting, stepsOf } from './setup-steps.ts'

const moments = ['lastSent', 'lastFailed', 'expires', 'lastDone'] as const

/** When things happened that this is about, as far as they did. */
export function Moments({ facts }: Pick<SetupItem, 'facts'>) {
  const { t } = useTranslation('house')
  const known = moments.flatMap((name) => (typeof facts[name] === 'number' ? [{ name, at: facts[name] }] : []))
  if (known.length === 0) return null
  return (
    <Text size="sm" c="dimmed">
      {known.map(({ name, at }, index) => (
        <span key={name}>
          {index > 0 ? ' · ' : ''}
          {t(`todo.${name}`)}: <When at={at} />
        </span>
      ))}
    </Text>
  )
}

/** That somebody has made the backup, which the server cannot see by itself. */
function Done({ code }: { code: 'backup' | 'key-file' }) {
  const { t } = useTranslation('house')
  const client = useQueryClient()
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => noteBackup(code === 'backup' ? 'database' : 'key-file'),
    async onSuccess() {
      notifications.show({ message: t(`setup.${code}.noted`) })
      await client.invalidateQueries({ queryKey: ['house', 'setup'] })
    },
  })
  return (
    <>
      <Text size="sm">{t(`setup.${code}.script`)}</Text>
      <ErrorNote error={error} />
      <Button variant="default" onClick={() => mutate()} loading={isPending} style={{ alignSelf: 'flex-start' }}>
        {t(`setup.${code}.done`)}
      </Button>
    </>
  )
}

/** What somebody else's server said of our last try. */
function LastWords({ code, words }: { code: 'mail' | 'sms'; words: string }) {
  const { t } = useTranslation('house')
  return (
    <>
      <Code block>{words}</Code>
      <Text size="sm">{t(`setup.${code}.mend`)}</Text>
    </>
  )
}

function HowTo({ item }: { item: SetupItem }) {
  const { t } = useTranslation('house')
  const code = item.code as SetupCode
  const lines = stepsOf(item)
  const { lastWords, expires } = item.facts
  if ((code === 'mail' || code === 'sms') && lastWords) return <LastWords code={code} words={String(lastWords)} />
  return (
    <>
      <Text size="sm">{t(code === 'tls' && expires ? 'setup.tls.renew' : `setup.${code}.how`)}</Text>
      {code === 'tls' && expires ? null : (
        <Group align="flex-start" gap="xs">
          <Code block flex="1 1 16rem">
            {lines.join('\n')}
          </Code>
          <CopyButton text={lines.join('\n')} what={t('todo.whatToCopy')} size="xs" />
        </Group>
      )}
      {isSetting(item) && !expires ? (
        <Text size="sm" c="dimmed">
          {t('todo.where')}
        </Text>
      ) : null}
    </>
  )
}

/** Something that wants doing: closed, that it does; open, why and how. */
export function Todo({ item }: { item: SetupItem }) {
  const { t } = useTranslation('house')
  const code = item.code as SetupCode
  const isMissing = item.state === 'missing'
  return (
    <Accordion.Item value={code}>
      <Accordion.Control>
        <Group justify="space-between" wrap="nowrap" gap="sm">
          <Text fw={600}>{t(`setup.${code}.title`)}</Text>
          <Badge
            variant="outline"
            color={isMissing ? 'var(--bad)' : 'gray'}
            c={isMissing ? 'var(--bad)' : 'dimmed'}
            flex="none"
            tt="none"
          >
            {t(isMissing ? 'todo.missing' : 'todo.advice')}
          </Badge>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">
          <Text>{sentenceOf(t, item)}</Text>
          <Moments facts={item.facts} />
          <HowTo item={item} />
          {code === 'backup' || code === 'key-file' ? <Done code={code} /> : null}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  )
}
