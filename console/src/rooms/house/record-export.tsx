import { Button, Menu, VisuallyHidden } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useErrorText } from '../../parts/error-note.tsx'
import { saveFile } from '../../parts/files.ts'
import { tell, warn } from '../../parts/notices.ts'
import { exportRecord } from './calls.ts'

/** All that suits the filter, as a file. */
export function RecordExport({ query }: { query: Record<string, string | undefined> }) {
  const { t } = useTranslation('house')
  const textOf = useErrorText()
  const { mutate, isPending } = useMutation({
    mutationFn: (format: 'csv' | 'ndjson') => exportRecord({ ...query, format }),
    onSuccess({ name, file }) {
      saveFile(name, file)
      tell(t('record.exported', { file: name }))
    },
    onError: (error) => warn(textOf(error)),
  })
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<Download aria-hidden size={16} />} loading={isPending}>
            {t('record.export')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => mutate('csv')}>{t('record.csv')}</Menu.Item>
          <Menu.Item onClick={() => mutate('ndjson')}>{t('record.ndjson')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <VisuallyHidden role="status">{isPending ? t('record.exporting') : ''}</VisuallyHidden>
    </>
  )
}
