import { Button, Code, Group, Modal, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { CopyButton } from '../../parts/copy-button.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { createPerson, sendPasswordLink } from './calls.ts'
import { firstPassword } from './first-password.ts'
import type { Population, Role } from './types.ts'

interface CreatePersonProps {
  opened: boolean
  onClose(): void
  population: Population
  roles: Role[]
}

interface Made {
  id: string
  address: string
  /** shown once, and never again */
  password: string | null
  /** why the link to choose one could not be sent */
  unsent: unknown
}

export function CreatePerson({ opened, onClose, population, roles }: CreatePersonProps) {
  const { t } = useTranslation('people')
  const common = useTranslation('common').t
  const [made, setMade] = useState<Made | null>(null)
  const close = () => {
    setMade(null)
    onClose()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      // What is shown once is not lost by a click beside it.
      closeOnClickOutside={made === null}
      title={made ? t('create.done') : t('create.title')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {made ? (
        <Result made={made} onClose={close} />
      ) : (
        <Form population={population} roles={roles} onMade={setMade} onClose={close} />
      )}
    </Modal>
  )
}

function Form({
  population,
  roles,
  onMade,
  onClose,
}: Omit<CreatePersonProps, 'opened'> & { onMade(made: Made): void }) {
  const { t } = useTranslation('people')
  const common = useTranslation('common').t
  const [address, setAddress] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>(roles.includes('subscriber') ? 'subscriber' : roles[0]!)
  const [way, setWay] = useState('here')
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const create = async () => {
    const password = way === 'here' ? firstPassword() : null
    const id = await createPerson({ population, address, name, role, password: password ?? undefined })
    let unsent: unknown = null
    if (password === null) await sendPasswordLink({ id, population }).catch((error) => (unsent = error))
    onMade({ id, address, password, unsent })
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    await create().catch((error) => {
      setError(error)
      setBusy(false)
    })
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          type="email"
          label={t('create.address')}
          autoComplete="off"
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          required
          data-autofocus
        />
        <TextInput
          label={`${t('create.name')} (${common('optional')})`}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('create.role')}
          description={t(`roleHints.${role}`)}
          inputWrapperOrder={['label', 'input', 'description']}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as Role)}
          data={roles.map((value) => ({ value, label: t(`roles.${value}`) }))}
        />
        <Radio.Group label={t('create.password')} value={way} onChange={setWay}>
          <Stack gap="xs" mt="xs">
            <Radio value="here" label={t('create.here')} description={t('create.hereHint')} />
            <Radio value="sent" label={t('create.sent')} description={t('create.sentHint')} />
          </Stack>
        </Radio.Group>
        <ErrorNote
          error={error}
          words={{
            'owsec-1061': t('create.taken'),
            'owsec-1040': t('create.badAddress'),
            'owsec-1039': t('create.badRole'),
          }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={isBusy}>
            {t('create.submit')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Result({ made: { id, address, password, unsent }, onClose }: { made: Made; onClose(): void }) {
  const { t } = useTranslation('people')
  const common = useTranslation('common').t
  return (
    <Stack role="status">
      {password === null ? (
        unsent ? (
          <>
            <ErrorNote error={unsent} />
            <Text>{t('create.unsent', { address })}</Text>
          </>
        ) : (
          <Text>{t('create.linkSent', { address })}</Text>
        )
      ) : (
        <>
          <Text>{t('create.once', { address })}</Text>
          <Code block fz="lg" aria-label={t('create.firstPassword')}>
            {password}
          </Code>
          <CopyButton text={password} what={t('create.firstPassword')} />
        </>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {common('close')}
        </Button>
        <Button component={Link} to={`/admin/people/${id}`}>
          {t('create.show')}
        </Button>
      </Group>
    </Stack>
  )
}
