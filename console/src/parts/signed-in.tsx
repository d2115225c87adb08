import { useQuery } from '@tanstack/react-query'
import { Fragment } from 'react'
import { Navigate, useLocation } from 'react-router'
import { sessionQuery } from '../api/session.ts'
import { placeFor } from '../places-of-session.ts'
import { ElevationDialog } from './elevation-dialog.tsx'
import { Shell } from './shell.tsx'

/** Shows what is inside to who is signed in for good; everybody else is taken to what comes first. */
export function Component() {
  // Whoever comes back to this window should know at once when he is not signed in any more.
  const { data: session } = useQuery({ ...sessionQuery, refetchOnWindowFocus: 'always' })
  const { pathname, search } = useLocation()
  if (session?.state !== 'full') return <Navigate to={placeFor(session ?? null, pathname + search)} replace />
  return (
    // What somebody had begun to type is not for who signed in after him, in another window.
    <Fragment key={session.sessid}>
      <Shell />
      <ElevationDialog />
    </Fragment>
  )
}
