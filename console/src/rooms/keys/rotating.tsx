import { Checkbox, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../../parts/confirm.tsx'
import { tell } from '../../parts/notices.ts'
import { masterOf, rotate } from './calls.ts'
import { nothingTyped, ProofFields, proofOf } from './proof.tsx'
import { useRefusals } from './refusals.ts'
import type { DialogueProps } from './renewing.tsx'
import { useWhileOpen } from './while-open.ts'

/** A fresh part to encrypt to. Its secret is locked with the key password: nothing else does. */
export function Rotating({ of, opened, onClose }: DialogueProps) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const [{ proof, retires }, change] = useWhileOpen(opened, { proof: nothingTyped, retires: false })
  const confirm = async () => {
    await rotate(masterOf(of).fingerprint, proofOf(proof), retires)
    tell(t('rotating.done'))
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('rotating.title')}
      action={t('rotating.action')}
      onConfirm={confirm}
      isReady={proof.secret !== ''}
      isHarmless
      words={words}
    >
      <Text size="sm">{t('rotating.text')}</Text>
      <Checkbox
        label={t('rotating.retire')}
        description={t('rotating.retireHint')}
        checked={retires}
        onChange={(event) => change({ retires: event.currentTarget.checked })}
      />
      <ProofFields value={proof} onChange={(proof) => change({ proof })} />
    </Confirm>
  )
}
