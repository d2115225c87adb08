import { CloseButton, Group, List, Progress, Stack, Text } from '@mantine/core'
import { Paperclip } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { sizeIn } from '../../parts/sizes.ts'
import { FILES_LIMIT, MAIL_LIMIT, sizeOf } from './compose.ts'
import { DropZone } from './drop-zone.tsx'

interface AttachFilesProps {
  value: readonly File[]
  onChange(value: File[]): void
}

/** Files that go along, with how much room they take. */
export function AttachFiles({ value, onChange }: AttachFilesProps) {
  const { t, i18n } = useTranslation('mail')
  const size = (bytes: number) => sizeIn(i18n.language, bytes)
  const used = value.reduce((sum, file) => sum + file.size, 0)
  const isTooLarge = sizeOf(value) > MAIL_LIMIT
  const limit = size(FILES_LIMIT)
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600} id="attachments">
        {t('write.attach')}
      </Text>
      <List listStyleType="none" aria-labelledby="attachments" hidden={value.length === 0}>
        {value.map((file, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two files may have the same name
          <List.Item key={at} icon={<Paperclip aria-hidden size={16} />}>
            <Group gap="xs">
              <Text size="sm">
                {file.name}{' '}
                <Text span size="sm" c="dimmed">
                  {size(file.size)}
                </Text>
              </Text>
              <CloseButton
                size="sm"
                aria-label={t('write.remove', { who: file.name })}
                onClick={() => onChange(value.filter((other) => other !== file))}
              />
            </Group>
          </List.Item>
        ))}
      </List>
      {value.length > 0 ? (
        <>
          <Progress
            value={Math.min(100, (sizeOf(value) / MAIL_LIMIT) * 100)}
            color={isTooLarge ? 'red' : undefined}
            aria-label={t('write.attached', { used: size(used), limit })}
          />
          <Text size="xs" c="dimmed">
            {t('write.attached', { used: size(used), limit })}
          </Text>
        </>
      ) : null}
      {isTooLarge ? (
        <Text size="sm" c="var(--bad)" role="alert">
          {t('write.tooLarge')}
        </Text>
      ) : null}
      <DropZone label={t('write.attach')} multiple onFiles={(files) => onChange([...value, ...files])}>
        <Text size="xs" c="dimmed">
          {t('write.attachHint', { limit })}
        </Text>
      </DropZone>
    </Stack>
  )
}
