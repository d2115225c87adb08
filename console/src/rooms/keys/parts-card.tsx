import { Badge, Box, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { RotateCw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { GuardKey } from '../../api/guard.ts'
import { Card } from '../../parts/card.tsx'
import { groupsOf } from '../../parts/fingerprint.tsx'
import { dayIn } from '../../parts/times.tsx'
import { endOf, masterOf, type OwnKey } from './calls.ts'
import { Rotating } from './rotating.tsx'

const named: Readonly<Record<string, string>> = {
  rsaEncryptSign: 'RSA',
  rsaEncrypt: 'RSA',
  rsaSign: 'RSA',
  dsa: 'DSA',
  elgamal: 'ElGamal',
  ecdh: 'ECDH',
  ecdsa: 'ECDSA',
  eddsaLegacy: 'Ed25519',
  ed25519: 'Ed25519',
  ed448: 'Ed448',
  x25519: 'X25519',
  x448: 'X448',
}

/** As experts name it: RSA 4096, Ed25519, ECDH P-256. */
export function kindOf({ algorithm, bits, curve }: GuardKey): string {
  if (algorithm === 'ecdh' && /25519/.test(curve ?? '')) return 'X25519'
  const name = named[algorithm] ?? algorithm
  return [name, bits ?? (name.startsWith('EC') ? curve : null)].filter(Boolean).join(' ')
}

function Part({ part, has }: { part: GuardKey; has: boolean }) {
  const { t, i18n } = useTranslation('keys')
  const day = (time: number) => dayIn(i18n.language, time, 'medium')
  const uses = [
    part.usedForSigning || part.masterKey ? t('parts.signs') : null,
    part.usedForEncryption ? t('parts.encrypts') : null,
  ].filter(Boolean)
  const end = endOf(part)
  const state = part.revoked ? 'revoked' : part.expired ? 'expired' : 'valid'
  return (
    <Box component="li" py="xs" style={{ borderTop: '1px solid var(--line)' }}>
      <Group justify="space-between" gap="xs" align="flex-start">
        <Box>
          <Text size="sm" fw={600}>
            {t(part.masterKey ? 'parts.main' : 'parts.part')} · {uses.join(', ') || t('parts.other')}
          </Text>
          <Text size="sm" c="dimmed">
            {kindOf(part)} · {day(part.creationTime)} – {end === null ? '∞' : day(end)}
          </Text>
          <Text size="sm" ff="monospace">
            {groupsOf(part.keyId).join(' ')}
          </Text>
        </Box>
        <Group gap={6}>
          {has ? null : (
            <Badge variant="outline" color="orange" tt="none" c="var(--mantine-color-text)">
              {t('parts.away')}
            </Badge>
          )}
          <Badge variant="outline" color={state === 'valid' ? 'green' : 'red'} tt="none" c="var(--mantine-color-text)">
            {t(`parts.${state}`)}
          </Badge>
        </Group>
      </Group>
    </Box>
  )
}

/** The main key and its subkeys, and a new one to encrypt to. */
export function PartsCard({ of }: { of: OwnKey }) {
  const { t } = useTranslation('keys')
  const [isOpen, { open, close }] = useDisclosure()
  const { revoked, expired } = masterOf(of)
  return (
    <Card title={t('parts.title')} lead={t('parts.lead')}>
      <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
        {of.publicRing.keys.map((part, index) => (
          <Part
            key={part.fingerprint}
            part={part}
            has={of.privateRing === undefined || (of.privateRing.keys[index]?.hasPrivateKey ?? false)}
          />
        ))}
      </Stack>
      {of.privateRing && !revoked && !expired ? (
        <Button mt="sm" variant="default" leftSection={<RotateCw aria-hidden size={16} />} onClick={open}>
          {t('parts.rotate')}
        </Button>
      ) : null}
      <Rotating of={of} opened={isOpen} onClose={close} />
    </Card>
  )
}
