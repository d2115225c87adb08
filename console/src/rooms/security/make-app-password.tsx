import { Button, Checkbox, Code, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { elevated } from '../../api/elevation.ts'
import { useSignedIn } from '../../api/session.ts'
import { useAttempt } from '../../parts/attempt.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { readAgain, type Scope, SECURITY, scopes } from './calls.ts'
import classes from './security.module.css'

const presets = {
  mail: ['imap', 'smtp'],
  calendar: ['caldav', 'carddav'],
  custom: null,
} as const satisfies Record<string, readonly Scope[] | null>

type Preset = keyof typeof presets

interface Made {
  name: string
  password: string
}

function Form({ onMade }: { onMade(made: Made): void }) {
  const { t } = useTranslation('security')
  const [name, setName] = useState('')
  const [preset, setPreset] = useState<Preset>('mail')
  const [own, setOwn] = useState<string[]>([])
  const { isBusy, error, attempt } = useAttempt()
  const chosen = presets[preset] ?? own
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      const json = { name: name.trim(), scopes: chosen }
      const { password } = await elevated<{ password: string }>('POST', `${SECURITY}/apppasswords`, { json })
      onMade({ name: name.trim(), password })
      await readAgain()
    })
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('name')}
          description={t('apps.nameHint')}
          value={name}
          maxLength={100}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          data-autofocus
        />
        <Radio.Group label={t('apps.forWhat')} value={preset} onChange={(value) => setPreset(value as Preset)}>
          <Stack gap="xs" mt="xs">
            {(Object.keys(presets) as Preset[]).map((one) => (
              <Radio key={one} value={one} label={t(`apps.presets.${one}`)} />
            ))}
          </Stack>
        </Radio.Group>
        {preset === 'custom' ? (
          <Checkbox.Group label={t('apps.scopesLabel')} value={own} onChange={setOwn}>
            <Stack gap="xs" mt="xs">
              {scopes.map((scope) => (
                <Checkbox key={scope} value={scope} label={t(`apps.scopes.${scope}`)} />
              ))}
            </Stack>
          </Checkbox.Group>
        ) : null}
        <ErrorNote
          error={error}
          words={{ NOT_ALLOWED_BY_POLICY: t('apps.off'), TOO_MANY_APP_PASSWORDS: t('apps.tooMany') }}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={isBusy} disabled={name.trim() === '' || chosen.length === 0}>
            {t('apps.make')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Shown({ made: { name, password }, onDone }: { made: Made; onDone(): void }) {
  const { t } = useTranslation('security')
  const { account } = useSignedIn()
  return (
    <Stack>
      <Text role="status">{t('apps.madeText', { name })}</Text>
      <Code className={classes.secret}>{password}</Code>
      <Text size="sm">{t('apps.withName', { address: account.address })}</Text>
      <Group justify="space-between">
        <CopyButton text={password} what={t('apps.password')} />
        <Button onClick={onDone}>{t('apps.done')}</Button>
      </Group>
    </Stack>
  )
}

/** Makes a password for one program, and shows it this once. */
export function MakeAppPassword({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const { t } = useTranslation('security')
  const [made, setMade] = useState<Made | null>(null)
  const close = () => {
    setMade(null)
    onClose()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      // What is shown once is not closed by a slip.
      closeOnClickOutside={made === null}
      closeOnEscape={made === null}
      withCloseButton={made === null}
      title={made ? t('apps.madeTitle', { name: made.name }) : t('apps.add')}
      closeButtonProps={{ 'aria-label': t('close', { ns: 'common' }) }}
    >
      {made ? <Shown made={made} onDone={close} /> : <Form onMade={setMade} />}
    </Modal>
  )
}
