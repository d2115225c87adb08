import { ActionIcon, Button, Group, List, Stack, Text, TextInput } from '@mantine/core'
import { AtSign, Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Cancelled } from '../../api/elevation.ts'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { addAddress, removeAddress } from './calls.ts'
import type { Done } from './person-page.tsx'
import type { PersonFile } from './types.ts'

function AddAddress({ id, onDone }: { id: string; onDone(done: Done): void }) {
  const { t } = useTranslation('people')
  const [address, setAddress] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await addAddress(id, address)
      onDone({ text: t('addresses.added', { address }) })
      setAddress('')
    } catch (error) {
      if (!(error instanceof Cancelled)) setError(error)
    }
    setBusy(false)
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Group align="flex-end" gap="xs">
          <TextInput
            flex="1 1 12rem"
            type="email"
            label={t('addresses.another')}
            autoComplete="off"
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            required
          />
          <Button type="submit" variant="default" loading={isBusy}>
            {t('addresses.add')}
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          {t('addresses.hint')}
        </Text>
        <ErrorNote
          error={error}
          words={{ ADDRESS_TAKEN: t('create.taken'), ADDRESS_INVALID: t('create.badAddress') }}
        />
      </Stack>
    </form>
  )
}

export function AddressesCard({ file, onDone }: { file: PersonFile; onDone(done: Done): void }) {
  const { t } = useTranslation('people')
  const { id, address, otherAddresses, rights } = file
  const [leaving, setLeaving] = useState<string | null>(null)
  const remove = async () => {
    if (leaving === null) return
    try {
      await removeAddress(id, leaving)
      onDone({ text: t('addresses.removed', { address: leaving }), undo: () => addAddress(id, leaving) })
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error
    }
  }
  return (
    <Card title={t('addresses.title')} icon={<AtSign aria-hidden />}>
      <Stack>
        <List listStyleType="none">
          <List.Item>
            {address}{' '}
            <Text span size="sm" c="dimmed">
              ({t('addresses.primary')})
            </Text>
          </List.Item>
          {otherAddresses.map((one) => (
            <List.Item key={one}>
              {one}{' '}
              {rights.protect ? (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('addresses.remove', { address: one })}
                  onClick={() => setLeaving(one)}
                >
                  <Trash2 aria-hidden size={16} />
                </ActionIcon>
              ) : null}
            </List.Item>
          ))}
        </List>
        {rights.protect ? <AddAddress id={id} onDone={onDone} /> : null}
      </Stack>
      <Confirm
        opened={leaving !== null}
        onClose={() => setLeaving(null)}
        title={t('addresses.remove', { address: leaving ?? '' })}
        action={t('addresses.removeAction')}
        onConfirm={remove}
      >
        <Text>{t('addresses.removeText')}</Text>
      </Confirm>
    </Card>
  )
}
