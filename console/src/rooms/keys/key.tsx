import { Button, Group, SimpleGrid, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Star } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Fingerprint } from '../../parts/fingerprint.tsx'
import { tell } from '../../parts/notices.ts'
import { Page } from '../../parts/page.tsx'
import { Waiting } from '../../parts/waiting.tsx'
import { AddressesCard } from './addresses-card.tsx'
import { makeCurrent, masterOf, type OwnKey, useOwnKeys } from './calls.ts'
import { CopiesCard } from './copies-card.tsx'
import { DangerCard } from './danger-card.tsx'
import { ownerOf, StateBadge, StateText } from './key-state.tsx'
import { Life } from './life.tsx'
import { PartsCard } from './parts-card.tsx'
import { useRefusals } from './refusals.ts'
import { ToAll } from './to-all.tsx'
import { WorldCard } from './world-card.tsx'

function MakeCurrent({ of }: { of: OwnKey }) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const [isOpen, { open, close }] = useDisclosure()
  const confirm = async () => {
    await makeCurrent(masterOf(of).fingerprint)
    tell(t('choosing.done'))
  }
  return (
    <>
      <Button variant="default" leftSection={<Star aria-hidden size={16} />} onClick={open}>
        {t('choosing.make')}
      </Button>
      <Confirm
        opened={isOpen}
        onClose={close}
        title={t('choosing.title')}
        action={t('choosing.make')}
        onConfirm={confirm}
        isHarmless
        words={words}
      >
        {t('choosing.text')}
      </Confirm>
    </>
  )
}

/** One key, with everything that can be done with it. */
export function Component() {
  const { t } = useTranslation('keys')
  const { fingerprint = '' } = useParams()
  const { data: keys, error, isPending } = useOwnKeys()
  if (isPending) return <Waiting />
  const key = keys?.find((one) => masterOf(one).fingerprint === fingerprint.toUpperCase())
  if (!key)
    return (
      <Page title={t('gone.title')} lead={error ? undefined : t('gone.text')}>
        <ErrorNote error={error} />
        <ToAll />
      </Page>
    )
  const name = ownerOf(key) || t('noName')
  return (
    <Page title={t('keyOf', { name })} back={<ToAll />}>
      <Card title={t(key.current ? 'current' : 'details')} actions={<StateBadge of={key} />}>
        <Stack>
          <StateText of={key} />
          <Life of={key} />
          {!key.current && key.publicRing.encryptable ? (
            <Group>
              <MakeCurrent of={key} />
            </Group>
          ) : null}
        </Stack>
      </Card>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg" style={{ alignItems: 'start' }}>
        <Stack gap="lg">
          <Card title={t('fingerprint.title')} lead={t('fingerprint.lead')}>
            <Fingerprint value={masterOf(key).fingerprint} of={name} />
          </Card>
          <WorldCard of={key} />
          <PartsCard of={key} />
        </Stack>
        <Stack gap="lg">
          <CopiesCard of={key} />
          <AddressesCard of={key} />
          <DangerCard of={key} />
        </Stack>
      </SimpleGrid>
    </Page>
  )
}
