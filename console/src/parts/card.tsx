import { Box, Group, Paper, type PaperProps, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'

interface CardProps extends PaperProps {
  title?: ReactNode
  /** a sentence below the title */
  lead?: ReactNode
  /** a picture before the title */
  icon?: ReactNode
  /** beside the title */
  actions?: ReactNode
  children?: ReactNode
}

/** A piece of paper on the page, with a heading of the second order. */
export function Card({ title, lead, icon, actions, children, ...rest }: CardProps) {
  const id = useId()
  return (
    <Paper
      component="section"
      {...(title ? { 'aria-labelledby': id } : {})}
      p={{ base: 'md', sm: 'lg' }}
      bg="var(--card)"
      withBorder
      {...rest}
    >
      {title ? (
        <Group justify="space-between" align="flex-start" mb={children ? 'md' : 0} gap="sm">
          <Group gap="sm" align="flex-start" wrap="nowrap" flex="1 1 14rem">
            {icon ? (
              <Box flex="none" mt={2} style={{ lineHeight: 0 }}>
                {icon}
              </Box>
            ) : null}
            <Box>
              <Title order={2} id={id}>
                {title}
              </Title>
              {lead ? (
                <Text c="dimmed" size="sm" mt={2}>
                  {lead}
                </Text>
              ) : null}
            </Box>
          </Group>
          {actions}
        </Group>
      ) : null}
      {children}
    </Paper>
  )
}
