import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { elevated } from '../../api/elevation.ts'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Empty } from '../../parts/empty.tsx'
import { type AppPassword, appPasswordsQuery, readAgain, SECURITY } from './calls.ts'
import { useInWords } from './in-words.ts'
import { ItemRow } from './item-row.tsx'
import { ListCard } from './list-card.tsx'
import { MakeAppPassword } from './make-app-password.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import { RoomPage } from './room-page.tsx'
import { RowActions } from './row-actions.tsx'

interface RowProps {
  item: AppPassword
  onRename(item: AppPassword): void
  onRemove(item: AppPassword): void
}

function Row({ item, onRename, onRemove }: RowProps) {
  const { t } = useTranslation('security')
  const say = useInWords()
  const { name, scopes, createdDate, lastUsedDate, lastUsedProtocol, lastUsedAddress } = item
  const used = lastUsedDate
    ? t('apps.lastUsed', {
        when: say.when(lastUsedDate),
        protocol: say.protocol(lastUsedProtocol),
        place: say.place(lastUsedAddress),
      })
    : t('apps.neverUsed')
  return (
    <ItemRow
      Icon={KeyRound}
      name={name}
      facts={[
        say.capitalised(say.list(scopes.map((scope) => t(`apps.scopes.${scope}`)))),
        `${used} · ${t('apps.made', { when: say.when(createdDate) })}`,
      ]}
      actions={<RowActions name={name} onRename={() => onRename(item)} onRemove={() => onRemove(item)} />}
    />
  )
}

/** The passwords of single programs. */
export function Component() {
  const { t } = useTranslation('security')
  const found = useQuery(appPasswordsQuery)
  const [isMaking, setMaking] = useState(false)
  const [renamed, setRenamed] = useState<AppPassword | null>(null)
  const [removed, setRemoved] = useState<AppPassword | null>(null)
  const add = (
    <Button leftSection={<Plus aria-hidden size={16} />} onClick={() => setMaking(true)}>
      {t('apps.add')}
    </Button>
  )
  const isEmpty = found.data?.length === 0
  return (
    <RoomPage title={t('apps.title')} lead={t('apps.lead')} actions={isEmpty ? null : add}>
      {isEmpty ? (
        <Card>
          <Empty icon={<KeyRound aria-hidden size={32} />} title={t('apps.none')}>
            <Text c="dimmed">{t('apps.noneText')}</Text>
            {add}
          </Empty>
        </Card>
      ) : (
        <ListCard found={found} empty={null}>
          {(item) => <Row key={item.id} item={item} onRename={setRenamed} onRemove={setRemoved} />}
        </ListCard>
      )}
      <MakeAppPassword opened={isMaking} onClose={() => setMaking(false)} />
      <RenameDialog
        name={renamed?.name ?? null}
        onClose={() => setRenamed(null)}
        onName={(name) => call('PUT', `${SECURITY}/apppasswords/${renamed?.id}`, { json: { name } })}
      />
      <Confirm
        opened={removed !== null}
        onClose={() => setRemoved(null)}
        title={t('apps.removeTitle', { name: removed?.name ?? '' })}
        action={t('remove', { ns: 'common' })}
        onConfirm={async () => {
          await elevated('DELETE', `${SECURITY}/apppasswords/${removed?.id}`)
          await readAgain()
        }}
      >
        <Text size="sm">{t('apps.removeText')}</Text>
      </Confirm>
    </RoomPage>
  )
}
