import { Checkbox, List, NativeSelect, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../../parts/confirm.tsx'
import { tell } from '../../parts/notices.ts'
import { masterOf, revoke } from './calls.ts'
import { nothingTyped, ProofFields, proofOf } from './proof.tsx'
import { useRefusals } from './refusals.ts'
import type { DialogueProps } from './renewing.tsx'
import { useWhileOpen } from './while-open.ts'

const REASONS = ['no_reason', 'key_superseded', 'key_compromised', 'key_retired', 'user_no_longer_valid'] as const
type Reason = (typeof REASONS)[number]

const POINTS = ['use', 'read', 'world', 'next', 'never'] as const

/** Declares a key invalid, for good; first it says what that means. */
export function Revoking({ of, opened, onClose }: DialogueProps) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const first = { reason: 'no_reason' as Reason, isSure: false, proof: nothingTyped }
  const [{ reason, isSure, proof }, change] = useWhileOpen(opened, first)
  const confirm = async () => {
    await revoke(masterOf(of).fingerprint, proofOf(proof), reason)
    tell(t('revoking.done'))
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('revoking.title')}
      action={t('revoking.action')}
      onConfirm={confirm}
      isReady={isSure && proof.secret !== ''}
      words={words}
    >
      <List size="sm" spacing="xs" aria-label={t('revoking.happens')}>
        {POINTS.map((point) => (
          <List.Item key={point}>{t(`revoking.points.${point}`)}</List.Item>
        ))}
      </List>
      <NativeSelect
        label={t('revoking.reason')}
        value={reason}
        onChange={(event) => change({ reason: event.currentTarget.value as Reason })}
        data={REASONS.map((value) => ({ value, label: t(`revoking.reasons.${value}`) }))}
      />
      <ProofFields
        value={proof}
        onChange={(proof) => change({ proof })}
        accountHint={t('revoking.stored')}
        allowsAccount
      />
      <Checkbox
        label={<Text size="sm">{t('revoking.sure')}</Text>}
        checked={isSure}
        onChange={(event) => change({ isSure: event.currentTarget.checked })}
      />
    </Confirm>
  )
}
