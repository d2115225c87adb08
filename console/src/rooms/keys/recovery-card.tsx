import { Stack, Switch, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { tell } from '../../parts/notices.ts'
import { allowRecovery, type OwnKey, refreshKeys, removeRecovery, useKeySettings } from './calls.ts'
import { nothingTyped, ProofFields } from './proof.tsx'
import { useRefusals } from './refusals.ts'
import { useWhileOpen } from './while-open.ts'

/** The second copy with which the server can help who forgets the key password. */
export function RecoveryCard({ current }: { current: OwnKey }) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const { data: house } = useKeySettings()
  const [isOpen, { open, close }] = useDisclosure()
  const [{ proof }, change] = useWhileOpen(isOpen, { proof: nothingTyped })
  const has = current.recoveryAvail
  const { noRecovery = false, noDeleteRecovery = false } = house?.settings ?? {}
  const isFixed = noRecovery || (has && noDeleteRecovery)
  const confirm = async () => {
    await (has ? removeRecovery : allowRecovery)(proof.secret)
    await refreshKeys()
    tell(t(has ? 'own.removed' : 'own.restored'))
  }
  return (
    <Card title={t('own.recovery')}>
      <Stack gap="sm">
        <Switch
          label={t('own.recoverySwitch')}
          description={t(has ? 'own.recoveryOnText' : 'own.recoveryOffText')}
          checked={has}
          disabled={isFixed}
          onChange={open}
        />
        {isFixed ? <Text size="sm">{t(noRecovery ? 'own.recoveryHouse' : 'own.recoveryFixed')}</Text> : null}
      </Stack>
      <Confirm
        opened={isOpen}
        onClose={close}
        title={t(has ? 'own.removeTitle' : 'own.restoreTitle')}
        action={t(has ? 'own.removeAction' : 'own.restoreAction')}
        onConfirm={confirm}
        isReady={proof.secret !== ''}
        isHarmless={!has}
        words={words}
      >
        <Text size="sm">{t(has ? 'own.removeText' : 'own.restoreText')}</Text>
        <ProofFields value={proof} onChange={(proof) => change({ proof })} />
      </Confirm>
    </Card>
  )
}
