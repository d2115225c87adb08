import { Alert, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../../parts/confirm.tsx'
import { tell } from '../../parts/notices.ts'
import { masterOf, remove, useOwnKeys } from './calls.ts'
import { nothingTyped, ProofFields, proofOf } from './proof.tsx'
import { useRefusals } from './refusals.ts'
import type { DialogueProps } from './renewing.tsx'
import { useWhileOpen } from './while-open.ts'

/** Deletes a key for good; first it says what becomes unreadable. */
export function Deleting({ of, opened, onClose, onGone }: DialogueProps & { onGone(): void }) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const { data: keys = [] } = useOwnKeys()
  const [{ typed, proof }, change] = useWhileOpen(opened, { typed: '', proof: nothingTyped })
  const { fingerprint } = masterOf(of)
  const last = fingerprint.slice(-4).toUpperCase()
  const holdsSecret = of.privateRing !== undefined
  const confirm = async () => {
    await remove(fingerprint, holdsSecret ? proofOf(proof) : null)
    tell(t('deleting.done'))
    onGone()
  }
  const isMeant = typed.trim().toUpperCase() === last
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('deleting.title')}
      action={t('deleting.action')}
      onConfirm={confirm}
      isReady={isMeant && (!holdsSecret || proof.secret !== '')}
      words={words}
    >
      <Alert color="red" variant="light">
        {t(holdsSecret ? 'deleting.text' : 'deleting.textPublic')}
      </Alert>
      {holdsSecret ? <Text size="sm">{t('deleting.advice')}</Text> : null}
      {keys.length === 1 ? <Text size="sm">{t('deleting.last')}</Text> : null}
      {holdsSecret ? <ProofFields value={proof} onChange={(proof) => change({ proof })} allowsAccount /> : null}
      <TextInput
        label={t('deleting.type', { last })}
        value={typed}
        onChange={(event) => change({ typed: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
        required
      />
    </Confirm>
  )
}
