import { Progress, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** How far something large has come on its way to the server; nothing where there is none. */
export function Underway({ part, label, working }: { part: number | null; label: string; working?: string }) {
  const { t } = useTranslation('mail')
  if (part === null) return null
  const percent = Math.floor(part * 100)
  return (
    <Stack gap={4}>
      <Text size="sm" role="status">
        {/* Every percent would be read aloud. */}
        {part < 1 ? t('progress.sending', { part: Math.floor(percent / 10) * 10 }) : (working ?? t('progress.working'))}
      </Text>
      <Progress value={percent} animated={part >= 1} aria-label={label} />
    </Stack>
  )
}
