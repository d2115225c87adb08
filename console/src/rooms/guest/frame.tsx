import { Box, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Outlet } from 'react-router'
import icon from '../../icon.svg'
import { Choices } from '../../parts/choices.tsx'
import shell from '../../parts/shell.module.css'
import { Waiting } from '../../parts/waiting.tsx'
import { GuestBar } from './bar.tsx'
import { houseQuery, selfQuery } from './calls.ts'
import classes from './frame.module.css'

/** The frame of the pages of guests: whose they are, and little else. */
export function Component() {
  const { t } = useTranslation()
  const { data: house } = useQuery(houseQuery)
  const { data: self } = useQuery(selfQuery)
  return (
    <Stack mih="100dvh" gap={0}>
      <a href="#content" className={shell.skip}>
        {t('skipToContent')}
      </a>
      <header className={classes.header}>
        <Group justify="space-between" py="sm" px={{ base: 'md', sm: 'xl' }} maw="76rem" mx="auto" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <img src={icon} alt="" width={32} height={32} />
            <Box className={classes.house ?? ''}>
              <Text fw={700} size="lg" lh={1.2}>
                {house?.name ?? <Skeleton component="span" display="block" h={20} w={110} my={2} />}
              </Text>
              <Text size="xs" c="dimmed" lh={1.3}>
                {house?.host ?? <Skeleton component="span" display="block" h={12} w={80} my={2} />}
              </Text>
            </Box>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Choices />
          </Group>
        </Group>
        <Suspense>{self ? <GuestBar self={self} /> : null}</Suspense>
      </header>
      <Box component="main" id="content" flex={1} w="100%" maw="76rem" mx="auto" p={{ base: 'md', sm: 'xl' }}>
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </Box>
    </Stack>
  )
}
