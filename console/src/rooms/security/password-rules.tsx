import { Group, List, Stack, Text, VisuallyHidden } from '@mantine/core'
import { Circle, CircleCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { PasswordRules } from './calls.ts'
import classes from './security.module.css'

const kinds: Record<PasswordRules['contentPolicy']['mustInclude'], readonly RegExp[]> = {
  letters: [],
  lettersAndNumbers: [/\p{L}/u, /\p{N}/u],
  lettersAndNumbersAndSpecial: [/\p{L}/u, /\p{N}/u, /[^\p{L}\p{N}]/u],
}

interface Rule {
  text: string
  isMet: boolean
}

/** What can be seen here of a new password; the rest only the server knows. */
export function useVisibleRules({ contentPolicy }: PasswordRules, current: string, password: string): Rule[] {
  const { t } = useTranslation('security')
  const { minLength, maxLength, mustInclude } = contentPolicy
  // As people count: a letter outside the basic plane is one.
  const { length } = [...password]
  return [
    { text: t('password.least', { count: minLength }), isMet: length >= minLength },
    ...(length > maxLength ? [{ text: t('password.most', { count: maxLength }), isMet: false }] : []),
    ...(mustInclude === 'letters'
      ? []
      : [{ text: t(`password.${mustInclude}`), isMet: kinds[mustInclude].every((kind) => kind.test(password)) }]),
    { text: t('password.different'), isMet: password !== '' && password !== current },
  ]
}

/** The policy in words: what is met shows while somebody types. */
export function PasswordRulesList({ rules, policy }: { rules: readonly Rule[]; policy: PasswordRules }) {
  const { t } = useTranslation('security')
  const hidden = [
    ...(policy.history.enabled ? [t('password.history', { count: policy.history.size })] : []),
    t('password.uncommon'),
  ]
  return (
    <Stack gap="sm">
      <List listStyleType="none" spacing={6} size="sm">
        {rules.map(({ text, isMet }) => (
          <List.Item key={text}>
            <Group gap="xs" wrap="nowrap" align="flex-start" className={isMet ? classes.good : undefined}>
              {isMet ? (
                <CircleCheck aria-hidden size={18} style={{ flex: 'none' }} />
              ) : (
                <Circle aria-hidden size={18} style={{ flex: 'none' }} />
              )}
              <span>
                {text}
                <VisuallyHidden>{`: ${t(isMet ? 'password.met' : 'password.unmet')}`}</VisuallyHidden>
              </span>
            </Group>
          </List.Item>
        ))}
        {hidden.map((text) => (
          <List.Item key={text}>
            <Group gap="xs" wrap="nowrap" align="flex-start">
              <Circle aria-hidden size={18} style={{ flex: 'none' }} />
              <span>{text}</span>
            </Group>
          </List.Item>
        ))}
      </List>
      <Text size="sm" c="dimmed">
        {t('password.tip')}
      </Text>
    </Stack>
  )
}
