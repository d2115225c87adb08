import { Group, List, NativeSelect, Stack, Text } from '@mantine/core'
import { UserRound } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { When } from '../../parts/times.tsx'
import { ActButton, AskingButton } from './act-button.tsx'
import { changePerson, letIn, sendPasswordLink, signOutEverywhere } from './calls.ts'
import { Facts } from './facts.tsx'
import type { Done } from './person-page.tsx'
import { StandingBadges } from './standing.tsx'
import type { PersonFile, Role } from './types.ts'

interface CardProps {
  file: PersonFile
  onDone(done: Done): void
}

function RoleChange({ file, onDone }: CardProps) {
  const { t } = useTranslation('people')
  const { role, rights } = file
  const [chosen, setChosen] = useState<Role>(role)
  const grants = rights.grants.includes(role) ? rights.grants : [role, ...rights.grants]
  const change = async () => {
    await changePerson(file, { userRole: chosen })
    onDone({ text: t('standing.roleChanged', { role: t(`roles.${chosen}`) }) })
  }
  return (
    <AskingButton
      label={t('standing.changeRole')}
      title={t('standing.changeRole')}
      action={t('standing.giveRole')}
      onConfirm={change}
      isReady={chosen !== role}
    >
      <NativeSelect
        label={t('list.role')}
        description={t(`roleHints.${chosen}`)}
        inputWrapperOrder={['label', 'input', 'description']}
        value={chosen}
        onChange={(event) => setChosen(event.currentTarget.value as Role)}
        data={grants.map((value) => ({ value, label: t(`roles.${value}`) }))}
        data-autofocus
      />
      <Text>{t('standing.roleText')}</Text>
    </AskingButton>
  )
}

function PasswordAge({ password }: { password: PersonFile['password'] }) {
  const { t } = useTranslation('people')
  if (!password.isSet) return <>{t('standing.noPassword')}</>
  return (
    <>
      {t('standing.changed')} <When at={password.changed} />
      {password.mustChange ? `; ${t('standing.mustChange')}` : null}
      {password.expires ? (
        <>
          ; {t('standing.expires')} <When at={password.expires} />
        </>
      ) : null}
    </>
  )
}

function FailedTries({ file, onDone }: CardProps) {
  const { t, i18n } = useTranslation('people')
  const { id, failedTries, rights } = file
  const kindOf = (kind: string) => {
    const key = `tries.kinds.${kind}`
    return i18n.exists(key, { ns: 'people' }) ? t(key as 'tries.kinds.key') : kind
  }
  const forgive = async () => {
    await letIn(id)
    onDone({ text: t('tries.forgiven') })
  }
  if (failedTries.length === 0) return null
  return (
    <Stack gap="xs" align="flex-start">
      <Text fw={600}>{t('tries.title')}</Text>
      <List size="sm">
        {failedTries.map(({ kind, failures, waitSeconds }) => (
          <List.Item key={kind}>
            {kindOf(kind)}: {t('tries.failures', { count: failures })}
            {waitSeconds > 0 ? `, ${t('tries.wait', { count: waitSeconds })}` : ''}
          </List.Item>
        ))}
      </List>
      {rights.change ? <ActButton label={t('tries.letIn')} onAct={forgive} /> : null}
    </Stack>
  )
}

/** Who it is, and whether he gets in. */
export function StandingCard({ file, onDone }: CardProps) {
  const { t } = useTranslation('people')
  const { id, population, role, created, lastSignIn, sessions, password, rights } = file
  const open = Object.values(sessions).reduce((sum, count) => sum + count, 0)
  const end = async () => {
    const ended = await signOutEverywhere(id)
    onDone({ text: t('sessions.ended', { count: ended.sessions }) })
  }
  const send = async () => {
    await sendPasswordLink(file)
    onDone({ text: t('standing.linkSent') })
  }
  return (
    <Card title={t('standing.title')} icon={<UserRound aria-hidden />}>
      <Stack>
        <Facts
          rows={[
            [t('list.state'), <StandingBadges key="state" {...file} />],
            [t('list.role'), `${t(`roles.${role}`)} (${t(`populations.${population}`)})`],
            [t('standing.created'), <When key="created" at={created} />],
            [t('list.lastSignIn'), <When key="last" at={lastSignIn} />],
            [t('standing.password'), <PasswordAge key="password" password={password} />],
            [t('sessions.title'), t('sessions.open', { count: open })],
          ]}
        />
        <FailedTries file={file} onDone={onDone} />
        {rights.change ? (
          <Group gap="xs">
            {rights.grants.length > 0 && population === 'user' ? <RoleChange file={file} onDone={onDone} /> : null}
            <AskingButton
              label={t('standing.sendLink')}
              title={t('standing.sendLink')}
              action={t('standing.sendLink')}
              onConfirm={send}
            >
              <Text>{t('standing.sendLinkText', { address: file.address })}</Text>
            </AskingButton>
            <AskingButton
              label={t('sessions.end')}
              title={t('sessions.endTitle')}
              action={t('sessions.end')}
              onConfirm={end}
            >
              <Text>{t('sessions.endText')}</Text>
            </AskingButton>
          </Group>
        ) : null}
      </Stack>
    </Card>
  )
}
