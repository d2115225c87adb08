import { Button, Group, Skeleton, Stack, VisuallyHidden } from '@mantine/core'
import { Download, FileLock2, MailOpen } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Cancelled } from '../../api/elevation.ts'
import { saveFile } from '../../parts/files.ts'
import { Page } from '../../parts/page.tsx'
import { type Letter, planMail, readableMail, viewMail } from './calls.ts'
import { useTitleFocus } from './focus-title.ts'
import { keptKey } from './held-key.ts'
import { Intake } from './intake.tsx'
import { KeptKeyNote } from './kept-key-note.tsx'
import { keysOf } from './key-ids.ts'
import { LetterView } from './letter-view.tsx'
import { OpeningFault } from './opening-fault.tsx'
import { Underway } from './progress.tsx'
import { asMime, isPart, type Source } from './source.ts'
import { type KeyHeaders, useKey } from './use-key.tsx'

// What is larger is sent once, with what opens the key: that it is needed is asked before.
const LARGE = 4 * 1024 * 1024

interface Open {
  source: Source
  letter: Letter
}

async function opened(source: Source, headers: KeyHeaders, onProgress: (part: number) => void): Promise<Open> {
  const letter = await viewMail(source.mail, { headers, onProgress })
  if (source.armor === null || letter.format !== 'pgp-inline' || !isPart(letter.text)) return { source, letter }
  const whole = { ...source, mail: asMime(source.armor) }
  return { source: whole, letter: await viewMail(whole.mail, { headers }) }
}

const mustAskFirst = async ({ mail }: Source): Promise<boolean> =>
  mail.size > LARGE && keptKey() === null && (await planMail({})).author.needsPassword

/** What was opened, to keep it: as it came, or as it can be read. */
function Keeping({ source, onReadable }: { source: Source; onReadable(): void }) {
  const { t } = useTranslation('mail')
  return (
    <Group gap="xs">
      <Button
        variant="default"
        leftSection={<Download aria-hidden size={16} />}
        onClick={() => saveFile(source.name ?? 'message.eml', source.mail)}
      >
        {t('read.original')}
      </Button>
      <Button variant="default" leftSection={<Download aria-hidden size={16} />} onClick={onReadable}>
        {t('read.readable')}
      </Button>
    </Group>
  )
}

export function Component() {
  const { t } = useTranslation('mail')
  const { withKey, dialog } = useKey()
  const [open, setOpen] = useState<Open | null>(null)
  const [part, setPart] = useState<number | null>(null)
  const [fault, setFault] = useState<{ error: unknown; keys: string[] } | null>(null)
  const isBusy = part !== null

  useTitleFocus(open !== null)

  const attempt = async (source: Source | null, act: () => Promise<void>) => {
    setFault(null)
    setPart(0)
    try {
      await act()
    } catch (error) {
      if (error instanceof Cancelled) return
      setFault({ error, keys: source ? keysOf(await source.mail.slice(0, 200_000).text()) : [] })
    } finally {
      setPart(null)
    }
  }
  const bring = async (bringing: () => Source | Promise<Source>) => {
    let source: Source | null = null
    await attempt(null, async () => {
      source = await bringing()
    })
    const brought = source as Source | null
    if (!brought) return
    await attempt(brought, async () =>
      setOpen(await withKey((headers) => opened(brought, headers, setPart), await mustAskFirst(brought))),
    )
  }
  const saveReadable = ({ source }: Open) =>
    attempt(source, async () => {
      const file = await withKey((headers) => readableMail(source.mail, { headers, onProgress: setPart }))
      saveFile(`${(source.name ?? 'message').replace(/\.(eml|asc)$/i, '')}-readable.eml`, file)
    })

  return (
    <Page
      title={open ? open.letter.headers.subject || t('read.noSubject') : t('read.title')}
      lead={open ? null : t('read.lead')}
      actions={
        open ? (
          <Button leftSection={<MailOpen aria-hidden size={16} />} onClick={() => setOpen(null)}>
            {t('read.another')}
          </Button>
        ) : (
          <Button
            variant="default"
            component={Link}
            to="/my/mail/files"
            leftSection={<FileLock2 aria-hidden size={16} />}
          >
            {t('read.files')}
          </Button>
        )
      }
    >
      <VisuallyHidden role="status">{open ? t('read.opened') : ''}</VisuallyHidden>
      <KeptKeyNote />
      <OpeningFault error={fault?.error ?? null} keys={fault?.keys ?? []} />
      <Underway part={part} label={t('read.opening')} />
      {open ? (
        <Stack gap="lg">
          <LetterView letter={open.letter} />
          <Keeping source={open.source} onReadable={() => saveReadable(open)} />
        </Stack>
      ) : (
        <>
          {isBusy ? (
            <Stack aria-hidden>
              <Skeleton h={120} />
              <Skeleton h={220} />
            </Stack>
          ) : null}
          <div hidden={isBusy}>
            <Intake onSource={(source) => void bring(source)} isBusy={isBusy} />
          </div>
        </>
      )}
      {dialog}
    </Page>
  )
}
