import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Navigate, Outlet, useLocation } from 'react-router'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { Waiting } from '../../parts/waiting.tsx'
import { selfQuery } from './calls.ts'

/** Shows what is inside to a guest who is signed in; everybody else begins at the door, with the mail that he wanted. */
export function Component() {
  const { t } = useTranslation('guest')
  const { data: self, isPending, error } = useQuery(selfQuery)
  const { pathname } = useLocation()
  if (isPending) return <Waiting />
  if (error)
    return (
      <Page title={t('inbox.title')}>
        <ErrorNote error={error} />
      </Page>
    )
  if (self) return <Outlet />
  const [, id] = /^\/guest\/mail\/([^/]+)$/.exec(pathname) ?? []
  return <Navigate to={id ? `/guest?item=${id}` : '/guest'} replace />
}
