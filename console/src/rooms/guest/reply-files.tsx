import { ActionIcon, Button, FileButton, Group, Stack, Text } from '@mantine/core'
import { Paperclip, X } from 'lucide-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useFileDrop } from '../../parts/file-drop.ts'
import { sizeIn } from '../../parts/sizes.ts'
import classes from './mail.module.css'

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
  const choose = useRef<HTMLButtonElement>(null)
  const add = (more: readonly File[]) => onChange([...files, ...more])
  const { isOver, target } = useFileDrop(add)
  return (
    <div className={`${classes.drop} ${isOver ? classes.over : ''}`} {...target}>
      <Group gap="sm">
        <FileButton onChange={add} multiple>
          {(props) => (
            <Button {...props} ref={choose} variant="default" leftSection={<Paperclip aria-hidden size={16} />}>
              {t('reply.files')}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed" flex="1 1 12rem">
          {t('reply.filesHint', { size: sizeIn(i18n.language, MOST_BYTES), count: MOST_FILES })}
        </Text>
      </Group>
      {files.length > 0 ? (
        <Stack component="ul" gap={4} mt="sm" className={classes.files ?? ''}>
          {files.map((file, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same file may be there twice
            <Group key={at} component="li" gap="xs" wrap="nowrap">
              <Text size="sm" className={classes.file ?? ''}>
                <bdi>{file.name}</bdi> ({sizeIn(i18n.language, file.size)})
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
