import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useAttempt } from './attempt.ts'
import { ErrorNote } from './error-note.tsx'

interface ConfirmProps {
  opened: boolean
  onClose(): void
  title: string
  /** what will be lost, and whether it can be undone */
  children: ReactNode
  /** what the button says: what it does, not "OK" */
  action: string
  /** done when pressed; the dialogue closes when it succeeds, and says why when it does not */
  onConfirm(): Promise<unknown>
  isReady?: boolean
  isHarmless?: boolean
  words?: Readonly<Record<string, string>>
}

/** Asks before something that cannot easily be undone. */
export function Confirm({
  opened,
  onClose,
  title,
  children,
  action,
  onConfirm,
  isReady = true,
  isHarmless = false,
  words = {},
}: ConfirmProps) {
  const { t } = useTranslation()
  const { isBusy, error, setError, attempt } = useAttempt()
  const close = () => {
    setError(null)
    onClose()
  }
  const confirm = async () => {
    if (await attempt(onConfirm)) close()
  }
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void confirm()
        }}
      >
        <Stack>
          {children}
          <ErrorNote error={error} words={words} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {t('cancel')}
            </Button>
            <Button type="submit" color={isHarmless ? undefined : 'red'} loading={isBusy} disabled={!isReady}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
