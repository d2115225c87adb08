import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAttempt } from '../../parts/attempt.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { readAgain } from './calls.ts'

interface RenameDialogProps {
  /** what it is called now; null while nothing is renamed */
  name: string | null
  onClose(): void
  onName(name: string): Promise<unknown>
}

function Form({ name, onClose, onName }: RenameDialogProps) {
  const { t } = useTranslation('security')
  const [wanted, setWanted] = useState(name ?? '')
  const { isBusy, error, attempt } = useAttempt()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const isDone = await attempt(async () => {
      await onName(wanted.trim())
      await readAgain()
    })
    if (isDone) onClose()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('name')}
          description={t('nameHint')}
          value={wanted}
          maxLength={100}
          onChange={(event) => setWanted(event.currentTarget.value)}
          required
          data-autofocus
        />
        <ErrorNote error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel', { ns: 'common' })}
          </Button>
          <Button type="submit" loading={isBusy} disabled={wanted.trim() === ''}>
            {t('save', { ns: 'common' })}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

export function RenameDialog(props: RenameDialogProps) {
  const { t } = useTranslation('security')
  return (
    <Modal
      opened={props.name !== null}
      onClose={props.onClose}
      title={t('renameTitle')}
      closeButtonProps={{ 'aria-label': t('close', { ns: 'common' }) }}
    >
      <Form {...props} />
    </Modal>
  )
}
