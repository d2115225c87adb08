import { Anchor, Grid, Skeleton, Stack, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ArrowLeft } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { queries } from '../../api/session.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { inboxQuery, isCode, mailQuery, selfQuery } from './calls.ts'
import { useFaults } from './faults.ts'
import { Keeping } from './keeping.tsx'
import { Reply } from './reply.tsx'
import { ShownMail } from './shown-mail.tsx'

function Opening() {
  const { t } = useTranslation('guest')
  return (
    <Stack gap="lg">
      <VisuallyHidden role="status">{t('mail.opening')}</VisuallyHidden>
      <Skeleton h={34} w="50%" />
      <Skeleton h={190} />
      <Skeleton h={300} />
    </Stack>
  )
}

function Back() {
  const { t } = useTranslation('guest')
  return (
    <Anchor component={Link} to="/guest/inbox" w="fit-content">
      <ArrowLeft aria-hidden size={16} style={{ verticalAlign: 'text-bottom' }} /> {t('mail.back')}
    </Anchor>
  )
}

/** One mail, opened, and all that can be done with it. */
export function Component() {
  const { t } = useTranslation('guest')
  const { id = '' } = useParams()
  const faults = useFaults()
  const { data: self } = useQuery(selfQuery)
  const { data: mail, error, isPending } = useQuery(mailQuery(id))
  useEffect(() => {
    // In the list it is not new any more.
    if (mail) void queries.invalidateQueries({ queryKey: inboxQuery.queryKey })
  }, [mail])
  if (isPending) return <Opening />
  if (!mail) {
    const isGone = isCode(error, 'ITEM_UNKNOWN')
    return (
      <Page title={t(isGone ? 'gone.title' : 'mail.failed')} lead={isGone ? t('gone.text') : null}>
        {isGone ? null : <ErrorNote error={error} words={faults} />}
        <Back />
      </Page>
    )
  }
  return (
    <Stack gap="sm">
      <Back />
      <Page key={id} title={mail.headers.subject || t('mail.noSubject')}>
        <Grid gap={{ base: 'md', md: 'lg' }}>
          <Grid.Col span={{ base: 12, md: 8 }}>
            <Stack>
              <ShownMail mail={mail} />
              {mail.kind === 'received' && self ? <Reply mail={mail} self={self.address} /> : null}
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}>
            <Keeping mail={mail} />
          </Grid.Col>
        </Grid>
      </Page>
    </Stack>
  )
}
