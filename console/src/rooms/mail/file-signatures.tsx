import { Alert, Stack } from '@mantine/core'
import { type LucideIcon, ShieldAlert, ShieldCheck, ShieldOff, ShieldQuestionMark, ShieldX } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Signature } from './calls.ts'
import classes from './letter-view.module.css'
import { SignatureDetails } from './signature-details.tsx'

const icons: Record<Signature['status'], LucideIcon> = {
  valid: ShieldCheck,
  invalid: ShieldX,
  'unknown-key': ShieldQuestionMark,
  'key-expired': ShieldAlert,
  'key-revoked': ShieldX,
}

const isGood = ({ status, trusted }: Signature): boolean => status === 'valid' && trusted

/** Who signed a file, in words. */
export function FileSignatures({ signatures }: { signatures: readonly Signature[] }) {
  const { t } = useTranslation('mail')
  const said = (one: Signature): string => {
    if (one.status === 'valid' && !one.trusted) return t('files.validUnknown')
    return t(`files.${one.status}`, { who: one.signer ?? t('verdict.somebody') })
  }
  const note = (Icon: LucideIcon, text: string, color: string, key: number) => (
    <Alert
      key={key}
      variant="light"
      color={color}
      icon={<Icon aria-hidden />}
      classNames={{ message: classes.note ?? '' }}
    >
      {text}
    </Alert>
  )
  return (
    <Stack gap="sm">
      {signatures.length === 0 ? note(ShieldOff, t('files.unsigned'), 'gray', 0) : null}
      {signatures.map((one, at) =>
        note(
          one.status === 'valid' && !one.trusted ? ShieldQuestionMark : icons[one.status],
          said(one),
          isGood(one) ? 'green' : one.status === 'invalid' || one.status === 'key-revoked' ? 'red' : 'gray',
          at,
        ),
      )}
      <SignatureDetails signatures={signatures} />
    </Stack>
  )
}
