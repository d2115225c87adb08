import { Alert, Button, Checkbox, Stack, Text, Textarea } from '@mantine/core'
import { CircleCheck, Reply as ReplyIcon, Send } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { type Mail, sendReply } from './calls.ts'
import { type Draft, draftOf, dropDraft, keepDraft, newDraft } from './drafts.ts'
import { useFaults } from './faults.ts'
import classes from './mail.module.css'
import { isTooMuch, ReplyFiles } from './reply-files.tsx'
import { useSubmit } from './submit.ts'

const encoded = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ''))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })

async function replyIn({ text, all, quote, files, once }: Draft) {
  const attachments = files.map(async (file) => ({
    name: file.name.slice(0, 200),
    type: file.type || 'application/octet-stream',
    data: await encoded(file),
  }))
  return { text, all, quote, once, attachments: await Promise.all(attachments) }
}

/** An answer to a mail: encrypted, to who wrote it or to all. */
export function Reply({ mail, self }: { mail: Mail; self: string }) {
  const { t } = useTranslation('guest')
  const faults = useFaults()
  const [draft, setDraft] = useState(() => draftOf(mail.id))
  const [isSent, setSent] = useState(false)
  const change = (some: Partial<Draft>) => {
    setSent(false)
    setDraft({ ...draft, ...some })
    keepDraft(mail.id, { ...draft, ...some })
  }
  const { isBusy, error, submit } = useSubmit(async () => {
    if (isTooMuch(draft.files)) return
    await sendReply(mail.id, await replyIn(draft))
    dropDraft(mail.id)
    setDraft(newDraft())
    setSent(true)
  })
  const known = [self, mail.from.address]
  const hasOthers = [...mail.headers.to, ...mail.headers.cc].some(({ address }) => !known.includes(address))
  return (
    <Card
      title={t('reply.title')}
      lead={t('reply.lead')}
      icon={<ReplyIcon aria-hidden size={22} className={classes.icon} />}
    >
      <form onSubmit={submit}>
        <Stack>
          <Textarea
            label={t('reply.text')}
            autosize
            minRows={5}
            maxRows={20}
            maxLength={1_000_000}
            value={draft.text}
            onChange={(event) => change({ text: event.currentTarget.value })}
            required
          />
          {hasOthers ? (
            <Checkbox
              label={t('reply.all')}
              description={t('reply.allHint')}
              checked={draft.all}
              onChange={(event) => change({ all: event.currentTarget.checked })}
            />
          ) : null}
          <Checkbox
            label={t('reply.quote')}
            checked={draft.quote}
            onChange={(event) => change({ quote: event.currentTarget.checked })}
          />
          <ReplyFiles files={draft.files} onChange={(files) => change({ files })} />
          <ErrorNote error={error} words={faults} />
          {isSent ? (
            <Alert role="status" color="green" variant="light" icon={<CircleCheck aria-hidden />}>
              {t('reply.sent')}
            </Alert>
          ) : null}
          <Button
            type="submit"
            size="md"
            w={{ base: '100%', sm: 'fit-content' }}
            leftSection={<Send aria-hidden size={18} />}
            loading={isBusy}
          >
            {t('reply.submit')}
          </Button>
          <Text size="sm" c="dimmed">
            {t('reply.copy')}
          </Text>
        </Stack>
      </form>
    </Card>
  )
}
