import { Alert, Button, Modal, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Fingerprint, Info, Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { elevated } from '../../api/elevation.ts'
import { canAddPasskey, PasskeySetup } from '../../enrolment/passkey-setup.tsx'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Empty } from '../../parts/empty.tsx'
import { overviewQuery, type Passkey, passkeysQuery, readAgain, SECURITY } from './calls.ts'
import { useInWords } from './in-words.ts'
import { ItemRow } from './item-row.tsx'
import { ListCard } from './list-card.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import { RoomPage } from './room-page.tsx'
import { RowActions } from './row-actions.tsx'

interface RowProps {
  passkey: Passkey
  onRename(passkey: Passkey): void
  onRemove(passkey: Passkey): void
}

function Row({ passkey, onRename, onRemove }: RowProps) {
  const { t } = useTranslation('security')
  const say = useInWords()
  const { name, synced, createdDate, lastUsedDate } = passkey
  const used = lastUsedDate ? t('step.lastUsed', { when: say.when(lastUsedDate) }) : t('step.neverUsed')
  return (
    <ItemRow
      Icon={Fingerprint}
      name={name}
      badges={[t(synced ? 'passkeys.synced' : 'passkeys.single')]}
      facts={[`${used} · ${t('step.added', { when: say.when(createdDate) })}`]}
      actions={<RowActions name={name} onRename={() => onRename(passkey)} onRemove={() => onRemove(passkey)} />}
    />
  )
}

/** The passkeys of the account. */
export function Component() {
  const { t } = useTranslation('security')
  const found = useQuery(passkeysQuery)
  const { data: overview } = useQuery(overviewQuery)
  const [isAdding, setAdding] = useState(false)
  const [renamed, setRenamed] = useState<Passkey | null>(null)
  const [removed, setRemoved] = useState<Passkey | null>(null)
  const mayAdd = overview !== undefined && canAddPasskey(overview)
  const add = mayAdd ? (
    <Button leftSection={<Plus aria-hidden size={16} />} onClick={() => setAdding(true)}>
      {t('passkeys.add')}
    </Button>
  ) : null
  const isEmpty = found.data?.length === 0
  return (
    <RoomPage title={t('passkeys.title')} lead={t('passkeys.lead')} actions={isEmpty ? null : add}>
      {overview && !mayAdd ? (
        <Alert color="gray" icon={<Info aria-hidden />}>
          {t('passkeys.unsupported')}
        </Alert>
      ) : null}
      {!overview && !found.error ? (
        <Skeleton h={210} />
      ) : isEmpty ? (
        <Card>
          <Empty icon={<Fingerprint aria-hidden size={32} />} title={t('passkeys.none')}>
            <Text c="dimmed">{t('passkeys.noneText')}</Text>
            {add}
          </Empty>
        </Card>
      ) : (
        <ListCard found={found} empty={null}>
          {(passkey) => <Row key={passkey.id} passkey={passkey} onRename={setRenamed} onRemove={setRemoved} />}
        </ListCard>
      )}
      <Modal
        opened={isAdding}
        onClose={() => setAdding(false)}
        title={t('passkeys.add')}
        closeButtonProps={{ 'aria-label': t('close', { ns: 'common' }) }}
      >
        <PasskeySetup turnsOn={false} onDone={() => setAdding(false)} />
      </Modal>
      <RenameDialog
        name={renamed?.name ?? null}
        onClose={() => setRenamed(null)}
        onName={(name) => call('PUT', `${SECURITY}/passkeys/${renamed?.id}`, { json: { name } })}
      />
      <Confirm
        opened={removed !== null}
        onClose={() => setRemoved(null)}
        title={t('passkeys.removeTitle', { name: removed?.name ?? '' })}
        action={t('remove', { ns: 'common' })}
        words={{ METHOD_IN_USE: t('step.inUse') }}
        onConfirm={async () => {
          await elevated('DELETE', `${SECURITY}/passkeys/${removed?.id}`)
          await readAgain()
        }}
      >
        <Text size="sm">{t('passkeys.removeText')}</Text>
      </Confirm>
    </RoomPage>
  )
}
