import { Alert, SegmentedControl, Stack, Text } from '@mantine/core'
import { ImageOff } from 'lucide-react'
import { Fragment, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Box } from '../../parts/box.tsx'
import { Card } from '../../parts/card.tsx'
import { absolute, momentOf } from '../../parts/times.tsx'
import { AttachmentList } from './attachment-list.tsx'
import type { Letter, Mailbox } from './calls.ts'
import { HtmlFrame } from './html-frame.tsx'
import classes from './letter-view.module.css'
import { PlainText } from './plain-text.tsx'
import { SignatureDetails } from './signature-details.tsx'
import { VerdictNote } from './verdict.tsx'

function Facts({ headers: { from, to, cc, date } }: Pick<Letter, 'headers'>) {
  const { t, i18n } = useTranslation('mail')
  const people = (boxes: readonly Mailbox[]) =>
    boxes.length === 0
      ? t('read.unknown')
      : boxes.map((box, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they never change their places
          <Fragment key={at}>
            {at > 0 ? ', ' : ''}
            <Box {...box} />
          </Fragment>
        ))
  const moment = momentOf(date)
  return (
    <dl className={classes.facts}>
      <dt>{t('read.from')}</dt>
      <dd>{people(from)}</dd>
      <dt>{t('read.to')}</dt>
      <dd>{people(to)}</dd>
      {cc.length > 0 ? (
        <>
          <dt>{t('read.cc')}</dt>
          <dd>{people(cc)}</dd>
        </>
      ) : null}
      <dt>{t('read.date')}</dt>
      <dd>
        {moment ? <time dateTime={moment.toISOString()}>{absolute(moment, i18n.language)}</time> : t('read.unknown')}
      </dd>
    </dl>
  )
}

function Content({ letter }: { letter: Letter }) {
  const { t } = useTranslation('mail')
  const [look, setLook] = useState<'html' | 'text'>('html')
  const choice = letter.isHtml ? (
    <SegmentedControl
      transitionDuration={0}
      size="xs"
      aria-label={t('letter.look')}
      value={look}
      onChange={setLook}
      data={[
        { value: 'html', label: t('letter.asWritten') },
        { value: 'text', label: t('letter.asText') },
      ]}
    />
  ) : null
  return (
    <Card title={t('letter.title')} actions={choice}>
      <Stack gap="sm">
        {letter.blockedRemoteContent ? (
          <Alert
            variant="light"
            color="gray"
            icon={<ImageOff aria-hidden />}
            classNames={{ message: classes.note ?? '' }}
          >
            {t('letter.remote')}
          </Alert>
        ) : null}
        {letter.isHtml && look === 'html' ? <HtmlFrame html={letter.html} /> : <PlainText text={letter.text} />}
        {letter.isWhole ? null : <Text size="sm">{t('letter.partial')}</Text>}
      </Stack>
    </Card>
  )
}

/** A mail, opened: who wrote it and what that is worth, what it says, and what comes with it. */
export function LetterView({ letter }: { letter: Letter }) {
  return (
    <>
      <Card>
        <Stack>
          <Facts headers={letter.headers} />
          <VerdictNote letter={letter} />
          <SignatureDetails signatures={letter.signatures} />
        </Stack>
      </Card>
      <Content letter={letter} />
      <AttachmentList attachments={letter.attachments} />
    </>
  )
}
