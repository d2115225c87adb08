import { Button, type ButtonProps } from '@mantine/core'
import { Download } from 'lucide-react'
import { ErrorNote } from '../../parts/error-note.tsx'
import { saveFile } from '../../parts/files.ts'
import { fileOf } from './calls.ts'
import { useFaults } from './faults.ts'
import { useSubmit } from './submit.ts'

interface FileButtonProps extends ButtonProps {
  id: string
  which: string
  name: string
  label?: string
}

/** Gives a file of a mail to the person. The server opens the mail for it, which may take a moment. */
export function FileButton({ id, which, name, label, children, ...rest }: FileButtonProps) {
  const faults = useFaults()
  const { isBusy, error, submit } = useSubmit(async () => saveFile(name, await fileOf(id, which)))
  return (
    <>
      <Button
        variant="default"
        leftSection={<Download aria-hidden size={16} />}
        loading={isBusy}
        aria-label={label}
        onClick={() => submit()}
        {...rest}
      >
        {children}
      </Button>
      <ErrorNote error={error} words={faults} />
    </>
  )
}
