import { Navigate } from 'react-router'
import { useSession } from '../api/session.ts'
import { placeFor } from '../places-of-session.ts'

/** The address without anything behind it leads to where somebody belongs. */
export function Home() {
  const { data: session } = useSession()
  return <Navigate to={placeFor(session ?? null, null)} replace />
}
