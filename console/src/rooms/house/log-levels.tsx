import { NativeSelect, SimpleGrid, Stack, VisuallyHidden } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { type LevelOf, readLevels, setLevel } from './calls.ts'
import { Loaded } from './loaded.tsx'

const KEY = ['house', 'levels']
const levels = ['debug', 'information', 'warning', 'error', 'none'] as const
type Level = (typeof levels)[number]

function Levels({ all }: { all: readonly LevelOf[] }) {
  const { t, i18n } = useTranslation('house')
  const client = useQueryClient()
  const nameOf = (tag: string): string => {
    if (tag === 'all') return t('system.all')
    return i18n.exists(`system.parts.${tag}`, { ns: 'house' }) ? t(`system.parts.${tag as 'SMTPMailer'}`) : tag
  }
  const { mutate, error, data } = useMutation({
    mutationFn: async ({ tag, value }: LevelOf) => {
      await setLevel(tag, value)
      return t('system.levelSet', { part: nameOf(tag), level: t(`system.level.${value as Level}`) })
    },
    // It is shown at once; what the server says stands in the end.
    onMutate: ({ tag, value }) =>
      client.setQueryData(KEY, (before: LevelOf[] = []) =>
        before.map((one) => (tag === 'all' || one.tag === tag ? { ...one, value } : one)),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  })
  const options = levels.map((value) => ({ value, label: t(`system.level.${value}`) }))
  const first = all[0]?.value ?? ''
  const isAlike = all.every(({ value }) => value === first)
  const select = (tag: string, value: string, data: { value: string; label: string; disabled?: boolean }[]) => (
    <NativeSelect
      key={tag}
      label={nameOf(tag)}
      data={data}
      value={value}
      onChange={(event) => mutate({ tag, value: event.currentTarget.value })}
    />
  )
  return (
    <Stack>
      <ErrorNote error={error} />
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {select(
          'all',
          isAlike ? first : '',
          isAlike ? options : [{ value: '', label: t('system.mixed'), disabled: true }, ...options],
        )}
        {all.map(({ tag, value }) => select(tag, value, options))}
      </SimpleGrid>
      <VisuallyHidden role="status">{data ?? ''}</VisuallyHidden>
    </Stack>
  )
}

/** How much each part of the server writes to its log. */
export function LogLevels() {
  const { t } = useTranslation('house')
  const query = useQuery({ queryKey: KEY, queryFn: readLevels })
  return (
    <Card title={t('system.levels')} lead={t('system.levelsLead')}>
      <Loaded query={query} heights={[60, 60, 60]}>
        {(all) => <Levels all={all} />}
      </Loaded>
    </Card>
  )
}
