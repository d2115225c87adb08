import { Alert, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CalendarClock } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Navigate, useSearchParams } from 'react-router'
import { useSession } from '../../api/session.ts'
import { overviewQuery } from '../../enrolment/calls.ts'
import { RecoveryCodes } from '../../enrolment/recovery-codes.tsx'
import { TurnOn } from '../../enrolment/turn-on.tsx'
import { ElevationDialog } from '../../parts/elevation-dialog.tsx'
import { Page } from '../../parts/page.tsx'
import { dayIn, momentOf } from '../../parts/times.tsx'
import { placeFor } from '../../places-of-session.ts'

/** Until when a second step may still be missing, where the policy demands one. */
function Grace() {
  const { t, i18n } = useTranslation('sign-in')
  const { data } = useQuery(overviewQuery)
  const end = momentOf(data?.twoFactor.graceEndsDate)
  if (!end) return null
  const date = dayIn(i18n.language, end, 'full')
  return (
    <Alert role="note" color="yellow" variant="light" icon={<CalendarClock aria-hidden />}>
      {t('protect.grace', { date })}
    </Alert>
  )
}

/** A second step for who has none yet and would do well with one; it can be put off. */
export function Component() {
  const { t } = useTranslation('sign-in')
  const { data: session } = useSession()
  const [asked] = useSearchParams()
  const [codes, setCodes] = useState<string[] | null>(null)
  const next = placeFor(session ?? null, asked.get('to'))
  if (codes)
    return (
      <Page title={t('codesTitle')}>
        <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />
      </Page>
    )
  if (session?.state !== 'full' || session.account.twoFactorAuthConfigured) return <Navigate to={next} replace />
  return (
    <Page title={t('protect.title')} lead={t(session.account.role === 'root' ? 'protect.leadRoot' : 'protect.lead')}>
      <Grace />
      <TurnOn onDone={setCodes} />
      <Button variant="subtle" component={Link} to={next}>
        {t('protect.later')}
      </Button>
      <ElevationDialog />
    </Page>
  )
}
