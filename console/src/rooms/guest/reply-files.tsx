import { ActionIcon, Button, FileButton, Group, Stack, Text } from '@mantine/core'
import { Paperclip, X } from 'lucide-react'
import { type DragEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './mail.module.css'
import { sizeText } from './sizes.ts'

/** What the server takes with one answer. */
export const MOST_BYTES = 7_000_000
export const MOST_FILES = 20

export const isTooMuch = (files: readonly File[]): boolean =>
  files.length > MOST_FILES || files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES

interface ReplyFilesProps {
  files: readonly File[]
  onChange(files: File[]): void
}

/** Files for an answer: chosen, or dropped here. */
export function ReplyFiles({ files, onChange }: ReplyFilesProps) {
  const { t, i18n } = useTranslation('guest')
  const [isOver, setOver] = useState(false)
  const choose = useRef<HTMLButtonElement>(null)
  const add = (more: readonly File[]) => onChange([...files, ...more])
  const over = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    add([...event.dataTransfer.files])
  }
  return (
    // Whoever has no mouse uses the button.
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one of two ways
    <div
      className={`${classes.drop} ${isOver ? classes.over : ''}`}
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group gap="sm">
        <FileButton onChange={add} multiple>
          {(props) => (
            <Button {...props} ref={choose} variant="default" leftSection={<Paperclip aria-hidden size={16} />}>
              {t('reply.files')}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed" flex="1 1 12rem">
          {t('reply.filesHint', { size: sizeText(MOST_BYTES, i18n.language), count: MOST_FILES })}
        </Text>
      </Group>
      {files.length > 0 ? (
        <Stack component="ul" gap={4} mt="sm" className={classes.files ?? ''}>
          {files.map((file, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same file may be there twice
            <Group key={at} component="li" gap="xs" wrap="nowrap">
              <Text size="sm" className={classes.file ?? ''}>
                <bdi>{file.name}</bdi> ({sizeText(file.size, i18n.language)})
              </Text>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('reply.removeFile', { name: file.name })}
                onClick={() => {
                  onChange(files.filter((_, other) => other !== at))
                  choose.current?.focus()
                }}
              >
                <X aria-hidden size={16} />
              </ActionIcon>
            </Group>
          ))}
        </Stack>
      ) : null}
      {isTooMuch(files) ? (
        <Text role="alert" size="sm" c="var(--bad)" mt="xs">
          {t('reply.tooMuch')}
        </Text>
      ) : null}
    </div>
  )
}
