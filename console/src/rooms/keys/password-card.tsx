import { Button, Divider, Group, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useSignedIn } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { tell } from '../../parts/notices.ts'
import { PasswordField } from '../../parts/password-field.tsx'
import {
  changeKeyPassword,
  changeSecondary,
  type OwnKey,
  refreshKeys,
  resetKeyPassword,
  secondaryQuery,
  useKeySettings,
} from './calls.ts'
import { isChosen, NewPasswordFields, noPassword } from './new-password.tsx'
import { nothingTyped, ProofFields } from './proof.tsx'
import { useRefusals } from './refusals.ts'
import { useWhileOpen } from './while-open.ts'

interface Dialogue {
  opened: boolean
  onClose(): void
}

function Changing({ opened, onClose }: Dialogue) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const { data: house } = useKeySettings()
  const [{ old, fresh }, change] = useWhileOpen(opened, { old: '', fresh: noPassword })
  const least = house?.settings.min_password_length ?? 1
  const confirm = async () => {
    await changeKeyPassword(old, fresh.fresh)
    await refreshKeys()
    tell(t('own.changed'))
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('own.changeTitle')}
      action={t('own.change')}
      onConfirm={confirm}
      isReady={old !== '' && isChosen(fresh, least)}
      isHarmless
      words={words}
    >
      <Text size="sm">{t('own.changeText')}</Text>
      <PasswordField
        label={t('own.old')}
        autoComplete="off"
        value={old}
        onChange={(event) => change({ old: event.currentTarget.value })}
        data-autofocus
        required
      />
      <NewPasswordFields
        value={fresh}
        onChange={(fresh) => change({ fresh })}
        label={t('own.fresh')}
        hint={t('making.newHint', { count: least })}
      />
    </Confirm>
  )
}

function Resetting({ opened, onClose, to }: Dialogue & { to: string }) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const confirm = async () => {
    await resetKeyPassword()
    await refreshKeys()
    tell(t('own.resetDone', { to }))
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('own.resetTitle')}
      action={t('own.resetAction')}
      onConfirm={confirm}
      words={words}
    >
      <Text size="sm">{t('own.resetText', { to })}</Text>
    </Confirm>
  )
}

function Secondary({ opened, onClose, address }: Dialogue & { address: string }) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const [{ email, proof }, change] = useWhileOpen(opened, { email: address, proof: nothingTyped })
  const confirm = async () => {
    await changeSecondary(proof.secret, email.trim())
    await refreshKeys()
    tell(t('own.secondaryDone'))
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('own.secondaryTitle')}
      action={t('own.secondaryChange')}
      onConfirm={confirm}
      isReady={proof.secret !== ''}
      isHarmless
      words={words}
    >
      <Text size="sm">{t('own.secondaryText')}</Text>
      <TextInput
        label={t('own.secondaryEmail')}
        type="email"
        autoComplete="email"
        value={email}
        onChange={(event) => change({ email: event.currentTarget.value })}
      />
      <ProofFields value={proof} onChange={(proof) => change({ proof })} />
    </Confirm>
  )
}

/** The password of the current key: another one, a forgotten one, and where a new one goes. */
export function PasswordCard({ current }: { current: OwnKey }) {
  const { t } = useTranslation('keys')
  const { account } = useSignedIn()
  const { data: secondary = '' } = useQuery(secondaryQuery)
  const [isChanging, changing] = useDisclosure()
  const [isResetting, resetting] = useDisclosure()
  const [isElsewhere, elsewhere] = useDisclosure()
  const to = secondary ? t('own.toSecondary', { address: secondary }) : account.address
  return (
    <Card title={t('own.password')} lead={t('own.passwordLead')}>
      <Stack>
        <Group>
          <Button onClick={changing.open}>{t('own.change')}</Button>
          <Button variant="default" onClick={resetting.open} disabled={!current.recoveryAvail}>
            {t('own.forgotten')}
          </Button>
        </Group>
        {current.recoveryAvail ? null : <Text size="sm">{t('own.resetOff')}</Text>}
        <Divider color="var(--line)" />
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Text fw={600} size="sm">
              {t('own.secondary')}
            </Text>
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {secondary ? t('own.secondarySet', { address: secondary }) : t('own.secondaryNone')}
            </Text>
          </div>
          <Button
            variant="default"
            size="xs"
            style={{ flexShrink: 0 }}
            aria-label={`${t('own.secondaryChange')}: ${t('own.secondary')}`}
            onClick={elsewhere.open}
          >
            {t('own.secondaryChange')}
          </Button>
        </Group>
      </Stack>
      <Changing opened={isChanging} onClose={changing.close} />
      <Resetting opened={isResetting} onClose={resetting.close} to={to} />
      <Secondary key={secondary} opened={isElsewhere} onClose={elsewhere.close} address={secondary} />
    </Card>
  )
}
