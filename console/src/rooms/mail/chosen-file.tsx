import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { sizeIn } from '../../parts/sizes.ts'
import { DropZone } from './drop-zone.tsx'

/** One file to work with: dropped, or chosen. */
export function ChosenFile({
  label,
  value,
  onChange,
}: {
  label: string
  value: File | null
  onChange(file: File): void
}) {
  const { t, i18n } = useTranslation('mail')
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {label}
      </Text>
      <DropZone label={label} onFiles={([file]) => file && onChange(file)}>
        <Text size="sm" role="status" {...(value ? { fw: 600 } : { c: 'dimmed' })}>
          {value ? t('files.chosen', { name: value.name, size: sizeIn(i18n.language, value.size) }) : t('files.none')}
        </Text>
      </DropZone>
    </Stack>
  )
}
