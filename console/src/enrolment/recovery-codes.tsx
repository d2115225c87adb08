import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { Download, Printer } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '../api/session.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { saveFile } from '../parts/files.ts'
import { absolute } from '../parts/times.tsx'
import classes from './enrolment.module.css'

interface RecoveryCodesProps {
  codes: readonly string[]
  /** somebody has them in safety, and goes on */
  onKept(): void
  /** what the button says that goes on */
  action?: string
}

/** The recovery codes, shown this once: to copy, to keep as a file, to print. */
export function RecoveryCodes({ codes, onKept, action }: RecoveryCodesProps) {
  const { t, i18n } = useTranslation('enrolment')
  const { data: session } = useSession()
  const [areKept, setKept] = useState(false)
  const beginning = useRef<HTMLParagraphElement>(null)
  // They follow something longer, in a dialogue that may have been scrolled.
  useEffect(() => {
    beginning.current?.scrollIntoView({ block: 'center' })
  }, [])
  useEffect(() => {
    // They cannot be shown again: whoever closes the page too early is asked.
    const hold = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', hold)
    return () => removeEventListener('beforeunload', hold)
  }, [])
  const heading = t('codes.heading', { account: session?.account.address ?? '', house: location.host })
  const made = t('codes.made', { date: absolute(new Date(), i18n.language) })
  const text = [heading, made, t('codes.paper'), '', ...codes, ''].join('\n')
  return (
    <Stack>
      <Text ref={beginning}>{t('codes.text')}</Text>
      <div className={classes.sheet}>
        <div className={classes.paper}>
          <p>{heading}</p>
          <p>{made}</p>
          <p>{t('codes.paper')}</p>
        </div>
        <ul className={classes.codes} aria-label={t('codes.label')}>
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
      </div>
      <Group gap="sm">
        <CopyButton text={codes.join('\n')} what={t('codes.label')} />
        <Button
          variant="default"
          leftSection={<Download aria-hidden size={16} />}
          onClick={() => saveFile(t('codes.file'), text)}
        >
          {t('codes.download')}
        </Button>
        <Button variant="default" leftSection={<Printer aria-hidden size={16} />} onClick={() => print()}>
          {t('codes.print')}
        </Button>
      </Group>
      <Checkbox label={t('codes.kept')} checked={areKept} onChange={(event) => setKept(event.currentTarget.checked)} />
      <Button onClick={onKept} disabled={!areKept}>
        {action ?? t('codes.action')}
      </Button>
    </Stack>
  )
}
