import { Anchor, Group, Stack } from '@mantine/core'
import { ArrowLeft } from 'lucide-react'
import type { ComponentProps } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Page } from '../../parts/page.tsx'

/** A page below the overview, with the way back to it. */
export function RoomPage(props: ComponentProps<typeof Page>) {
  const { t } = useTranslation('security')
  return (
    <Stack gap="xs">
      <Anchor component={Link} to="/my/security" size="sm" w="fit-content" py={2}>
        <Group gap={6} wrap="nowrap">
          <ArrowLeft aria-hidden size={16} />
          {t('home')}
        </Group>
      </Anchor>
      <Page {...props} />
    </Stack>
  )
}
