import { Select, Stack, Switch, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { languages } from '../../words/words.ts'

export interface GuestWish {
  pin: boolean
  language: string
  greeting: string
}

/** As much as the server takes. */
export const GREETING_AT_MOST = 500

interface GuestWishesProps {
  count: number
  /** one of them has no password yet: only then is there a PIN */
  canHavePin: boolean
  value: GuestWish
  onChange(value: GuestWish): void
}

/** What people without a key are told, and how their mail is protected besides. */
export function GuestWishes({ count, canHavePin, value, onChange }: GuestWishesProps) {
  const { t } = useTranslation('mail')
  return (
    <Card title={t('guests.title', { count })} lead={t('guests.lead')}>
      <Stack>
        {canHavePin ? (
          <Switch
            label={t('guests.pin')}
            description={t('guests.pinHint')}
            checked={value.pin}
            onChange={(event) => onChange({ ...value, pin: event.currentTarget.checked })}
          />
        ) : null}
        <Select
          label={t('guests.language')}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          value={value.language}
          onChange={(language) => language && onChange({ ...value, language })}
          allowDeselect={false}
        />
        <Textarea
          label={t('guests.greeting')}
          description={t('guests.greetingHint')}
          value={value.greeting}
          maxLength={GREETING_AT_MOST}
          onChange={(event) => onChange({ ...value, greeting: event.currentTarget.value })}
          autosize
          minRows={2}
        />
      </Stack>
    </Card>
  )
}
