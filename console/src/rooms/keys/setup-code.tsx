import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core'
import { Save } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../parts/copy-button.tsx'
import { saveFile } from '../../parts/files.ts'

export interface Setup {
  message: string
  code: string
}

/** The message that takes a key to another program, and the code that opens it. */
export function SetupCode({ setup, onClose }: { setup: Setup | null; onClose(): void }) {
  const { t } = useTranslation('keys')
  const { t: common } = useTranslation()
  return (
    <Modal
      opened={setup !== null}
      onClose={onClose}
      title={t('setup.title')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <Stack>
        <Text size="sm">{t('setup.text')}</Text>
        <Code block fz="lg" style={{ whiteSpace: 'pre-wrap' }} aria-label={t('setup.code')}>
          {setup?.code}
        </Code>
        <Group justify="flex-end">
          <CopyButton text={setup?.code ?? ''} what={t('setup.code')} />
          <Button
            leftSection={<Save aria-hidden size={16} />}
            onClick={() => setup && saveFile('autocrypt-setup-message.eml', setup.message, 'message/rfc822')}
          >
            {t('setup.save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
