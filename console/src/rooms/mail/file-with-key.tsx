import { Button, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { decryptFile, type Going, type Named, signFile } from './calls.ts'
import { ChosenFile } from './chosen-file.tsx'
import { useFaults } from './faults.ts'
import { FileResult } from './file-result.tsx'
import { FileSignatures } from './file-signatures.tsx'
import { Underway } from './progress.tsx'
import { useFileWork } from './use-file-work.ts'
import { useKey } from './use-key.tsx'

const works: Record<'decrypt' | 'sign', (file: File, going: Going) => Promise<Named>> = {
  decrypt: decryptFile,
  sign: signFile,
}

/** What is done with one file and the key of whoever is here: opening it, or signing it. */
export function FileWithKey({ what }: { what: keyof typeof works }) {
  const { t } = useTranslation('mail')
  const faults = useFaults()
  const { withKey, dialog } = useKey()
  const { work, part, error, made, forget } = useFileWork<Named>(withKey)
  const [file, setFile] = useState<File | null>(null)
  return (
    <Card title={t(`files.${what}Title`)} lead={t(`files.${what}Lead`)}>
      <Stack>
        <ChosenFile
          label={t('files.file')}
          value={file}
          onChange={(chosen) => {
            forget()
            setFile(chosen)
          }}
        />
        <ErrorNote error={error} words={faults} />
        <Underway part={part} label={t(`files.${what}Title`)} />
        <Group>
          <Button
            onClick={() => file && work((going) => works[what](file, going))}
            loading={part !== null}
            disabled={!file}
          >
            {t(`files.${what}Do`)}
          </Button>
        </Group>
        <FileResult made={made}>
          {made && what === 'decrypt' ? <FileSignatures signatures={made.signatures} /> : null}
        </FileResult>
      </Stack>
      {dialog}
    </Card>
  )
}
