import { Alert } from '@mantine/core'
import { RotateCcw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Navigate, useLocation } from 'react-router'
import { useGoal } from './entered.ts'

/** Takes who loaded a later page anew back to the first question, which says why. */
export function StartOver() {
  return <Navigate to={`/forgotten/${useGoal()}/who`} replace state={{ isLost: true }} />
}

export function Lost() {
  const { t } = useTranslation('forgotten')
  const { state } = useLocation()
  if (!(state as { isLost?: boolean } | null)?.isLost) return null
  return (
    <Alert role="status" icon={<RotateCcw aria-hidden />} variant="light" color="gray" title={t('lost.title')}>
      {t('lost.text')}
    </Alert>
  )
}
