import { Group, Stack, Text } from '@mantine/core'
import { Paperclip } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { sizeIn } from '../../parts/sizes.ts'
import type { Mail } from './calls.ts'
import { FileButton } from './file-button.tsx'
import classes from './mail.module.css'

/** What came with a mail, one by one. */
export function Attachments({ mail: { id, attachments } }: { mail: Mail }) {
  const { t, i18n } = useTranslation('guest')
  const { t: common } = useTranslation()
  if (attachments.length === 0) return null
  return (
    <Card
      title={t('mail.attachments')}
      lead={t('mail.attachmentsHint')}
      icon={<Paperclip aria-hidden size={22} className={classes.icon} />}
    >
      <Stack component="ul" gap="xs" className={classes.files ?? ''}>
        {attachments.map(({ index, name, bytes }) => (
          <Group key={index} component="li" justify="space-between" gap="xs">
            <Text className={classes.file ?? ''}>
              <bdi>{name}</bdi>{' '}
              <Text component="span" size="sm" c="dimmed">
                ({sizeIn(i18n.language, bytes)})
              </Text>
            </Text>
            <FileButton
              id={id}
              which={`attachments/${index}`}
              name={name}
              label={`${common('download')}: ${name}`}
              size="xs"
            >
              {common('download')}
            </FileButton>
          </Group>
        ))}
      </Stack>
    </Card>
  )
}
