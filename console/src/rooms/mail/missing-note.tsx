import { Box, Group, List, Text } from '@mantine/core'
import { CircleCheck, CircleDashed } from 'lucide-react'
import { useTranslation } from 'react-i18next'

/** What is still to do before it can be sent, or that nothing is; told to screen readers as it changes. */
export function MissingNote({ missing }: { missing: readonly string[] }) {
  const { t } = useTranslation('mail')
  const isReady = missing.length === 0
  return (
    <Box role="status">
      <Group gap={6} wrap="nowrap">
        {isReady ? <CircleCheck aria-hidden size={18} color="var(--good)" /> : <CircleDashed aria-hidden size={18} />}
        <Text size="sm" fw={600}>
          {t(isReady ? 'write.ready' : 'write.blocked')}
        </Text>
      </Group>
      {isReady ? null : (
        <List size="sm" mt={4} spacing={2}>
          {missing.map((one) => (
            <List.Item key={one}>{one}</List.Item>
          ))}
        </List>
      )}
    </Box>
  )
}
