import type { ComponentProps } from 'react'
import { useTranslation } from 'react-i18next'
import { BackLink } from '../../parts/back-link.tsx'
import { Page } from '../../parts/page.tsx'

/** A page below the overview, with the way back to it. */
export function RoomPage(props: ComponentProps<typeof Page>) {
  const { t } = useTranslation('security')
  return <Page back={<BackLink to="/my/security">{t('home')}</BackLink>} {...props} />
}
