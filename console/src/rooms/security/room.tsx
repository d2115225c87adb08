import { Stack } from '@mantine/core'
import { Outlet } from 'react-router'
import { OtherSessionsOffer } from './other-sessions-offer.tsx'
import { WaitingRemoval } from './waiting-removal.tsx'

/** What stands above every page of this room while it has to be decided. */
export function Component() {
  return (
    <Stack gap="lg">
      <WaitingRemoval />
      <Outlet />
      <OtherSessionsOffer />
    </Stack>
  )
}
