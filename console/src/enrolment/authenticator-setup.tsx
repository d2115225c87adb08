import { Anchor, Box, Button, Code, Group, List, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Cancelled } from '../api/elevation.ts'
import { useAttempt } from '../parts/attempt.ts'
import { CodeField } from '../parts/code-field.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { ErrorNote } from '../parts/error-note.tsx'
import { activate, activateAndTurnOn, type Pairing, pairingQuery } from './calls.ts'
import classes from './enrolment.module.css'
import type { SetupProps } from './setup-props.ts'
import { useEnrolmentErrors } from './use-errors.ts'

const grouped = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? ''

function Picture({ svg }: { svg: string }) {
  const { t } = useTranslation('enrolment')
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [svg])
  return <img src={url} alt={t('app.picture')} width={200} height={200} className={classes.qr} />
}

function Typed({ secret, otpauthUri }: Pairing) {
  const { t } = useTranslation('enrolment')
  return (
    <Stack gap="xs">
      <Text size="sm">
        <Anchor href={otpauthUri} inherit underline="always">
          {t('app.open')}
        </Anchor>{' '}
        {t('app.openHint')}
      </Text>
      <Text size="sm">{t('app.type')}</Text>
      <Group gap="xs">
        <Code fz="sm" className={classes.secret}>
          {grouped(secret)}
        </Code>
        <CopyButton text={secret} what={t('app.secret')} size="xs" />
      </Group>
    </Stack>
  )
}

/** An authenticator app: a picture to scan, or a secret to type, and the first code. */
export function AuthenticatorSetup({ turnsOn, onDone }: SetupProps) {
  const { t } = useTranslation('enrolment')
  const words = useEnrolmentErrors()
  const { data: pairing, error: fault, refetch } = useQuery(pairingQuery)
  const { isBusy, error, attempt } = useAttempt()
  const [code, setCode] = useState('')
  if (fault)
    return (
      <Stack>
        <ErrorNote error={fault instanceof Cancelled ? null : fault} words={words} />
        <Button onClick={() => refetch()}>{t('again')}</Button>
      </Stack>
    )
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!pairing) return
    const isDone = await attempt(async () =>
      onDone(await (turnsOn ? activateAndTurnOn : activate)({ id: pairing.id, code })),
    )
    if (!isDone) setCode('')
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <List type="ordered" spacing="sm">
          <List.Item>{t('app.install')}</List.Item>
          <List.Item>{t('app.scan')}</List.Item>
          <List.Item>{t('app.enter')}</List.Item>
        </List>
        <Box className={classes.frame}>
          {pairing ? <Picture svg={pairing.picture} /> : <Skeleton w={200} h={200} />}
          <Box flex="1 1 12rem">{pairing ? <Typed {...pairing} /> : <Skeleton h={120} />}</Box>
        </Box>
        <CodeField value={code} onChange={setCode} maxLength={11} required />
        <ErrorNote error={error} words={words} />
        <Button type="submit" loading={isBusy} disabled={!pairing || code.length < 6}>
          {t('app.action')}
        </Button>
      </Stack>
    </form>
  )
}
