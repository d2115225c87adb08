import { Accordion, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../parts/error-note.tsx'
import { tell } from '../../parts/notices.ts'
import { When } from '../../parts/times.tsx'
import { noteBackup, type SetupItem } from './calls.ts'
import { Lines, Quoted } from './lines.tsx'
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
      tell(t(`setup.${code}.noted`))
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
      <Quoted text={words} />
      <Text size="sm">{t(`setup.${code}.mend`)}</Text>
    </>
  )
}

function HowTo({ item }: { item: SetupItem }) {
  const { t } = useTranslation('house')
  const code = item.code as SetupCode
  const lines = stepsOf(item)
  const { lastWords, how } = item.facts
  const isRenewal = code === 'tls' && how === 'certificate'
  if ((code === 'mail' || code === 'sms') && lastWords) return <LastWords code={code} words={String(lastWords)} />
  return (
    <>
      <Text size="sm">{t(isRenewal ? 'setup.tls.renew' : `setup.${code}.how`)}</Text>
      {isRenewal ? null : <Lines text={lines.join('\n')} />}
      {isSetting(item) && !isRenewal ? (
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
        <Group justify="space-between" wrap="nowrap" gap="sm" me="sm">
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
