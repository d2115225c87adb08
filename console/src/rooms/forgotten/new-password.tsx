import { Text } from '@mantine/core'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate } from 'react-router'
import { isMetBy, type PasswordRules } from '../../enrolment/password-rules.ts'
import { Rules, useRuleWords } from '../../enrolment/rules.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { setPassword } from './calls.ts'
import { nothing, useEntered } from './entered.ts'
import { StartOver } from './lost.tsx'
import { Step } from './step.tsx'

function Chosen({ rules }: { rules: PasswordRules }) {
  const { t } = useTranslation('forgotten')
  const { entered, note } = useEntered()
  const ruleWords = useRuleWords(rules)
  const [password, setPasswordText] = useState('')
  const id = useId()
  const { username, code } = entered
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
      isReady={isMetBy(rules, password)}
      onSubmit={submit}
      words={{ ...ruleWords, NOT_ALLOWED_BY_POLICY: t('new.fixed'), INVALID_RECOVERY_TOKEN: t('new.late') }}
    >
      {/* So that a password manager keeps the two together. */}
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <Text size="sm">{t('new.for', { name: username.trim() })}</Text>
      <PasswordField
        label={t('new.label')}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPasswordText(event.currentTarget.value)}
        aria-describedby={id}
        required
      />
      <Rules id={id} rules={rules} password={password} />
    </Step>
  )
}

export function Component() {
  const { isReset, rules } = useEntered().entered
  if (isReset) return <Navigate to="/forgotten/password/done" replace />
  return rules ? <Chosen rules={rules} /> : <StartOver />
}
