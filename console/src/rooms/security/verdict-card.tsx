import { Box, Button, Group, Paper, Text, Title } from '@mantine/core'
import { ShieldAlert, ShieldCheck, ShieldHalf } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { type Advice, adviceOn, type Known, type Verdict, verdictOn } from './advice.ts'
import { useInWords } from './in-words.ts'
import classes from './security.module.css'

const pictures = {
  strong: [ShieldCheck, classes.good],
  fair: [ShieldHalf, classes.neutral],
  weak: [ShieldAlert, classes.attention],
  danger: [ShieldAlert, classes.attention],
} as const

const places: Partial<Record<NonNullable<Advice>, string>> = {
  'change-password': 'password',
  'second-step': 'second-step',
  'recovery-codes': 'second-step',
  'recovery-address': 'second-step',
}

function useAdviceText({ overview, info }: Known, advice: Advice): string {
  const { t } = useTranslation('security')
  const say = useInWords()
  if (advice === null) return t('advice.none')
  if (advice === 'recovery-codes') return t('advice.recovery-codes', { count: overview.recoveryCodesLeft })
  if (advice === 'change-password')
    return t('advice.change-password', { date: say.date(info.restrictions.passwordPolicy.expiration.date) })
  const { graceEndsDate } = overview.twoFactor
  const grace =
    advice === 'second-step' && graceEndsDate ? ` ${t('advice.grace', { date: say.date(graceEndsDate) })}` : ''
  return t(`advice.${advice}`) + grace
}

const isPasswordOnly = ({ overview }: Known, verdict: Verdict): boolean =>
  verdict === 'fair' && overview.twoFactor.status === 'disabled'

/** How well the account is protected, and the one thing to do next. */
export function VerdictCard({ known }: { known: Known }) {
  const { t } = useTranslation('security')
  const verdict = verdictOn(known)
  const advice = adviceOn(known)
  const text = useAdviceText(known, advice)
  const [Picture, tone] = pictures[verdict]
  const place = advice ? places[advice] : undefined
  return (
    <Paper component="section" aria-labelledby="verdict" p={{ base: 'md', sm: 'xl' }} bg="var(--card)" withBorder>
      <Group gap="md" align="center">
        <span className={`${classes.verdict} ${tone}`}>
          <Picture aria-hidden strokeWidth={1.6} />
        </span>
        <Box flex="1 1 11rem">
          <Title order={2} id="verdict" fz="1.35rem">
            {t(isPasswordOnly(known, verdict) ? 'verdict.fairPassword' : `verdict.${verdict}`)}
          </Title>
          <Text mt={6} maw="44rem">
            {advice ? (
              <Text span fw={600}>
                {t('next')}
                {': '}
              </Text>
            ) : null}
            {text}
          </Text>
        </Box>
        {place ? (
          <Button component={Link} to={place} size="md">
            {t(`advice.${advice as 'second-step'}Action`)}
          </Button>
        ) : null}
      </Group>
    </Paper>
  )
}
