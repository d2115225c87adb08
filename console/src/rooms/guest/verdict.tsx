import { Alert } from '@mantine/core'
import { BadgeCheck, ShieldAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Mail } from './calls.ts'

const ALARMING = ['bad', 'other']

/** What the signature is worth, in words. */
export function Verdict({ mail: { kind, from, verification, signatures } }: { mail: Mail }) {
  const { t } = useTranslation('guest')
  const { result } = verification
  const isFine = result === 'good' || result === 'partly'
  // The house has sent it in the name of a guest: From does not tell who signed.
  const isFor = isFine && !signatures.some(({ matchesSender }) => matchesSender)
  const signer = isFor
    ? signatures.find(({ source, status }) => source === 'guest' && status === 'valid')?.signer
    : null
  const isOwn = kind === 'sent' && signer === from.address
  const usual = signer && result === 'good' ? t('verdict.for', { signer }) : t(`verdict.${result}`)
  return (
    <Alert
      variant="light"
      color={isFine ? 'green' : ALARMING.includes(result) ? 'red' : 'gray'}
      icon={isFine ? <BadgeCheck aria-hidden /> : <ShieldAlert aria-hidden />}
    >
      {isOwn ? t('verdict.own') : usual}
    </Alert>
  )
}
