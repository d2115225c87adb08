import { Box, Button, FileButton, Group, Stack, Text } from '@mantine/core'
import { FileUp } from 'lucide-react'
import { type DragEvent, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './drop-zone.module.css'

interface DropZoneProps {
  onFiles(files: File[]): void
  /** several at once */
  multiple?: boolean
  accept?: string
  /** what the files are, for who does not see what is around */
  label: string
  isBusy?: boolean
  children?: ReactNode
}

/** Where files can be dropped, or chosen by a button. */
export function DropZone({ onFiles, multiple = false, accept, label, isBusy = false, children }: DropZoneProps) {
  const { t } = useTranslation('mail')
  const [isOver, setOver] = useState(false)
  const action = t(multiple ? 'drop.chooseMore' : 'drop.choose')
  const over = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const files = [...event.dataTransfer.files]
    if (files.length > 0 && !isBusy) onFiles(multiple ? files : files.slice(0, 1))
  }
  const chosen = (files: File | File[] | null) => {
    const all = files === null ? [] : Array.isArray(files) ? files : [files]
    if (all.length > 0) onFiles(all)
  }
  return (
    <Box
      className={`${classes.zone} ${isOver ? classes.over : ''}`}
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Stack gap="xs" align="center">
        <FileUp aria-hidden size={28} />
        <Group gap="xs" justify="center">
          <Text>{t('drop.here')}</Text>
          <Text c="dimmed">{t('drop.or')}</Text>
          <FileButton
            onChange={chosen}
            multiple={multiple}
            {...(accept ? { accept } : {})}
            inputProps={{ 'aria-label': label }}
          >
            {({ onClick }) => (
              <Button variant="default" onClick={onClick} disabled={isBusy} aria-label={`${label}: ${action}`}>
                {action}
              </Button>
            )}
          </FileButton>
        </Group>
        {children}
      </Stack>
    </Box>
  )
}
