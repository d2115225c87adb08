import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PublicRing } from '../../api/guard.ts'
import { Fingerprint } from '../../parts/fingerprint.tsx'
import { When } from '../../parts/times.tsx'
import { bringArmor, type Looked } from './calls.ts'
import { useRefresh, useVerify } from './changes.ts'
import { type Agreeing, Comparing } from './comparing.tsx'
import { Facts } from './facts.tsx'
import { ownerOf } from './known.ts'
import { Life, TrustBadge } from './state.tsx'

const SOURCES = ['tenant', 'uploaded', 'shared', 'autocrypt', 'contacts', 'wkd', 'dane', 'guest'] as const
type Source = (typeof SOURCES)[number]

const isSource = (name: string): name is Source => (SOURCES as readonly string[]).includes(name)

/** Where a key was found, in words. */
function useOrigin(): (source: string, address: string) => string {
  const { t } = useTranslation('correspondents')
  return (source, address) =>
    isSource(source)
      ? t(`sources.${source}`, { domain: address.slice(address.lastIndexOf('@') + 1) })
      : t('sources.server', { host: URL.canParse(source) ? new URL(source).host : source })
}

interface RingFoundProps {
  ring: PublicRing
  address: string
  source: string
  isTrusted: boolean
  isVerified: boolean
}

function RingFound({ ring, address, source, isTrusted, isVerified }: RingFoundProps) {
  const { t } = useTranslation('correspondents')
  const originOf = useOrigin()
  const refresh = useRefresh()
  const verify = useVerify()
  const [isOpen, setOpen] = useState(false)
  const fingerprint = ring.keys[0]?.fingerprint ?? ''
  const { name, addresses } = ownerOf(ring)
  const keep: Agreeing = {
    label: t('look.keep'),
    text: t('look.keepText'),
    async act() {
      await bringArmor(ring.ring)
      await refresh()
    },
  }
  const confirm: Agreeing = {
    label: t('verify.action'),
    text: t('verify.text'),
    act: () => verify(fingerprint, true),
  }
  const agreeings: Partial<Record<string, Agreeing | null>> = {
    tenant: null,
    uploaded: null,
    guest: null,
    autocrypt: isVerified ? null : confirm,
  }
  const agreeing = source in agreeings ? (agreeings[source] ?? null) : keep
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Title order={3} size="h5">
          {name || address}
        </Title>
        <TrustBadge isTrusted={isTrusted} />
      </Group>
      <Facts
        facts={[
          [t('facts.owner'), [name, ...addresses].filter(Boolean).join(', ')],
          [t('facts.origin'), originOf(source, address)],
          [t('facts.trust'), t(isVerified ? 'trust.verified' : isTrusted ? 'trust.bySource' : 'trust.notYet')],
          [t('facts.made'), <When key="made" at={ring.keys[0]?.creationTime} />],
          [t('facts.life'), <Life key="life" ring={ring} />],
        ]}
      />
      <Fingerprint value={fingerprint} of={name || address} />
      <Group>
        <Button size="xs" onClick={() => setOpen(true)}>
          {t('compare.open')}
        </Button>
      </Group>
      <Comparing
        opened={isOpen}
        onClose={() => setOpen(false)}
        name={name || address}
        fingerprint={fingerprint}
        agreeing={agreeing}
      />
    </Stack>
  )
}

const without = ({ newKey, guest, reason }: Looked) => {
  if (reason === 'guest-refuses') return 'look.refuses'
  if (!newKey) return 'look.none'
  return guest ? 'look.wouldBeGuest' : 'look.wouldGetKey'
}

/** What was found for an address, and where. */
export function Found({ looked }: { looked: Looked }) {
  const { t } = useTranslation('correspondents')
  const { publicRing, recipientEmail, keySource, verified, others } = looked
  return (
    <Stack gap="md">
      {publicRing && keySource ? (
        <RingFound
          ring={publicRing}
          address={recipientEmail}
          source={keySource.name}
          isTrusted={keySource.trusted}
          isVerified={verified}
        />
      ) : (
        <Text>{t(without(looked), { address: recipientEmail })}</Text>
      )}
      {others.map((ring) => (
        <RingFound
          key={ring.keys[0]?.fingerprint}
          ring={ring}
          address={recipientEmail}
          source="contacts"
          isTrusted={false}
          isVerified={false}
        />
      ))}
    </Stack>
  )
}
