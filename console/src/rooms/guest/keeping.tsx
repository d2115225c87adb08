import { Button, Stack, Text } from '@mantine/core'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { type Mail, removeMail } from './calls.ts'
import { dropDraft } from './drafts.ts'
import { useFaults } from './faults.ts'
import { FileButton } from './file-button.tsx'

/** A mail as a file to be kept elsewhere, and its removal. */
export function Keeping({ mail: { id, subject } }: { mail: Mail }) {
  const { t } = useTranslation('guest')
  const navigate = useNavigate()
  const faults = useFaults()
  const [isAsked, setAsked] = useState(false)
  const name = `${
    subject
      .replace(/[^\p{L}\p{N} _-]+/gu, ' ')
      .trim()
      .slice(0, 60) || 'mail'
  }.eml`
  const remove = async () => {
    await removeMail(id)
    dropDraft(id)
    navigate('/guest/inbox')
  }
  return (
    <Stack>
      <Card title={t('keep.title')} lead={t('keep.lead')}>
        <Stack align="stretch" gap="sm">
          <FileButton id={id} which="plain" name={name}>
            {t('keep.plain')}
          </FileButton>
          <Text size="sm" c="dimmed">
            {t('keep.plainHint')}
          </Text>
          <FileButton id={id} which="original" name={name}>
            {t('keep.original')}
          </FileButton>
          <Text size="sm" c="dimmed">
            {t('keep.originalHint')}
          </Text>
        </Stack>
      </Card>
      <Card title={t('remove.title')}>
        <Text size="sm" mb="md">
          {t('remove.text')}
        </Text>
        <Button
          fullWidth
          variant="light"
          color="red"
          leftSection={<Trash2 aria-hidden size={16} />}
          onClick={() => setAsked(true)}
        >
          {t('remove.ask')}
        </Button>
        <Confirm
          opened={isAsked}
          onClose={() => setAsked(false)}
          title={t('remove.askTitle')}
          action={t('remove.submit')}
          onConfirm={remove}
          words={faults}
        >
          <Text size="sm">{t('remove.loss')}</Text>
        </Confirm>
      </Card>
    </Stack>
  )
}
