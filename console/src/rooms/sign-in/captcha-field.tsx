import { Box, Button, Group, Skeleton, Stack, TextInput } from '@mantine/core'
import { RefreshCw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Captcha } from './calls.ts'

interface CaptchaFieldProps {
  captcha: Captcha | null
  value: string
  onChange(value: string): void
  onAnother(): void
}

/** Letters in a picture, after several failures: scripts are slowed down by it. */
export function CaptchaField({ captcha, value, onChange, onAnother }: CaptchaFieldProps) {
  const { t } = useTranslation('sign-in')
  return (
    <Stack gap="xs">
      <Group align="center">
        {captcha ? (
          <Box component="img" src={captcha.picture} alt={t('captcha.picture')} h={70} maw="100%" bg="#fff" />
        ) : (
          <Skeleton w={200} h={70} />
        )}
        <Button variant="subtle" leftSection={<RefreshCw aria-hidden size={16} />} onClick={onAnother}>
          {t('captcha.another')}
        </Button>
      </Group>
      <TextInput
        label={t('captcha.label')}
        description={t('captcha.hint')}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        required
        data-autofocus
        autoFocus
      />
    </Stack>
  )
}
