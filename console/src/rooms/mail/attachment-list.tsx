import { Button, Group, List, Stack, Text } from '@mantine/core'
import { Download, File, FileArchive, FileImage, FileText, type LucideIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { saveFile } from '../../parts/files.ts'
import { sizeIn } from '../../parts/sizes.ts'
import { type Attachment, bytesOf } from './calls.ts'

function iconOf(type: string): LucideIcon {
  if (type.startsWith('image/')) return FileImage
  if (type.startsWith('text/') || type === 'application/pdf') return FileText
  return /zip|compressed|tar/.test(type) ? FileArchive : File
}

// A type of its own would let a browser show it: what comes in a mail is saved, never shown here.
const AS_BYTES = 'application/octet-stream'

export function AttachmentList({ attachments }: { attachments: readonly Attachment[] }) {
  const { t, i18n } = useTranslation('mail')
  const { t: common } = useTranslation()
  if (attachments.length === 0) return null
  return (
    <Card title={t('attachments.title', { count: attachments.length })} lead={t('attachments.hint')}>
      <List listStyleType="none" spacing="xs">
        {attachments.map(({ index, name, type, bytes, data }) => {
          const Icon = iconOf(type)
          return (
            <List.Item key={index} styles={{ itemWrapper: { width: '100%' }, itemLabel: { width: '100%' } }}>
              <Group justify="space-between" gap="xs">
                <Group gap="sm" wrap="nowrap" flex="1 1 12rem">
                  <Icon aria-hidden size={20} style={{ flex: '0 0 auto' }} />
                  <Stack gap={0}>
                    <Text size="sm" fw={600}>
                      {name}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {sizeIn(i18n.language, bytes)}
                    </Text>
                  </Stack>
                </Group>
                <Button
                  variant="default"
                  size="compact-sm"
                  leftSection={<Download aria-hidden size={16} />}
                  aria-label={t('attachments.download', { name })}
                  onClick={() => saveFile(name, new Blob([bytesOf(data)], { type: AS_BYTES }))}
                >
                  {common('download')}
                </Button>
              </Group>
            </List.Item>
          )
        })}
      </List>
    </Card>
  )
}
