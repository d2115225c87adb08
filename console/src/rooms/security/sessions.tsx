import { Button, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { call } from '../../api/client.ts'
import { leaveSession } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { devicesQuery, endOtherSessions, sessionsQuery } from './calls.ts'
import { ListCard } from './list-card.tsx'
import { RoomPage } from './room-page.tsx'
import classes from './security.module.css'
import { SessionRow } from './session-row.tsx'
import { TrustedBrowsers } from './trusted-browsers.tsx'

/** Where somebody is signed in, and which browsers are not asked for the second step. */
export function Component() {
  const { t } = useTranslation('security')
  const navigate = useNavigate()
  const found = useQuery(sessionsQuery)
  const devices = useQuery(devicesQuery)
  // What stands below lists would jump as these come.
  const isComing = found.isPending || devices.isPending
  const [asked, setAsked] = useState<'others' | 'everywhere' | null>(null)
  const others = found.data?.filter(({ current }) => !current).length ?? 0
  // The one that somebody sits in is where he looks first.
  const sorted = found.data?.toSorted((a, b) => Number(b.current) - Number(a.current))
  const close = () => setAsked(null)
  return (
    <RoomPage title={t('sessions.title')} lead={t('sessions.lead')}>
      <div className={classes.two}>
        <ListCard
          title={t('sessions.list')}
          found={{ data: isComing ? undefined : sorted, error: found.error }}
          empty={null}
          lead={t('sessions.network')}
        >
          {(session) => <SessionRow key={session.id} session={session} />}
        </ListCard>
        {isComing ? (
          <Skeleton h={480} />
        ) : (
          <Stack gap="lg">
            <TrustedBrowsers />
            <Card title={t('sessions.all')}>
              <Stack gap="sm" align="flex-start">
                <Text size="sm">{t('sessions.allText')}</Text>
                <Button variant="default" onClick={() => setAsked('others')} disabled={others === 0}>
                  {t('sessions.endOthers')}
                </Button>
                <Button variant="default" onClick={() => setAsked('everywhere')}>
                  {t('sessions.everywhere')}
                </Button>
              </Stack>
            </Card>
          </Stack>
        )}
      </div>
      <Confirm
        opened={asked === 'others'}
        onClose={close}
        title={t('sessions.endOthersTitle')}
        action={t('sessions.endOthers')}
        onConfirm={endOtherSessions}
      >
        <Text size="sm">{t('sessions.endOthersText', { count: others })}</Text>
      </Confirm>
      <Confirm
        opened={asked === 'everywhere'}
        onClose={close}
        title={t('sessions.everywhereTitle')}
        action={t('sessions.everywhere')}
        onConfirm={async () => {
          await call('POST', '/api/v1/logout/everywhere')
          await leaveSession()
          navigate('/sign-in')
        }}
      >
        <Text size="sm">{t('sessions.everywhereText')}</Text>
      </Confirm>
    </RoomPage>
  )
}
