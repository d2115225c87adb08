import { Button, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAttempt } from '../../parts/attempt.ts'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Empty } from '../../parts/empty.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { useFocusBack } from '../../parts/focus-back.ts'
import { tell } from '../../parts/notices.ts'
import { PasswordField } from '../../parts/password-field.tsx'
import { forgetSecret, keepSecret } from './calls.ts'

const KEY = ['house', 'services']

interface SettingProps {
  /** the secret to be set anew; empty for a new one */
  name: string
  known: readonly string[]
  onClose(): void
}

function Setting({ name: given, known, onClose }: SettingProps) {
  const { t } = useTranslation('house')
  const { t: common } = useTranslation()
  const client = useQueryClient()
  useFocusBack()
  const [name, setName] = useState(given)
  const [value, setValue] = useState('')
  const { isBusy, error, attempt } = useAttempt()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      await keepSecret(name, value)
      tell(t('services.kept', { name }))
      await client.invalidateQueries({ queryKey: KEY })
      onClose()
    })
  }
  return (
    <Modal opened onClose={onClose} title={t('services.setTitle')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t('services.name')}
            description={t('services.nameHint')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            pattern="[A-Za-z0-9._\-]{1,128}"
            readOnly={given !== ''}
            autoComplete="off"
            required
            {...(given === '' ? { 'data-autofocus': true } : {})}
          />
          <PasswordField
            label={t('services.value')}
            autoComplete="off"
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
            maxLength={4096}
            required
            {...(given === '' ? {} : { 'data-autofocus': true })}
          />
          {known.includes(name) ? <Text size="sm">{t('services.replaces')}</Text> : null}
          <ErrorNote error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common('cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('services.set')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Removing({ name, onClose }: { name: string; onClose(): void }) {
  const { t } = useTranslation('house')
  const { t: common } = useTranslation()
  const client = useQueryClient()
  useFocusBack()
  const remove = async () => {
    await forgetSecret(name)
    tell(t('services.removed', { name }))
    await client.invalidateQueries({ queryKey: KEY })
  }
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t('services.removeTitle', { name })}
      action={common('remove')}
      onConfirm={remove}
    >
      <Text>{t('services.removeText')}</Text>
    </Confirm>
  )
}

/** The names of the secrets that services ask for; their values come in and never out. */
export function Secrets({ names }: { names: readonly string[] }) {
  const { t } = useTranslation('house')
  const { t: common } = useTranslation()
  const [setting, setSetting] = useState<string | null>(null)
  const [removing, setRemoving] = useState<string | null>(null)
  return (
    <Card
      title={t('services.secrets')}
      lead={t('services.secretsLead')}
      icon={<KeyRound aria-hidden />}
      actions={
        <Button variant="default" leftSection={<Plus aria-hidden size={16} />} onClick={() => setSetting('')}>
          {t('services.add')}
        </Button>
      }
    >
      {names.length === 0 ? (
        <Empty title={t('services.noSecrets')}>
          <Text c="dimmed">{t('services.noSecretsText')}</Text>
        </Empty>
      ) : (
        <Table>
          <Table.Tbody>
            {names.map((name) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={500}>
                  {name}
                </Table.Th>
                <Table.Td>
                  <Group justify="flex-end" gap="xs">
                    <Button
                      size="xs"
                      variant="default"
                      onClick={() => setSetting(name)}
                      aria-label={t('services.replaceOf', { name })}
                    >
                      {t('services.replace')}
                    </Button>
                    <Button
                      size="xs"
                      variant="default"
                      onClick={() => setRemoving(name)}
                      aria-label={t('services.removeOf', { name })}
                    >
                      {common('remove')}
                    </Button>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {setting === null ? null : <Setting name={setting} known={names} onClose={() => setSetting(null)} />}
      {removing === null ? null : <Removing name={removing} onClose={() => setRemoving(null)} />}
    </Card>
  )
}
