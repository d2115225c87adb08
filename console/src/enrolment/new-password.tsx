import { Box, Button, Group, Stack, Text } from '@mantine/core'
import { Check, Circle, Dot } from 'lucide-react'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/client.ts'
import { useAttempt } from '../parts/attempt.ts'
import { ErrorNote } from '../parts/error-note.tsx'
import { PasswordField } from '../parts/password-field.tsx'
import { judge, type PasswordRules, type Rule } from './password-rules.ts'

const FAULTS = ['short', 'long', 'plain', 'unfit', 'own-name', 'common', 'breached', 'reused', 'too-young'] as const

const marks = {
  met: <Check size={16} color="var(--good)" aria-hidden />,
  unmet: <Circle size={14} aria-hidden />,
  unknown: <Dot size={22} aria-hidden />,
}

const markOf = ({ isMet }: Rule) => (isMet === null ? marks.unknown : isMet ? marks.met : marks.unmet)

function Rules({ id, rules, password }: { id: string; rules: PasswordRules; password: string }) {
  const { t } = useTranslation('enrolment')
  return (
    <Box id={id}>
      <Text size="sm" fw={600}>
        {t('password.rules')}
      </Text>
      <Stack component="ul" gap={4} p={0} m={0} mt={4} style={{ listStyle: 'none' }}>
        {judge(rules, password).map((rule) => (
          <Group component="li" key={rule.name} gap="xs" wrap="nowrap" fz="sm" align="flex-start">
            <Box w={18} h="1.5em" style={{ display: 'grid', placeItems: 'center', flexShrink: 0 }}>
              {markOf(rule)}
            </Box>
            <span>
              {t(`password.${rule.name}`, { count: rule.count })}
              {rule.isMet ? ` ${t('password.met')}` : ''}
            </span>
          </Group>
        ))}
      </Stack>
    </Box>
  )
}

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
  const id = useId()
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [isOther, setOther] = useState(false)
  const { isBusy, error, attempt } = useAttempt()
  const fault = error instanceof ApiError ? FAULTS.find((one) => one === error.body.passwordFault) : undefined
  const isReady = judge(rules, password).every(({ isMet }) => isMet !== false)
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
        <ErrorNote
          error={error}
          words={{ ...words, ...(fault ? { PASSWORD_POLICY: t(`password.faults.${fault}`, { ...rules }) } : {}) }}
        />
        <Button type="submit" loading={isBusy} disabled={!isReady || again === ''}>
          {action}
        </Button>
      </Stack>
    </form>
  )
}
