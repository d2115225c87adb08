import { Button, FileButton, Group, Text } from '@mantine/core'
import { FileUp } from 'lucide-react'
import { type DragEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './drop-file.module.css'

interface DropFileProps {
  onFile(file: File): void
  accept: string
  /** what file, for who does not see what is around */
  label: string
}

/** A place to drop a file, with a button for who does not drag. */
export function DropFile({ onFile, accept, label }: DropFileProps) {
  const { t } = useTranslation()
  const [isOver, setOver] = useState(false)
  const over = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file) onFile(file)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for pointers; the button does the same
    <div
      className={classes.drop}
      data-over={isOver || undefined}
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group gap="sm" justify="center">
        <FileUp aria-hidden size={24} color="var(--mantine-primary-color-filled)" />
        <Text size="sm">{t('drop.here')}</Text>
        <FileButton
          onChange={(file) => file && onFile(file)}
          accept={accept}
          inputProps={{ 'aria-label': label, tabIndex: -1 }}
        >
          {({ onClick }) => (
            <Button variant="default" size="xs" onClick={onClick} aria-label={`${t('drop.choose')}: ${label}`}>
              {t('drop.choose')}
            </Button>
          )}
        </FileButton>
      </Group>
    </div>
  )
}
