import { Alert, Anchor, Group, SimpleGrid, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, HeartHandshake, LifeBuoy } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useParams } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { When } from '../../parts/times.tsx'
import { AskingButton } from './act-button.tsx'
import { guestQuery, readAgain, removeGuest, resetGuest, upgradeGuest } from './calls.ts'
import { EventsCard } from './events-card.tsx'
import { Facts } from './facts.tsx'
import { GuestState } from './guest-state.tsx'
import type { GuestFile } from './types.ts'

function Help({ guest, onDone }: { guest: GuestFile; onDone(text: string): void }) {
  const { t } = useTranslation('people')
  const navigate = useNavigate()
  const [user, setUser] = useState('')
  const { id, address, mails } = guest
  const leave = () => {
    navigate('/admin/guests')
    void readAgain()
  }
  const words = {
    NO_RECOVERY: t('keys.noRecovery'),
    MAIL_OFF: t('keys.mailOff'),
    NOT_FOUND: t('guests.noUser'),
    ACCESS_DENIED: t('guests.notThatUser'),
  }
  return (
    <Card title={t('guests.help')} icon={<LifeBuoy aria-hidden />}>
      <Group gap="xs">
        <AskingButton
          label={t('guests.reset')}
          title={t('guests.reset')}
          action={t('guests.resetAction')}
          words={words}
          onConfirm={async () => {
            await resetGuest(id)
            onDone(t('guests.resetDone', { address }))
          }}
        >
          <Text>{t('guests.resetText', { address })}</Text>
        </AskingButton>
        <AskingButton
          label={t('guests.upgrade')}
          title={t('guests.upgradeTitle')}
          action={t('guests.upgrade')}
          words={words}
          isReady={user.trim() !== ''}
          onConfirm={async () => {
            await upgradeGuest(id, user)
            leave()
          }}
        >
          <Text>{t('guests.upgradeText')}</Text>
          <TextInput
            type="email"
            label={t('guests.user')}
            autoComplete="off"
            value={user}
            onChange={(event) => setUser(event.currentTarget.value)}
            data-autofocus
          />
        </AskingButton>
        <AskingButton
          label={t('guests.remove')}
          title={t('guests.removeTitle', { address })}
          action={t('guests.remove')}
          words={words}
          onConfirm={async () => {
            await removeGuest(id)
            leave()
          }}
        >
          <Text>{t('guests.removeText', { count: mails })}</Text>
        </AskingButton>
      </Group>
    </Card>
  )
}

export function Component() {
  const { t } = useTranslation('people')
  const { id = '' } = useParams()
  const { data: guest, error } = useQuery(guestQuery(id))
  const [done, setDone] = useState('')
  const back = (
    <Anchor component={Link} to="/admin/guests">
      <Group gap={6} component="span">
        <ArrowLeft aria-hidden size={16} />
        {t('guests.back')}
      </Group>
    </Anchor>
  )
  const yesNo = (is: boolean) => (is ? t('yes') : t('no'))
  return (
    <Page title={guest?.address ?? t('guests.guest')} lead={back}>
      <ErrorNote error={error} words={{ GUEST_UNKNOWN: t('guests.gone'), ACCESS_DENIED: t('denied') }} />
      <div role="status" style={{ position: done ? 'static' : 'absolute' }}>
        {done ? <Alert variant="light">{done}</Alert> : null}
      </div>
      {guest ? (
        <Stack gap="lg">
          <SimpleGrid cols={{ base: 1, lg: guest.rights.change ? 2 : 1 }} style={{ alignItems: 'start' }}>
            <Card title={t('guests.standing')} icon={<HeartHandshake aria-hidden />}>
              <Facts
                rows={[
                  [t('list.state'), <GuestState key="state" guest={guest} />],
                  [t('guests.since'), <When key="since" at={guest.created} />],
                  [t('list.lastSignIn'), <When key="last" at={guest.lastSignIn} />],
                  [t('guests.mails'), String(guest.mails)],
                  [t('sessions.title'), t('sessions.open', { count: guest.sessions })],
                  [t('guests.needsPin'), yesNo(guest.needsPin)],
                  [t('guests.needsFirst'), yesNo(guest.needsFirstPassword)],
                  [t('guests.question'), yesNo(guest.hasQuestion)],
                ]}
              />
            </Card>
            {guest.rights.change ? <Help guest={guest} onDone={setDone} /> : null}
          </SimpleGrid>
          <EventsCard events={guest.events} />
        </Stack>
      ) : error ? null : (
        <Skeleton h={300} />
      )}
    </Page>
  )
}
