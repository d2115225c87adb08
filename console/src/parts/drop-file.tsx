import { Button, FileButton, Group, Text } from '@mantine/core'
import { FileUp } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import classes from './drop-file.module.css'
import { useFileDrop } from './file-drop.ts'

interface DropFileProps {
  onFile(file: File): void
  accept: string
  /** what file, for who does not see what is around */
  label: string
}

/** A place to drop a file, with a button for who does not drag. */
export function DropFile({ onFile, accept, label }: DropFileProps) {
  const { t } = useTranslation()
  const { isOver, target } = useFileDrop(([file]) => file && onFile(file))
  return (
    <div className={classes.drop} data-over={isOver || undefined} {...target}>
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
