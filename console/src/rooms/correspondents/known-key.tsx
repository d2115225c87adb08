import { Box, Button, Group, Stack, Switch, Text } from '@mantine/core'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Fingerprint } from '../../parts/fingerprint.tsx'
import { When } from '../../parts/times.tsx'
import { shareKey, writeInline } from './calls.ts'
import { useMark, useVerify } from './changes.ts'
import { Comparing } from './comparing.tsx'
import { Deleting } from './deleting.tsx'
import { Facts } from './facts.tsx'
import { isByMail, type Known, titleOf } from './known.ts'
import { Life, TrustBadge } from './state.tsx'

/** Brought by hand, or found right: used without a second thought. A colleague's word is the server's to judge. */
const isTrusted = ({ origin, isVerified }: Known) => origin === 'brought' || origin === 'shared' || isVerified

const trustWords = ({ origin, isVerified }: Known) => (isVerified ? 'trust.verified' : (`trust.${origin}` as const))

/** A key in the list: whose, from where, and whether it can be relied on. */
export function KnownKeyLine({ known }: { known: Known }) {
  const { t } = useTranslation('correspondents')
  const { addresses, origin, ring } = known
  return (
    <Group justify="space-between" gap="xs">
      <Box flex="1 1 14rem">
        <Text fw={600}>{titleOf(known)}</Text>
        <Text size="sm" c="dimmed">
          {addresses.join(', ')}
        </Text>
      </Box>
      <Group gap="xs" pe="sm">
        {ring.encryptable ? null : <Life ring={ring} />}
        <Text size="sm">{t(`origins.${origin}`)}</Text>
        <TrustBadge isTrusted={isTrusted(known)} />
      </Group>
    </Group>
  )
}

/** Who else may use a key, and in which form its owner reads mails. */
function Marks({ known }: { known: Known }) {
  const { t } = useTranslation('correspondents')
  const sharing = useMark('shared', shareKey)
  const inline = useMark('inline', writeInline)
  const { ids, isShared, isInline } = known
  return (
    <>
      <Switch
        label={t('share.label')}
        description={t('share.text')}
        checked={isShared}
        onChange={(event) => sharing.mutate({ ids, value: event.currentTarget.checked })}
      />
      <Switch
        label={t('inline.label')}
        description={t('inline.text')}
        checked={isInline}
        onChange={(event) => inline.mutate({ ids, value: event.currentTarget.checked })}
      />
      <ErrorNote error={sharing.error ?? inline.error} />
    </>
  )
}

/** A key with all that is known of it, and what can be done with it. */
export function KnownKey({ known }: { known: Known }) {
  const { t } = useTranslation('correspondents')
  const verify = useVerify()
  const [isComparing, setComparing] = useState(false)
  const [isDeleting, setDeleting] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const { ids, ring, fingerprint, origin, addresses, isVerified, lastSeen } = known
  const name = titleOf(known)
  const takeBack = async () => {
    setError(null)
    await verify(ids, false).catch(setError)
  }
  return (
    <Stack>
      <Facts
        facts={[
          [t('facts.owner'), [known.name, ...addresses].filter(Boolean).join(', ')],
          [t('facts.origin'), t(`originText.${origin}`)],
          [t('facts.trust'), t(trustWords(known))],
          [t('facts.made'), <When key="made" at={ring.keys[0]?.creationTime} />],
          lastSeen ? [t('facts.seen'), <When key="seen" at={lastSeen} />] : null,
          [t('facts.life'), <Life key="life" ring={ring} />],
        ]}
      />
      <Fingerprint value={fingerprint} of={name} />
      {origin === 'brought' ? <Marks known={known} /> : null}
      <ErrorNote error={error} />
      <Group>
        <Button onClick={() => setComparing(true)}>{t('compare.open')}</Button>
        {isVerified ? (
          <Button variant="default" onClick={takeBack}>
            {t('verify.takeBack')}
          </Button>
        ) : null}
        {origin === 'shared' ? null : (
          <Button variant="default" leftSection={<Trash2 aria-hidden size={16} />} onClick={() => setDeleting(true)}>
            {t('delete.open')}
          </Button>
        )}
      </Group>
      <Comparing
        opened={isComparing}
        onClose={() => setComparing(false)}
        name={name}
        fingerprint={fingerprint}
        agreeing={
          isByMail(known) && !isVerified
            ? { label: t('verify.action'), text: t('verify.text'), act: () => verify(ids, true) }
            : null
        }
      />
      <Deleting opened={isDeleting} onClose={() => setDeleting(false)} known={known} name={name} />
    </Stack>
  )
}
