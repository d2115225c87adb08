import { Badge, Group, Text } from '@mantine/core'
import { ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { masterOf, type OwnKey } from './calls.ts'
import type en from './words/en.ts'

export type KeyState = keyof (typeof en)['state']

const colors: Record<KeyState, string> = {
  usable: 'green',
  ready: 'gray',
  expired: 'orange',
  revoked: 'red',
  publicOnly: 'orange',
  unusable: 'orange',
}

export function stateOf(key: OwnKey): KeyState {
  const { revoked, expired } = masterOf(key)
  if (revoked) return 'revoked'
  if (expired) return 'expired'
  if (!key.publicRing.encryptable) return 'unusable'
  if (!key.privateRing) return 'publicOnly'
  return key.current ? 'usable' : 'ready'
}

/** The address that a key is mostly known by. */
export const ownerOf = (key: OwnKey): string => masterOf(key).userIds[0] ?? ''

export function StateBadge({ of }: { of: OwnKey }) {
  const { t } = useTranslation('keys')
  const state = stateOf(of)
  // A badge's own colours are too pale to be read by everybody.
  return (
    <Badge variant="outline" color={colors[state]} tt="none" c="var(--mantine-color-text)">
      {t(`state.${state}`)}
    </Badge>
  )
}

/** In one sentence what can be done with a key, and why not. */
export function StateText({ of }: { of: OwnKey }) {
  const { t, i18n } = useTranslation('keys')
  const state = stateOf(of)
  const reason = `why.${of.publicRing.reason}`
  const why = state === 'unusable' && i18n.exists(reason, { ns: 'keys' }) ? t(reason as 'why.weak') : ''
  const Icon = state === 'usable' ? ShieldCheck : state === 'revoked' ? ShieldOff : ShieldAlert
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Icon
        aria-hidden
        size={20}
        color={state === 'usable' ? 'var(--good)' : 'var(--mantine-color-dimmed)'}
        style={{ flexShrink: 0, marginTop: 2 }}
      />
      <Text>{[t(`stateText.${state}`), why].join(' ').trim()}</Text>
    </Group>
  )
}
