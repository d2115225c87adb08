import {
  Fingerprint,
  Globe,
  KeyRound,
  LifeBuoy,
  Lock,
  type LucideIcon,
  MailQuestion,
  MonitorSmartphone,
  ShieldCheck,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import type { KnownAccount, ListedMethod, Overview, Passkey } from './calls.ts'
import { useInWords } from './in-words.ts'
import classes from './security.module.css'
import { StateRow } from './state-row.tsx'

function Rows({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card title={title}>
      <ul className={classes.list}>{children}</ul>
    </Card>
  )
}

/** The ways that somebody has, each named once. */
export function useWaysInWords() {
  const { t } = useTranslation('security')
  const say = useInWords()
  return (methods: readonly ListedMethod[], passkeys: number): string => {
    const named = methods.map(({ method, target }) => t(`method.${method}`, { target }))
    return say.list([...new Set([...named, ...(passkeys > 0 ? [t('method.passkey')] : [])])])
  }
}

interface ProtectsProps {
  known: KnownAccount
  step: readonly ListedMethod[]
  passkeys: readonly Passkey[]
}

export function Protects({ known: { overview, info }, step, passkeys }: ProtectsProps) {
  const { t } = useTranslation('security')
  const say = useInWords()
  const waysOf = useWaysInWords()
  const { status, configured } = overview.twoFactor
  const { expiration } = info.restrictions.passwordPolicy
  const ways = waysOf(step, passkeys.length)
  const isOff = status !== 'disabled' && !configured
  const state = !isOff
    ? status === 'disabled'
      ? t('row.stepNone')
      : t('row.stepOn', { ways })
    : t(ways ? 'row.stepOffReady' : 'row.stepOff', { ways })
  return (
    <Rows title={t('protects')}>
      <StateRow
        to="password"
        Icon={Lock}
        label={t('row.password')}
        state={
          overview.passwordChangedDate
            ? t('row.passwordChanged', { when: say.when(overview.passwordChangedDate) })
            : t('row.passwordNever')
        }
        standing={expiration.enabled && expiration.inWarningInterval ? 'attention' : 'good'}
      />
      <StateRow
        to="second-step"
        Icon={ShieldCheck}
        label={t('row.step')}
        state={state}
        standing={isOff ? 'attention' : status === 'disabled' ? 'neutral' : 'good'}
      />
      <StateRow
        to="passkeys"
        Icon={Fingerprint}
        label={t('row.passkeys')}
        state={t('row.passkeys', { count: passkeys.length })}
        standing={passkeys.length > 0 ? 'good' : 'neutral'}
      />
    </Rows>
  )
}

export function LeadsBack({ known: { overview, recoveryMethods } }: { known: KnownAccount }) {
  const { t } = useTranslation('security')
  const waysOf = useWaysInWords()
  const left = overview.recoveryCodesLeft
  const { configured } = overview.twoFactor
  const hasWay = recoveryMethods.length > 0
  return (
    <Rows title={t('back')}>
      <StateRow
        to="second-step"
        Icon={MailQuestion}
        label={t('row.recovery')}
        state={hasWay ? t('row.recoveryTo', { ways: waysOf(recoveryMethods, 0) }) : t('row.recoveryNone')}
        standing={hasWay ? 'good' : 'attention'}
      />
      <StateRow
        to="second-step"
        Icon={LifeBuoy}
        label={t('row.codes')}
        state={configured ? t('row.codes', { count: left }) : t('row.codesLater')}
        standing={configured ? (left > 2 ? 'good' : 'attention') : 'neutral'}
      />
    </Rows>
  )
}

const counted: readonly { to: string; Icon: LucideIcon; what: 'appPasswords' | 'sessions' | 'devices' }[] = [
  { to: 'sessions', Icon: MonitorSmartphone, what: 'sessions' },
  { to: 'app-passwords', Icon: KeyRound, what: 'appPasswords' },
  { to: 'sessions', Icon: Globe, what: 'devices' },
]

export function LetIn({ overview }: { overview: Overview }) {
  const { t } = useTranslation('security')
  const counts = { appPasswords: overview.appPasswords, sessions: overview.sessions, devices: overview.trustedDevices }
  const shown = overview.twoFactor.configured ? counted : counted.filter(({ what }) => what !== 'devices')
  return (
    <Rows title={t('letIn')}>
      {shown.map(({ what, ...rest }) => (
        <StateRow key={what} {...rest} label={t(`row.${what}`)} state={t(`row.${what}`, { count: counts[what] })} />
      ))}
    </Rows>
  )
}
