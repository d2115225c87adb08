import { Box, Group, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import {
  Lock,
  LockOpen,
  type LucideIcon,
  Shield,
  ShieldAlert,
  ShieldCheck,
  ShieldHalf,
  ShieldOff,
  ShieldQuestionMark,
  ShieldX,
  UserX,
} from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Letter } from './calls.ts'
import classes from './letter-view.module.css'
import { type Verdict, verdictOf } from './verdict-of.ts'

/** Each has a shape of its own, so that nobody has to tell colours apart. */
const looks: Record<Verdict, { Icon: LucideIcon; color: string }> = {
  good: { Icon: ShieldCheck, color: 'green' },
  relayed: { Icon: ShieldCheck, color: 'green' },
  partly: { Icon: ShieldHalf, color: 'yellow' },
  other: { Icon: UserX, color: 'orange' },
  unknown: { Icon: ShieldQuestionMark, color: 'gray' },
  unconfirmed: { Icon: Shield, color: 'gray' },
  changedSince: { Icon: ShieldX, color: 'red' },
  expiredThen: { Icon: ShieldAlert, color: 'orange' },
  revoked: { Icon: ShieldX, color: 'red' },
  none: { Icon: ShieldOff, color: 'gray' },
}

function Line({ Icon, children }: { Icon: LucideIcon; children: string }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Icon aria-hidden size={18} className={classes.icon ?? ''} />
      <Text size="sm">{children}</Text>
    </Group>
  )
}

/** Who signed a mail and what that is worth, and whether it was encrypted: in words, with a picture. */
export function VerdictNote({ letter }: { letter: Letter }) {
  const { t } = useTranslation('mail')
  const { verdict, signature } = verdictOf(letter)
  const { Icon, color } = looks[verdict]
  const who = signature?.signer ?? t('verdict.somebody')
  const changed = letter.protectedHeaders.flatMap((header) => (header.changed ? [header.name] : []))
  return (
    <Stack gap="sm" data-verdict={verdict}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <ThemeIcon variant="light" color={color} size={44} radius="xl" aria-hidden>
          <Icon size={26} />
        </ThemeIcon>
        <Box>
          <Title order={2} size="h4">
            {t(`verdict.${verdict}.title`, { who })}
          </Title>
          <Text size="sm">
            {t(`verdict.${verdict}.text`, { who })} {signature?.keyExpired ? t('verdict.keyExpired') : null}
          </Text>
        </Box>
      </Group>
      <Line Icon={letter.encrypted ? Lock : LockOpen}>
        {t(letter.encrypted ? 'verdict.encrypted' : 'verdict.clear')}
      </Line>
      {letter.hasMore && verdict !== 'partly' ? <Line Icon={ShieldAlert}>{t('verdict.hasMore')}</Line> : null}
      {changed.length > 0 ? (
        <Line Icon={ShieldAlert}>{t('verdict.changed', { names: changed.join(', ') })}</Line>
      ) : null}
    </Stack>
  )
}
