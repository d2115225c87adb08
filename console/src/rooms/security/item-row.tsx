import { Badge, Box, Group, Text } from '@mantine/core'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import classes from './security.module.css'

interface ItemRowProps {
  Icon: LucideIcon
  name: string
  badges?: readonly string[]
  /** what is known of it, a line each */
  facts: readonly ReactNode[]
  /** what can be done with it */
  actions?: ReactNode
}

/** One of several things that an account has. */
export function ItemRow({ Icon, name, badges = [], facts, actions }: ItemRowProps) {
  return (
    <li className={classes.item}>
      <span className={classes.picture}>
        <Icon aria-hidden size={18} />
      </span>
      <Box flex="1 1 12rem">
        <Group gap="xs">
          <Text fw={600}>{name}</Text>
          {badges.map((badge) => (
            <Badge key={badge} variant="light" tt="none">
              {badge}
            </Badge>
          ))}
        </Group>
        {facts.map((fact, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: their number and order do not change
          <Text key={index} size="sm" c="dimmed">
            {fact}
          </Text>
        ))}
      </Box>
      {actions ? (
        <Group gap="xs" ml="auto">
          {actions}
        </Group>
      ) : null}
    </li>
  )
}
