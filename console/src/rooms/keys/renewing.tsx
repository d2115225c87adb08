import { Alert, NativeSelect, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../../parts/confirm.tsx'
import { tell } from '../../parts/notices.ts'
import { masterOf, type OwnKey, renew, setExpiry } from './calls.ts'
import { nothingTyped, ProofFields, proofOf } from './proof.tsx'
import { useRefusals } from './refusals.ts'
import { useWhileOpen } from './while-open.ts'

export interface DialogueProps {
  of: OwnKey
  opened: boolean
  onClose(): void
}

const LENGTHS = ['365', '730', '1825', '0', 'date'] as const
type Length = (typeof LENGTHS)[number]

const DAY = 86_400_000
const dayAfter = (time: number): string => new Date(time + DAY).toISOString().slice(0, 10)

// The key ends with that day, wherever its owner is.
const endOfDay = (day: string): number => new Date(`${day}T23:59:59`).getTime()

/** Moves the end of a key. */
export function Renewing({ of, opened, onClose }: DialogueProps) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const [state, change] = useWhileOpen(opened, { length: '730' as Length, day: '', proof: nothingTyped })
  const { length, day, proof } = state
  const { fingerprint } = masterOf(of)
  const confirm = async () => {
    if (length === 'date') await setExpiry(fingerprint, proofOf(proof), endOfDay(day))
    else await renew(fingerprint, proofOf(proof), Number(length))
    tell(t('renewing.done'))
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('renewing.title')}
      action={t('renewing.action')}
      onConfirm={confirm}
      isReady={proof.secret !== '' && (length !== 'date' || day !== '')}
      isHarmless
      words={words}
    >
      <Text size="sm">{t('renewing.text')}</Text>
      <NativeSelect
        label={t('renewing.length')}
        value={length}
        onChange={(event) => change({ length: event.currentTarget.value as Length })}
        data={LENGTHS.map((value) => ({ value, label: t(`renewing.lengths.${value}`) }))}
      />
      {length === 'date' ? (
        <TextInput
          type="date"
          label={t('renewing.date')}
          min={dayAfter(Date.now())}
          value={day}
          onChange={(event) => change({ day: event.currentTarget.value })}
          required
        />
      ) : null}
      {length === '0' ? <Alert color="orange">{t('renewing.forEver')}</Alert> : null}
      <ProofFields value={proof} onChange={(proof) => change({ proof })} allowsAccount={of.recoveryAvail} />
    </Confirm>
  )
}
