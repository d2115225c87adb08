import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { DropZone } from './drop-zone.tsx'
import { dropped, pasted, type Source } from './source.ts'

interface IntakeProps {
  /** what it throws is shown by whoever gives it */
  onSource(bring: () => Source | Promise<Source>): void
  isBusy: boolean
}

/** Brings a mail: as a file that is dropped or chosen, or as text. */
export function Intake({ onSource, isBusy }: IntakeProps) {
  const { t } = useTranslation('mail')
  const [text, setText] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSource(() => pasted(text))
  }
  return (
    <Card>
      <Stack gap="lg">
        <DropZone
          label={t('read.file')}
          accept=".eml,.asc,message/rfc822,text/plain"
          isBusy={isBusy}
          onFiles={([file]) => file && onSource(() => dropped(file))}
        >
          <Text size="sm" c="dimmed" maw="34rem">
            {t('read.fileHint')}
          </Text>
        </DropZone>
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Textarea
              label={t('read.paste')}
              description={t('read.pasteHint')}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              rows={6}
              spellCheck={false}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            />
            <Group>
              <Button type="submit" loading={isBusy} disabled={text.trim() === ''}>
                {t('read.open')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Stack>
    </Card>
  )
}
