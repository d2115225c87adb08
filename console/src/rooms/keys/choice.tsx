import { Badge, Box, Group, Radio, Text } from '@mantine/core'
import classes from './choice.module.css'

interface ChoiceProps {
  value: string
  title: string
  text: string
  badge?: string
}

/** One of a few ways, each with what it means. */
export function Choice({ value, title, text, badge }: ChoiceProps) {
  return (
    <Box className={classes.choice ?? ''}>
      <Radio
        value={value}
        label={
          <Group component="span" gap="xs">
            <Text component="span" fw={600}>
              {title}
            </Text>
            {badge ? (
              <Badge component="span" variant="outline" tt="none" c="var(--mantine-color-text)">
                {badge}
              </Badge>
            ) : null}
          </Group>
        }
        description={
          <Text component="span" size="sm">
            {text}
          </Text>
        }
      />
    </Box>
  )
}
