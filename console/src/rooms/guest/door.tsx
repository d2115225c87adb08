import { Alert, Anchor, Grid, Stack, Text } from '@mantine/core'
import { MailQuestionMark } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Box } from '../../parts/box.tsx'
import { Card } from '../../parts/card.tsx'
import { Page } from '../../parts/page.tsx'
import { absolute, momentOf } from '../../parts/times.tsx'
import { About } from './about.tsx'
import type { Arrival } from './calls.ts'
import { Facts } from './facts.tsx'
import { FirstForm } from './first-form.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { Until } from './until.tsx'

/** A form, and beside it what this is all about. */
export function DoorPage({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation('guest')
  const about = useRef<HTMLDivElement>(null)
  const showAbout = () => {
    about.current?.scrollIntoView()
    about.current?.focus()
  }
  return (
    <Page title={title} lead={lead}>
      <Anchor component="button" type="button" hiddenFrom="md" w="fit-content" ta="start" onClick={showAbout}>
        {t('about.jump')}
      </Anchor>
      <Grid gap={{ base: 'md', md: 'xl' }}>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack>{children}</Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <About ref={about} />
        </Grid.Col>
      </Grid>
    </Page>
  )
}

/** Which mail it is about, as far as the link tells. */
function Waiting({ arrival: { from, to, date, expires } }: { arrival: Arrival }) {
  const { t, i18n } = useTranslation('guest')
  const sent = momentOf(date)
  if (!from) return null
  return (
    <Card title={t('waiting.title')}>
      <Facts
        facts={[
          [t('mail.from'), <Box key="from" {...from} />],
          [t('mail.to'), to],
          [t('mail.date'), sent ? absolute(sent, i18n.language) : null],
          [t('mail.until'), <Until key="until" at={expires} />],
        ]}
      />
    </Card>
  )
}

// In a sentence of ours a name must not turn the rest of it about (Unicode's marks of direction).
const plainName = (name: string): string =>
  name.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').slice(0, 80)

/** The way in for whoever has a link to a mail. */
export function Door({ item, arrival }: { item: string; arrival: Arrival }) {
  const { t } = useTranslation('guest')
  const { door, from, to, pinNeeded } = arrival
  if (door === 'gone')
    return (
      <DoorPage title={t('gone.title')} lead={t('gone.text')}>
        <Card title={t('gone.others')} lead={t('gone.othersText')} icon={<MailQuestionMark aria-hidden size={24} />}>
          <SignInForm />
        </Card>
      </DoorPage>
    )
  const sender = plainName(from?.name || from?.address || '')
  return (
    <DoorPage
      title={t('door.title', { sender })}
      lead={t(door === 'first' || door === 'mailed' ? `door.${door}` : 'door.password')}
    >
      <Waiting arrival={arrival} />
      {door === 'first' ? (
        <Card title={t('first.title')} lead={t('first.lead')}>
          <FirstForm item={item} arrival={arrival} />
        </Card>
      ) : (
        <Card title={t('signIn.title')}>
          {door === 'mailed' ? (
            <Alert mb="md" variant="light" color="brass">
              <Text size="sm">{t('signIn.mailed')}</Text>
            </Alert>
          ) : null}
          <SignInForm item={item} to={to} pinNeeded={pinNeeded} />
        </Card>
      )}
    </DoorPage>
  )
}
