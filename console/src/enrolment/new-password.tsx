import { Button, Stack } from '@mantine/core'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAttempt } from '../parts/attempt.ts'
import { ErrorNote } from '../parts/error-note.tsx'
import { PasswordField } from '../parts/password-field.tsx'
import { isMetBy, type PasswordRules } from './password-rules.ts'
import { Rules, useRuleWords } from './rules.tsx'

interface NewPasswordProps {
  rules: PasswordRules
  /** whose it is to be, for password managers */
  account: string
  action: string
  /** takes it to where it belongs; what it throws is shown */
  onPassword(password: string): Promise<unknown>
  words?: Readonly<Record<string, string>>
  children?: ReactNode
}

/** A new password: what it has to be, live as one types, and which of that the server missed. */
export function NewPassword({ rules, account, action, onPassword, words = {}, children }: NewPasswordProps) {
  const { t } = useTranslation('enrolment')
  const ruleWords = useRuleWords(rules)
  const id = useId()
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [isOther, setOther] = useState(false)
  const { isBusy, error, attempt } = useAttempt()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setOther(password !== again)
    if (password === again) void attempt(() => onPassword(password))
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        {children}
        {/* Password managers keep the new one under this name. */}
        <input type="text" autoComplete="username" value={account} readOnly hidden />
        <PasswordField
          label={t('password.new')}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          aria-describedby={id}
          required
        />
        <Rules id={id} rules={rules} password={password} />
        <PasswordField
          label={t('password.again')}
          autoComplete="new-password"
          value={again}
          onChange={(event) => {
            setAgain(event.currentTarget.value)
            setOther(false)
          }}
          error={isOther ? t('password.other') : undefined}
          required
        />
        <ErrorNote error={error} words={{ ...words, ...ruleWords }} />
        <Button type="submit" loading={isBusy} disabled={!isMetBy(rules, password) || again === ''}>
          {action}
        </Button>
      </Stack>
    </form>
  )
}
