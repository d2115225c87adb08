import { Box, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Download, Printer } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { saveFile } from '../../parts/files.ts'
import {
  autocryptSetup,
  backupPage,
  downloadPrivate,
  downloadPublic,
  downloadRevocation,
  masterOf,
  type OwnKey,
} from './calls.ts'
import { Paper } from './paper.tsx'
import { nothingTyped, ProofFields, proofOf, type Typed } from './proof.tsx'
import { useRefusals } from './refusals.ts'
import { type Setup, SetupCode } from './setup-code.tsx'
import { useWhileOpen } from './while-open.ts'

type Kind = 'public' | 'private' | 'paper' | 'revocation' | 'setup'

function Line({ kind, action, onPress }: { kind: Kind; action: string; onPress(): void }) {
  const { t } = useTranslation('keys')
  return (
    <Group component="li" justify="space-between" wrap="nowrap" align="flex-start" gap="md">
      <Box>
        <Text fw={600} size="sm">
          {t(`copies.${kind}`)}
        </Text>
        <Text size="sm" c="dimmed">
          {t(`copies.${kind}Hint`)}
        </Text>
      </Box>
      <Button
        variant="default"
        size="xs"
        style={{ flexShrink: 0 }}
        leftSection={kind === 'paper' ? <Printer aria-hidden size={14} /> : <Download aria-hidden size={14} />}
        aria-label={`${action}: ${t(`copies.${kind}`)}`}
        onClick={onPress}
      >
        {action}
      </Button>
    </Group>
  )
}

const TYPE = 'application/pgp-keys'

/** Everything of a key that can be taken away: for others, for other programs, for the drawer. */
export function CopiesCard({ of }: { of: OwnKey }) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const [wanted, setWanted] = useState<Exclude<Kind, 'public'>>('private')
  const [isOpen, { open, close }] = useDisclosure()
  const [error, setError] = useState<unknown>(null)
  const [page, setPage] = useState<string | null>(null)
  const [setup, setSetup] = useState<Setup | null>(null)
  const [{ proof }, change] = useWhileOpen(isOpen, { proof: nothingTyped as Typed })
  const { fingerprint, keyId } = masterOf(of)
  const name = (part: string) => `${keyId}-${part}.asc`
  const ask = (kind: typeof wanted) => {
    setWanted(kind)
    open()
  }
  const getPublic = () => {
    setError(null)
    downloadPublic(fingerprint).then((armor) => saveFile(name('public'), armor, TYPE), setError)
  }
  const get = async () => {
    const proven = proofOf(proof)
    if (wanted === 'private') saveFile(name('private'), await downloadPrivate(fingerprint, proven), TYPE)
    if (wanted === 'revocation') saveFile(name('revocation'), await downloadRevocation(fingerprint, proven), TYPE)
    if (wanted === 'paper') setPage(await backupPage(fingerprint, proven))
    if (wanted === 'setup') setSetup(await autocryptSetup(proven))
  }
  const kinds: (typeof wanted)[] = of.current
    ? ['private', 'paper', 'revocation', 'setup']
    : ['private', 'paper', 'revocation']
  const actions = { private: 'get', paper: 'print', revocation: 'get', setup: 'make' } as const
  return (
    <Card title={t('copies.title')} lead={t('copies.lead')}>
      <Stack component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        <Line kind="public" action={t('copies.get')} onPress={getPublic} />
        {of.privateRing
          ? kinds.map((kind) => (
              <Line key={kind} kind={kind} action={t(`copies.${actions[kind]}`)} onPress={() => ask(kind)} />
            ))
          : null}
      </Stack>
      <ErrorNote error={error} words={words} mt="sm" />
      <Confirm
        opened={isOpen}
        onClose={close}
        title={t(`copies.${wanted}`)}
        action={t(`copies.${actions[wanted]}`)}
        onConfirm={get}
        isReady={proof.secret !== ''}
        isHarmless
        words={words}
      >
        <Text size="sm">{t(`copies.${wanted}Hint`)}</Text>
        <ProofFields value={proof} onChange={(proof) => change({ proof })} allowsAccount={wanted === 'revocation'} />
      </Confirm>
      <Paper page={page} name={`${keyId}.html`} onClose={() => setPage(null)} />
      <SetupCode setup={setup} onClose={() => setSetup(null)} />
    </Card>
  )
}
