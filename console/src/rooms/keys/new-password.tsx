import { PasswordInput, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { PasswordField } from '../../parts/password-field.tsx'

export interface NewPassword {
  fresh: string
  again: string
}

export const noPassword: NewPassword = { fresh: '', again: '' }

export const isChosen = ({ fresh, again }: NewPassword, least: number): boolean =>
  [...fresh].length >= least && fresh === again

interface NewPasswordFieldsProps {
  value: NewPassword
  onChange(value: NewPassword): void
  label: string
  hint: string
  autoFocus?: boolean
}

/** A new password, typed twice: nobody can look it up afterwards. */
export function NewPasswordFields({ value, onChange, label, hint, autoFocus = false }: NewPasswordFieldsProps) {
  const { t } = useTranslation('keys')
  const { fresh, again } = value
  const differs = again !== '' && !fresh.startsWith(again) && fresh !== again
  return (
    <Stack gap="sm">
      <PasswordField
        label={label}
        description={hint}
        autoComplete="new-password"
        value={fresh}
        onChange={(event) => onChange({ ...value, fresh: event.currentTarget.value })}
        {...(autoFocus ? { 'data-autofocus': true } : {})}
        required
      />
      <PasswordInput
        label={t('making.repeat')}
        autoComplete="new-password"
        value={again}
        onChange={(event) => onChange({ ...value, again: event.currentTarget.value })}
        error={differs ? t('making.differs') : null}
        withErrorStyles
        visibilityToggleButtonProps={{ style: { display: 'none' } }}
        required
      />
    </Stack>
  )
}
