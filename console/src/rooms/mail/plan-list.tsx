import { Box, Group, List, Stack, Text } from '@mantine/core'
import { UserPlus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Empty } from '../../parts/empty.tsx'
import type { Planned } from './calls.ts'
import { isAddress, type Person } from './people.ts'
import { useSourceText } from './sources.ts'
import { StateIcon } from './state-icon.tsx'
import { labelOf, type State, stateOf } from './states.ts'
import type en from './words/en.ts'

type Reason = keyof typeof en.plan.reasons

/** How it reaches one person, in a sentence, and what to do where it does not. */
function useHow(): (state: State, planned: Planned | undefined) => string {
  const { t, i18n } = useTranslation('mail')
  const sourceText = useSourceText()
  return (state, planned) => {
    if (state !== 'no') return t(`plan.how.${state}`, { source: sourceText(planned?.key?.source ?? null) })
    const reason = planned?.reason ?? 'other'
    return i18n.exists(`plan.reasons.${reason}`, { ns: 'mail' })
      ? t(`plan.reasons.${reason as Reason}`)
      : t('plan.reasons.other')
  }
}

interface PlanListProps {
  people: readonly Person[]
  plannedOf(person: Person): Planned | undefined
}

/** How a mail reaches everybody, one below the other. */
export function PlanList({ people, plannedOf }: PlanListProps) {
  const { t } = useTranslation('mail')
  const how = useHow()
  if (people.length === 0)
    return (
      <Empty icon={<UserPlus aria-hidden size={28} />} title={t('plan.nobody')}>
        <Text size="sm" c="dimmed">
          {t('plan.nobodyHint')}
        </Text>
      </Empty>
    )
  return (
    <List listStyleType="none" spacing="md">
      {people.map((person) => {
        const planned = isAddress(person.address) ? plannedOf(person) : undefined
        const state = stateOf(person, planned)
        return (
          <List.Item key={person.address} data-state={state}>
            <Group gap="sm" wrap="nowrap" align="flex-start">
              <Box mt={3}>
                <StateIcon state={state} size={20} />
              </Box>
              <Stack gap={0}>
                <Text size="sm" fw={600}>
                  {person.name ? `${person.name} <${person.address}>` : person.address}
                </Text>
                <Text size="sm">{t(`plan.${labelOf(state)}`)}</Text>
                <Text size="sm" c="dimmed">
                  {how(state, planned)}
                </Text>
              </Stack>
            </Group>
          </List.Item>
        )
      })}
    </List>
  )
}
