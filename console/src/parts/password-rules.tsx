import { Box, Group, Text, VisuallyHidden } from '@mantine/core'
import { Check, Dot } from 'lucide-react'
import { useTranslation } from 'react-i18next'

/** What holds for a new password, as the mailbox protocol says it. */
export interface PasswordPolicy {
  minLength: number
  maxLength: number
  mustInclude: 'letters' | 'lettersAndNumbers' | 'lettersAndNumbersAndSpecial'
  historySize?: number
  renewalInterval?: number
}

// As the server counts: a letter outside the basic plane is one.
const lengthOf = (password: string): number => [...password].length

const LETTER = /\p{L}/u
const NUMBER = /\p{N}/u
const SPECIAL = /[^\p{L}\p{N}]/u

const contents = {
  letters: [],
  lettersAndNumbers: [['letter', LETTER] as const, ['number', NUMBER] as const],
  lettersAndNumbersAndSpecial: [
    ['letter', LETTER] as const,
    ['number', NUMBER] as const,
    ['special', SPECIAL] as const,
  ],
} as const

/** Does a password keep what can be judged here? The server judges again, and more. */
export const fitsPolicy = (password: string, { minLength, maxLength, mustInclude }: PasswordPolicy): boolean =>
  lengthOf(password) >= minLength &&
  lengthOf(password) <= maxLength &&
  contents[mustInclude].every(([, kind]) => kind.test(password))

/** What a new password must be like, in words; what it is already is ticked. */
export function PasswordRules({ policy, password, id }: { policy: PasswordPolicy; password: string; id?: string }) {
  const { t } = useTranslation()
  const { minLength, maxLength, mustInclude, historySize } = policy
  const length = lengthOf(password)
  const rules: [text: string, isKept: boolean | null][] = [
    [t('passwordRules.length', { count: minLength }), length >= minLength && length <= maxLength],
    ...contents[mustInclude].map(([name, kind]): [string, boolean] => [
      t(`passwordRules.${name}`),
      kind.test(password),
    ]),
    // These are known to the server alone.
    [t('passwordRules.common'), null],
    ...(historySize ? [[t('passwordRules.former', { count: historySize }), null] as [string, null]] : []),
  ]
  return (
    <Box id={id}>
      <Text size="sm">{t('passwordRules.title')}</Text>
      <Box component="ul" m={0} p={0} mt={4} style={{ listStyle: 'none' }}>
        {rules.map(([text, isKept]) => (
          <Group
            key={text}
            component="li"
            gap={6}
            wrap="nowrap"
            align="flex-start"
            c={isKept ? 'var(--good)' : 'dimmed'}
          >
            <Box mt={3} style={{ lineHeight: 0 }}>
              {isKept ? <Check aria-hidden size={16} /> : <Dot aria-hidden size={16} />}
            </Box>
            <Text size="sm">
              {text}
              {isKept ? <VisuallyHidden> – {t('passwordRules.kept')}</VisuallyHidden> : null}
            </Text>
          </Group>
        ))}
      </Box>
    </Box>
  )
}
