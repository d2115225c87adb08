import { Box, List, Text } from '@mantine/core'
import { CircleCheck, CircleDashed } from 'lucide-react'
import { useTranslation } from 'react-i18next'

/** What is still to do before it can be sent, or that nothing is; told to screen readers as it changes. */
export function MissingNote({ missing }: { missing: readonly string[] }) {
  const { t } = useTranslation('mail')
  const isReady = missing.length === 0
  return (
    <Box role="status">
      <Text size="sm" fw={600}>
        {isReady ? <CircleCheck aria-hidden size={16} color="var(--good)" /> : <CircleDashed aria-hidden size={16} />}{' '}
        {t(isReady ? 'write.ready' : 'write.blocked')}
      </Text>
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
