import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { leaveSession } from '../../api/session.ts'
import { LinkButton } from '../../parts/second-step.tsx'

/** Out of a sign-in that stands before a hurdle, and back to its beginning. */
export function StartOver() {
  const { t } = useTranslation('sign-in')
  const navigate = useNavigate()
  const leave = async () => {
    await leaveSession()
    navigate('/sign-in')
  }
  return <LinkButton onClick={leave}>{t('startOver')}</LinkButton>
}
