import { Button, Menu, Modal, Text } from '@mantine/core'
import { Mail, MessageSquare, Plus, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { elevated } from '../../api/elevation.ts'
import { AuthenticatorSetup } from '../../enrolment/authenticator-setup.tsx'
import { SentCodeSetup } from '../../enrolment/sent-code-setup.tsx'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Empty } from '../../parts/empty.tsx'
import type { Method } from '../../parts/second-step.tsx'
import { type Authenticator, type ListedMethod, type Overview, readAgain, SECURITY } from './calls.ts'
import { useWaysInWords } from './home-rows.tsx'
import { MethodRow, type Row } from './method-row.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import classes from './security.module.css'

interface MethodsCardProps {
  overview: Overview
  methods: readonly ListedMethod[]
  authenticators: readonly Authenticator[]
  recovery: readonly ListedMethod[]
  passkeys: number
}

const pictures = { authApp: Smartphone, email: Mail, sms: MessageSquare } as const

function AddDialog({ kind, onClose }: { kind: Method['method'] | null; onClose(): void }) {
  const { t } = useTranslation('security')
  return (
    <Modal
      opened={kind !== null}
      onClose={onClose}
      size="lg"
      title={kind ? t(`step.${kind}`) : ''}
      closeButtonProps={{ 'aria-label': t('close', { ns: 'common' }) }}
    >
      {kind === 'authApp' ? <AuthenticatorSetup turnsOn={false} onDone={onClose} /> : null}
      {kind === 'email' || kind === 'sms' ? <SentCodeSetup kind={kind} turnsOn={false} onDone={onClose} /> : null}
    </Modal>
  )
}

function RemoveDialog({
  row,
  rest,
  onClose,
  ...props
}: { row: Row | null; rest: Row[]; onClose(): void } & Pick<MethodsCardProps, 'passkeys' | 'recovery'>) {
  const { t } = useTranslation('security')
  const waysOf = useWaysInWords()
  const ways = waysOf(rest, props.passkeys)
  const isOnlyRecovery = props.recovery.length === 1 && props.recovery[0]?.id === row?.id
  return (
    <Confirm
      opened={row !== null}
      onClose={onClose}
      title={t('step.removeTitle', { what: row?.name ?? '' })}
      action={t('remove', { ns: 'common' })}
      words={{ METHOD_IN_USE: t('step.inUse') }}
      onConfirm={async () => {
        await elevated('DELETE', `${SECURITY}/methods/${row?.id}`)
        await readAgain()
      }}
    >
      <Text size="sm">{ways ? t('step.removeLeft', { ways }) : t('step.removeNothing')}</Text>
      {isOnlyRecovery ? <Text size="sm">{t('step.removeRecovery')}</Text> : null}
    </Confirm>
  )
}

/** What the account can be proven with, and what brings a code when the password is forgotten. */
export function MethodsCard({ overview, methods, authenticators, recovery, passkeys }: MethodsCardProps) {
  const { t } = useTranslation('security')
  const [added, setAdded] = useState<Method['method'] | null>(null)
  const [renamed, setRenamed] = useState<Row | null>(null)
  const [removed, setRemoved] = useState<Row | null>(null)
  const { offers } = overview
  const rows: Row[] = methods.map((one) => {
    const app = authenticators.find(({ id }) => id === one.id)
    return {
      ...one,
      name: app?.name || t(`method.${one.method}`, { target: one.target }),
      createdDate: app?.createdDate ?? '',
      badges: [
        ...(offers.secondStep.includes(one.method) ? [t('step.goodForStep')] : []),
        ...(recovery.some(({ id }) => id === one.id) ? [t('step.goodForRecovery')] : []),
      ],
    }
  })
  const add = offers.methods.length > 0 && (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<Plus aria-hidden size={16} />}>
          {t('step.add')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {offers.methods.map((kind) => {
          const Icon = pictures[kind]
          return (
            <Menu.Item key={kind} leftSection={<Icon aria-hidden size={16} />} onClick={() => setAdded(kind)}>
              {t(`step.${kind}`)}
            </Menu.Item>
          )
        })}
      </Menu.Dropdown>
    </Menu>
  )
  return (
    <Card title={t('step.methods')} lead={t('step.methodsLead')} actions={rows.length > 0 ? add : null}>
      {rows.length === 0 ? (
        <Empty title={t('step.noMethods')}>
          <Text c="dimmed">{t('step.noMethodsText')}</Text>
          {add}
        </Empty>
      ) : (
        <ul className={classes.list}>
          {rows.map((row) => (
            <MethodRow key={row.id} row={row} onRename={setRenamed} onRemove={setRemoved} />
          ))}
        </ul>
      )}
      <AddDialog kind={added} onClose={() => setAdded(null)} />
      <RenameDialog
        name={renamed?.name ?? null}
        onClose={() => setRenamed(null)}
        onName={(name) => call('PUT', `${SECURITY}/authenticators/${renamed?.id}`, { json: { name } })}
      />
      <RemoveDialog
        row={removed}
        rest={rows.filter(({ id }) => id !== removed?.id)}
        onClose={() => setRemoved(null)}
        passkeys={passkeys}
        recovery={recovery}
      />
    </Card>
  )
}
