import { Button, Group, Stack } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Role } from './calls.ts'
import type { Person } from './people.ts'
import { PeopleField } from './people-field.tsx'
import type { State } from './states.ts'
import type { Recipients } from './use-plan.ts'

interface RecipientsFieldsProps {
  value: Recipients
  onChange(value: Recipients): void
  stateOf(person: Person): State
}

/** To, and where somebody wants them copies. */
export function RecipientsFields({ value, onChange, stateOf }: RecipientsFieldsProps) {
  const { t } = useTranslation('mail')
  const [hasCopies, setCopies] = useState(false)
  const field = (role: Role, description?: string) => (
    <PeopleField
      label={t(`write.${role}`)}
      {...(description ? { description } : {})}
      value={value[role]}
      onChange={(people) => onChange({ ...value, [role]: people })}
      stateOf={stateOf}
    />
  )
  return (
    <Stack gap="sm">
      {field('to', t('write.peopleHint'))}
      {hasCopies ? (
        <>
          {field('cc')}
          {field('bcc')}
        </>
      ) : (
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<Plus aria-hidden size={14} />}
            onClick={() => setCopies(true)}
          >
            {t('write.more')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
