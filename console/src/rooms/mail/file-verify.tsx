import { Box, Button, Group, SimpleGrid, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { type Signature, verifyFile } from './calls.ts'
import { ChosenFile } from './chosen-file.tsx'
import { useFaults } from './faults.ts'
import { FileSignatures } from './file-signatures.tsx'
import { Underway } from './progress.tsx'
import { useFileWork } from './use-file-work.ts'

// No key of one's own comes into it.
const withoutKey = <T,>(attempt: (headers: Record<string, string>) => Promise<T>) => attempt({})

/** Checks a signature that lies beside its file. */
export function FileVerify() {
  const { t } = useTranslation('mail')
  const faults = useFaults()
  const { work, part, error, made, forget } = useFileWork<Signature[]>(withoutKey)
  const [files, setFiles] = useState<{ data: File | null; signature: File | null }>({ data: null, signature: null })
  const { data, signature } = files
  const choose = (more: Partial<typeof files>) => {
    forget()
    setFiles({ ...files, ...more })
  }
  return (
    <Card title={t('files.verifyTitle')} lead={t('files.verifyLead')}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <ChosenFile label={t('files.file')} value={data} onChange={(file) => choose({ data: file })} />
          <ChosenFile label={t('files.signature')} value={signature} onChange={(file) => choose({ signature: file })} />
        </SimpleGrid>
        <ErrorNote error={error} words={faults} />
        <Underway part={part} label={t('files.verifyTitle')} />
        <Group>
          <Button
            onClick={() => data && signature && work((going) => verifyFile(data, signature, going))}
            loading={part !== null}
            disabled={!data || !signature}
          >
            {t('files.verifyDo')}
          </Button>
        </Group>
        <Box role="status">{made ? <FileSignatures signatures={made} /> : null}</Box>
      </Stack>
    </Card>
  )
}
