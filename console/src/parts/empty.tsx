import { Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** Nothing here yet, and what to do about it. */
export function Empty({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" ta="center">
      {icon}
      <Text fw={600}>{title}</Text>
      {children}
    </Stack>
  )
}
