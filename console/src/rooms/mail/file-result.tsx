import { Alert, Button, Group, Stack } from '@mantine/core'
import { CircleCheck, Download } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { saveFile } from '../../parts/files.ts'
import type { Named } from './calls.ts'
import classes from './letter-view.module.css'

/** A file that is ready, to be saved. */
export function FileResult({ made, children }: { made: Named | null; children?: ReactNode }) {
  const { t } = useTranslation('mail')
  if (!made) return null
  const { name, file } = made
  return (
    <Stack gap="sm" role="status">
      <Alert
        variant="light"
        color="green"
        icon={<CircleCheck aria-hidden />}
        classNames={{ message: classes.note ?? '' }}
      >
        {t('files.made', { name })}
      </Alert>
      {children}
      <Group>
        <Button leftSection={<Download aria-hidden size={16} />} onClick={() => saveFile(name, file)}>
          {t('files.save', { name })}
        </Button>
      </Group>
    </Stack>
  )
}
