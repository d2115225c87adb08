import { Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate } from 'react-router'
import { PasswordField } from '../../parts/password-field.tsx'
import { loseSecondStep } from './calls.ts'
import { nothing, useEntered } from './entered.ts'
import { StartOver } from './lost.tsx'
import { Step } from './step.tsx'

export function Component() {
  const { t } = useTranslation('forgotten')
  const { entered, note } = useEntered()
  const [password, setPassword] = useState('')
  const { username, code, rules } = entered
  if (entered.due !== null) return <Navigate to="/forgotten/phone/done" replace />
  if (!rules) return <StartOver />
  const submit = async () => {
    const due = await loseSecondStep(username.trim(), password, code)
    note({ ...nothing, due })
  }
  return (
    <Step
      title={t('ask.title')}
      lead={t('ask.lead')}
      at={[4, 4]}
      back="/forgotten/phone/code"
      action={t('ask.submit')}
      isReady={password !== ''}
      onSubmit={submit}
      words={{
        INVALID_RECOVERY_TOKEN: t('ask.wrong'),
        TWO_FACTOR_NOT_ACTIVE: t('ask.unneeded'),
        NOT_ALLOWED_BY_POLICY: t('ask.sameWay'),
      }}
    >
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <PasswordField
        description={t('new.for', { name: username.trim() })}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        required
      />
      <Text size="sm" c="dimmed">
        {t('ask.told')}
      </Text>
    </Step>
  )
}
