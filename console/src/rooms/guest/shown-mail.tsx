import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { urlOf } from '../../api/client.ts'
import { Box } from '../../parts/box.tsx'
import { Card } from '../../parts/card.tsx'
import { absolute, momentOf } from '../../parts/times.tsx'
import { Attachments } from './attachments.tsx'
import { type Mail, type Person, viewPath } from './calls.ts'
import { Facts } from './facts.tsx'
import classes from './mail.module.css'
import { Until } from './until.tsx'
import { Verdict } from './verdict.tsx'

const PER_LINE = 60

/** The frame tells nobody how long what it shows is: a short text gets a short one; whatever is laid out, a large one. */
function heightOf({ text, html }: Mail): string {
  if (/<(img|table)\b/i.test(html)) return '65dvh'
  const blocks = html.match(/<(p|h\d|li|div|br|blockquote)\b/gi)?.length ?? 0
  const lines = text.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / PER_LINE), blocks)
  return `clamp(12rem, ${Math.round(lines * 1.7 + 4)}rem, 65dvh)`
}

const list = (people: readonly Person[]) =>
  people.length === 0
    ? null
    : people.map((one, at) => (
        <span key={one.address}>
          {at > 0 ? ', ' : ''}
          <Box {...one} />
        </span>
      ))

/** A mail, opened: who wrote it and what that is worth, what it says, and what comes with it. */
export function ShownMail({ mail }: { mail: Mail }) {
  const { t, i18n } = useTranslation('guest')
  const { id, headers, date, expires } = mail
  const moment = momentOf(headers.date ?? date)
  return (
    <>
      <Card>
        <Stack>
          <Facts
            facts={[
              [t('mail.from'), list(headers.from)],
              [t('mail.to'), list(headers.to)],
              [t('mail.cc'), list(headers.cc)],
              [t('mail.date'), moment ? absolute(moment, i18n.language) : null],
              [t('mail.until'), <Until key="until" at={expires} />],
            ]}
          />
          <Verdict mail={mail} />
        </Stack>
      </Card>
      <div>
        <iframe
          className={classes.frame}
          style={{ height: heightOf(mail) }}
          src={urlOf(viewPath(id))}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          title={t('mail.content')}
        />
        {mail.blockedRemoteContent ? (
          <Text size="sm" c="dimmed" mt="xs">
            {t('mail.remote')}
          </Text>
        ) : null}
        {mail.isWhole ? null : (
          <Text size="sm" c="dimmed" mt="xs">
            {t('mail.partial')}
          </Text>
        )}
      </div>
      <Attachments mail={mail} />
    </>
  )
}
