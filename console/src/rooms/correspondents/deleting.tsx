import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../../parts/confirm.tsx'
import { bringArmor, deleteKey, shareKey, writeInline } from './calls.ts'
import { useRefresh } from './changes.ts'
import type { Known } from './known.ts'

interface DeletingProps {
  opened: boolean
  onClose(): void
  known: Known
  name: string
}

const LONG_ENOUGH = 15_000

/** Takes a key away. One that was brought can be brought back for a while: this page still has it. */
export function Deleting({ opened, onClose, known, name }: DeletingProps) {
  const { t } = useTranslation('correspondents')
  const refresh = useRefresh()
  const isBrought = known.origin === 'brought'
  const bringBack = async () => {
    const { ids, ring, isShared, isInline } = known
    await bringArmor(ring.ring)
    if (isShared) await shareKey(ids, true)
    if (isInline) await writeInline(ids, true)
    await refresh()
  }
  const offerUndo = () => {
    const id = notifications.show({
      autoClose: LONG_ENOUGH,
      closeButtonProps: { 'aria-label': t('close', { ns: 'common' }) },
      message: (
        <Group justify="space-between">
          <Text size="sm">{t('delete.done', { name })}</Text>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              notifications.hide(id)
              void bringBack()
            }}
          >
            {t('delete.undo')}
          </Button>
        </Group>
      ),
    })
  }
  const remove = async () => {
    await deleteKey(known.ids, isBrought ? 'uploaded' : 'autocrypt')
    if (isBrought) offerUndo()
    await refresh()
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('delete.title', { name })}
      action={t('delete.action')}
      onConfirm={remove}
    >
      <Text size="sm">{t(isBrought ? 'delete.textBrought' : 'delete.textMail')}</Text>
      {known.isShared ? <Text size="sm">{t('delete.textShared')}</Text> : null}
      {known.isVerified ? <Text size="sm">{t('delete.textVerified')}</Text> : null}
    </Confirm>
  )
}
