import { Skeleton, Stack, Switch } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { queries } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { changeHabit, keySettingsQuery, type MailHabit, useKeySettings } from './calls.ts'
import { useRefusals } from './refusals.ts'

const HABITS: readonly MailHabit[] = ['pgpdefault', 'pgpsign', 'inline']

const shown = (habit: MailHabit, value: boolean) =>
  queries.setQueryData(
    keySettingsQuery.queryKey,
    (before) => before && { ...before, settings: { ...before.settings, [habit]: value } },
  )

/** How mails are written unless their writer says otherwise. */
export function HabitsCard() {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const { data, error } = useKeySettings()
  const changing = useMutation({
    mutationFn: ({ habit, value }: { habit: MailHabit; value: boolean }) => changeHabit(habit, value),
    onMutate: ({ habit, value }) => shown(habit, value),
    onError: (_error, { habit, value }) => shown(habit, !value),
  })
  return (
    <Card title={t('habits.title')} lead={t('habits.lead')}>
      <Stack>
        <ErrorNote error={error ?? changing.error} words={words} />
        {HABITS.map((habit) =>
          data ? (
            <Switch
              key={habit}
              label={t(`habits.${habit}`)}
              description={t(`habits.${habit}Hint`)}
              checked={data.settings[habit]}
              onChange={(event) => changing.mutate({ habit, value: event.currentTarget.checked })}
            />
          ) : (
            <Skeleton key={habit} h={44} />
          ),
        )}
      </Stack>
    </Card>
  )
}
