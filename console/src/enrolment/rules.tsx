import { Box, Group, Stack, Text } from '@mantine/core'
import { Check, Circle, Dot } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { judge, type PasswordRules, type Rule } from './password-rules.ts'

const FAULTS = ['short', 'long', 'plain', 'unfit', 'own-name', 'common', 'breached', 'reused', 'too-young'] as const

/** Which rule a new password missed, as the server judges it: words for an `ErrorNote`. */
export function useRuleWords(rules: PasswordRules): Readonly<Record<string, string>> {
  const { t } = useTranslation('enrolment')
  return Object.fromEntries(
    FAULTS.map((fault) => [`PASSWORD_POLICY/${fault}`, t(`password.faults.${fault}`, { ...rules })]),
  )
}

const marks = {
  met: <Check size={16} color="var(--good)" aria-hidden />,
  unmet: <Circle size={14} aria-hidden />,
  unknown: <Dot size={22} aria-hidden />,
}

const markOf = ({ isMet }: Rule) => (isMet === null ? marks.unknown : isMet ? marks.met : marks.unmet)

/** What a new password must be like, in words; what it is already is ticked. */
export function Rules({ id, rules, password }: { id: string; rules: PasswordRules; password: string }) {
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
