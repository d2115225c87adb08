import { Button, FileButton, Stack, Text } from '@mantine/core'
import { FileUp } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useFileDrop } from '../../parts/file-drop.ts'
import classes from './drop-file.module.css'

/** A place to drop one file, with a button for who does not drag. */
export function DropFile({ onFile, accept }: { onFile(file: File): void; accept: string }) {
  const { t } = useTranslation('keys')
  const { isOver, target } = useFileDrop(([file]) => file && onFile(file))
  return (
    <div className={classes.drop ?? ''} data-over={isOver || undefined} {...target}>
      <Stack align="center" gap="xs">
        <FileUp aria-hidden size={40} color="var(--mantine-primary-color-filled)" />
        <Text fw={600}>{t('bringing.drop')}</Text>
        <Text size="sm" c="dimmed">
          {t('bringing.or')}
        </Text>
        <FileButton onChange={(file) => file && onFile(file)} accept={accept}>
          {(props) => (
            <Button variant="default" {...props}>
              {t('bringing.choose')}
            </Button>
          )}
        </FileButton>
      </Stack>
    </div>
  )
}
