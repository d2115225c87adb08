import { Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Outlet } from 'react-router'
import { OtherSessionsOffer } from './other-sessions-offer.tsx'
import { WaitingRemoval } from './waiting-removal.tsx'

/** What stands above every page of this room while it has to be decided. */
export function Component() {
  // The words of the dialogues too: a page must not vanish while one of them opens.
  useTranslation(['security', 'enrolment'])
  return (
    <Stack gap="lg">
      <WaitingRemoval />
      <Outlet />
      <OtherSessionsOffer />
    </Stack>
  )
}
