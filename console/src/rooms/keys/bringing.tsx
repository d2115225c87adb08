import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { queries } from '../../api/session.ts'
import { useAttempt } from '../../parts/attempt.ts'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { BroughtCard } from './brought-card.tsx'
import { type Brought, bringFile, bringSetup, type OwnKey, ownKeysQuery, useKeySettings } from './calls.ts'
import { DropFile } from './drop-file.tsx'
import { type KeyFile, LARGEST, readKeyFile } from './key-file.ts'
import { isChosen, NewPasswordFields, noPassword } from './new-password.tsx'
import { useRefusals } from './refusals.ts'

interface Done {
  result: Brought
  before: readonly OwnKey[]
}

function Asked({ chosen, onDone, onAnother }: { chosen: KeyFile; onDone(done: Done): void; onAnother(): void }) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const { data: house } = useKeySettings()
  const [keyPassword, setKeyPassword] = useState('')
  const [code, setCode] = useState('')
  const [here, setHere] = useState(noPassword)
  const { isBusy, error, attempt } = useAttempt()
  const form = useRef<HTMLFormElement>(null)
  const { file, kind } = chosen
  const least = house?.settings.min_password_length ?? 1
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('input, button[type=submit]')?.focus()
  }, [])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      const before = await queries.fetchQuery({ ...ownKeysQuery, staleTime: 0 })
      const result =
        kind === 'setup'
          ? await bringSetup(await file.text(), code, here.fresh)
          : await bringFile(file, { keyPassword, newPassword: here.fresh })
      onDone({ result, before })
    })
  }
  const isReady = kind === 'public' || isChosen(here, least)
  return (
    <form onSubmit={submit} ref={form}>
      <Stack>
        <Group justify="space-between">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {t('bringing.chosen', { name: file.name })}
          </Text>
          <Button variant="subtle" size="xs" onClick={onAnother}>
            {t('bringing.another')}
          </Button>
        </Group>
        {kind === 'public' ? <Text size="sm">{t('bringing.publicOnly')}</Text> : null}
        {kind === 'private' ? (
          <PasswordField
            label={t('bringing.file')}
            description={t('bringing.fileHint')}
            autoComplete="off"
            value={keyPassword}
            onChange={(event) => setKeyPassword(event.currentTarget.value)}
          />
        ) : null}
        {kind === 'setup' ? (
          <TextInput
            label={t('bringing.code')}
            description={t('bringing.codeHint')}
            inputMode="numeric"
            autoComplete="off"
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            required
          />
        ) : null}
        {kind === 'public' ? null : (
          <NewPasswordFields
            value={here}
            onChange={setHere}
            label={t('bringing.here')}
            hint={t('bringing.hereHint', { count: least })}
          />
        )}
        <ErrorNote error={error} words={words} />
        <Group>
          <Button type="submit" loading={isBusy} disabled={!isReady}>
            {t('bringing.action')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Brings a key that was made elsewhere: asks for no more than the file needs, and says what became of it. */
export function Component() {
  const { t } = useTranslation('keys')
  const [chosen, setChosen] = useState<KeyFile | null>(null)
  const [done, setDone] = useState<Done | null>(null)
  const [isTooLarge, setTooLarge] = useState(false)
  const choose = async (file: File) => {
    setTooLarge(file.size > LARGEST)
    if (file.size <= LARGEST) setChosen(await readKeyFile(file))
  }
  const again = () => {
    setChosen(null)
    setDone(null)
  }
  return (
    <Page title={t('bringing.title')} lead={t('bringing.lead')}>
      <Stack gap="lg" maw="44rem">
        {done ? (
          <>
            <BroughtCard {...done} />
            <Group>
              <Button variant="default" onClick={again}>
                {t('bringing.more')}
              </Button>
            </Group>
          </>
        ) : (
          <Card>
            {chosen ? (
              <Asked chosen={chosen} onDone={setDone} onAnother={again} />
            ) : (
              <DropFile onFile={choose} accept=".asc,.gpg,.pgp,.key,.txt,.eml,.bin,.sec,.pub,application/pgp-keys" />
            )}
            {isTooLarge ? (
              <Text role="alert" c="var(--bad)" mt="sm">
                {t('bringing.tooLarge')}
              </Text>
            ) : null}
          </Card>
        )}
      </Stack>
    </Page>
  )
}
