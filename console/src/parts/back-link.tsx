import { Anchor, Group } from '@mantine/core'
import { ArrowLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'

/** The way back to what a page lies below. */
export function BackLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Anchor component={Link} to={to} size="sm" w="fit-content" py={2}>
      <Group gap={6} wrap="nowrap" component="span">
        <ArrowLeft aria-hidden size={16} />
        {children}
      </Group>
    </Anchor>
  )
}
