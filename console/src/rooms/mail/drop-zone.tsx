import { Box, Button, FileButton, Group, Stack, Text } from '@mantine/core'
import { FileUp } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFileDrop } from '../../parts/file-drop.ts'
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
  const action = t(multiple ? 'drop.chooseMore' : 'drop.choose')
  const { isOver, target } = useFileDrop((files) => {
    if (!isBusy) onFiles(multiple ? files : files.slice(0, 1))
  })
  const chosen = (files: File | File[] | null) => {
    const all = files === null ? [] : Array.isArray(files) ? files : [files]
    if (all.length > 0) onFiles(all)
  }
  return (
    <Box className={`${classes.zone} ${isOver ? classes.over : ''}`} {...target}>
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
