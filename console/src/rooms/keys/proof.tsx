import { SegmentedControl, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { PasswordField } from '../../parts/password-field.tsx'
import type { Proof } from './calls.ts'

export interface Typed {
  by: 'key' | 'account'
  secret: string
}

export const nothingTyped: Typed = { by: 'key', secret: '' }

export const proofOf = ({ by, secret }: Typed): Proof =>
  by === 'key' ? { password: secret } : { accountPassword: secret }

interface ProofFieldsProps {
  value: Typed
  onChange(value: Typed): void
  /** does the sign-in password do, where the key password is forgotten? */
  allowsAccount?: boolean
  /** whose text says more about the sign-in password here */
  accountHint?: string
}

/** The key password, or the sign-in password where that does. */
export function ProofFields({ value, onChange, allowsAccount = false, accountHint }: ProofFieldsProps) {
  const { t } = useTranslation('keys')
  const hint = value.by === 'key' ? t('proof.keyHint') : (accountHint ?? t('proof.accountHint'))
  return (
    <Stack gap="xs">
      {allowsAccount ? (
        <SegmentedControl
          fullWidth
          transitionDuration={0}
          aria-label={t('proof.how')}
          value={value.by}
          onChange={(by) => onChange({ by: by as Typed['by'], secret: '' })}
          data={[
            { value: 'key', label: t('proof.key') },
            { value: 'account', label: t('proof.account') },
          ]}
        />
      ) : null}
      <PasswordField
        label={t(value.by === 'key' ? 'proof.key' : 'proof.account')}
        description={hint}
        autoComplete={value.by === 'key' ? 'off' : 'current-password'}
        value={value.secret}
        onChange={(event) => onChange({ ...value, secret: event.currentTarget.value })}
        data-autofocus
        required
      />
    </Stack>
  )
}
