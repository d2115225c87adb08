import { Alert, Anchor } from '@mantine/core'
import { ShieldAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'react-router'
import { isUnprotected, useSignedIn } from '../api/session.ts'
import { protectPlace } from '../places-of-session.ts'

/** Tells who looks after others that only a password protects all of it; nothing where there is a second step. */
export function ProtectNotice() {
  const { t } = useTranslation()
  const session = useSignedIn()
  const { pathname } = useLocation()
  if (!pathname.startsWith('/admin') || !isUnprotected(session)) return null
  return (
    <Alert role="note" color="brass" variant="light" icon={<ShieldAlert aria-hidden />} mb="lg">
      {t('notice.text')}{' '}
      <Anchor component={Link} to={protectPlace(pathname)} inherit c="inherit" fw={600} underline="always">
        {t('notice.action')}
      </Anchor>
    </Alert>
  )
}
