import { Box, Center, Group, Paper, Stack } from '@mantine/core'
import { Suspense } from 'react'
import { Outlet } from 'react-router'
import { Choices } from './choices.tsx'
import { Mark } from './mark.tsx'
import { Waiting } from './waiting.tsx'

/** The frame of what is done before anybody is signed in: one card in the middle. */
export function Narrow() {
  return (
    <Stack mih="100dvh" gap={0}>
      <Group component="header" justify="space-between" p="md">
        <Mark />
        <Group gap="xs">
          <Choices />
        </Group>
      </Group>
      <Center component="main" id="content" flex={1} p="md" style={{ alignItems: 'flex-start' }}>
        <Paper
          withBorder
          bg="var(--card)"
          p={{ base: 'md', sm: 'xl' }}
          w="100%"
          maw="30rem"
          mt={{ base: 0, sm: '4vh' }}
        >
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </Paper>
      </Center>
      <Box h="md" />
    </Stack>
  )
}
