import { useQuery } from '@tanstack/react-query'
import { Navigate, Outlet, useLocation } from 'react-router'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Waiting } from '../../parts/waiting.tsx'
import { selfQuery } from './calls.ts'

/** Shows what is inside to a guest who is signed in; everybody else begins at the door, with the mail that he wanted. */
export function Component() {
  const { data: self, isPending, error } = useQuery(selfQuery)
  const { pathname } = useLocation()
  if (isPending) return <Waiting />
  if (error) return <ErrorNote error={error} />
  if (self) return <Outlet />
  const [, id] = /^\/guest\/mail\/([^/]+)$/.exec(pathname) ?? []
  return <Navigate to={id ? `/guest?item=${id}` : '/guest'} replace />
}
