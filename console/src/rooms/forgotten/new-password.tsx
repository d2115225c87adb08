import { Text } from '@mantine/core'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate } from 'react-router'
import { PasswordField } from '../../parts/password-field.tsx'
import { fitsPolicy, PasswordRules } from '../../parts/password-rules.tsx'
import { setPassword } from './calls.ts'
import { nothing, useEntered } from './entered.ts'
import { StartOver } from './lost.tsx'
import { Step } from './step.tsx'

export function Component() {
  const { t } = useTranslation('forgotten')
  const { entered, note } = useEntered()
  const [password, setPasswordText] = useState('')
  const rules = useId()
  const { username, code, policy } = entered
  if (entered.isReset) return <Navigate to="/forgotten/password/done" replace />
  if (!policy) return <StartOver />
  const submit = async () => {
    await setPassword(username.trim(), code, password)
    note({ ...nothing, isReset: true })
  }
  return (
    <Step
      title={t('new.title')}
      lead={t('new.lead')}
      at={[4, 4]}
      back="/forgotten/password/code"
      action={t('new.set')}
      isReady={fitsPolicy(password, policy)}
      onSubmit={submit}
      words={{
        PASSWORD_POLICY: t(policy.renewalInterval ? 'new.turnedDownOrTooYoung' : 'new.turnedDown'),
        NOT_ALLOWED_BY_POLICY: t('new.fixed'),
        INVALID_RECOVERY_TOKEN: t('new.late'),
      }}
    >
      {/* So that a password manager keeps the two together. */}
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <Text size="sm">{t('new.for', { name: username.trim() })}</Text>
      <PasswordField
        label={t('new.label')}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPasswordText(event.currentTarget.value)}
        aria-describedby={rules}
        required
      />
      <PasswordRules id={rules} policy={policy} password={password} />
    </Step>
  )
}
