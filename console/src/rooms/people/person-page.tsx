import { Alert, Anchor, Button, Group, SimpleGrid, Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ArrowLeft } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { AddressesCard } from './addresses-card.tsx'
import { changePerson, decideForPerson, personQuery, showStanding } from './calls.ts'
import { EventsCard } from './events-card.tsx'
import { KeysCard } from './keys-card.tsx'
import { PolicyCard } from './policy-card.tsx'
import { ProtectionCard } from './protection-card.tsx'
import { RemovePerson } from './remove-person.tsx'
import { StandingCard } from './standing-card.tsx'
import { SuspendPerson } from './suspend-person.tsx'
import type { PersonFile } from './types.ts'

/** What was just done, and how to take it back. */
export interface Done {
  text: string
  undo?: () => Promise<unknown>
}

export function Component() {
  const { t } = useTranslation('people')
  const { id = '' } = useParams()
  const { data: file, error } = useQuery(personQuery(id))
  const back = (
    <Anchor component={Link} to="/admin/people">
      <Group gap={6} component="span">
        <ArrowLeft aria-hidden size={16} />
        {t('back')}
      </Group>
    </Anchor>
  )
  if (file) return <PersonPage key={id} file={file} back={back} />
  return (
    <Page title={t('person')} lead={back}>
      <ErrorNote error={error} words={{ NOT_FOUND: t('gone'), ACCESS_DENIED: t('denied') }} />
      {error ? null : (
        <SimpleGrid cols={{ base: 1, lg: 2 }}>
          <Skeleton h={260} />
          <Skeleton h={260} />
          <Skeleton h={200} />
          <Skeleton h={200} />
        </SimpleGrid>
      )}
    </Page>
  )
}

function PersonPage({ file, back }: { file: PersonFile; back: React.ReactNode }) {
  const { t } = useTranslation('people')
  const [done, setDone] = useState<Done | null>(null)
  const [error, setError] = useState<unknown>(null)
  const { id, name, address, isSuspended, rights } = file
  /** Shown at once; back to what it was where the server says no. */
  const suspend = async (suspended: boolean) => {
    setError(null)
    showStanding(id, { isSuspended: suspended })
    try {
      await changePerson(file, { suspended })
    } catch (error) {
      showStanding(id, { isSuspended: !suspended })
      throw error
    }
  }
  const release = async () => {
    await suspend(false)
    setDone({ text: t('standing.released'), undo: shutOut })
  }
  const shutOut = async () => {
    await suspend(true)
    setDone({ text: t('standing.suspended'), undo: release })
  }
  const undo = (act: () => Promise<unknown>) => act().catch(setError)
  return (
    <Page
      title={name || address}
      lead={back}
      actions={
        rights.change ? (
          isSuspended ? (
            <Button onClick={() => void release().catch(setError)}>{t('standing.release')}</Button>
          ) : (
            <SuspendPerson name={name || address} onSuspend={shutOut} />
          )
        ) : null
      }
    >
      {/* Empty it takes no room. */}
      <div role="status" style={{ position: done ? 'static' : 'absolute' }}>
        {done ? (
          <Alert variant="light" withCloseButton onClose={() => setDone(null)} closeButtonLabel={t('dismiss')}>
            <Group justify="space-between">
              {done.text}
              {done.undo ? (
                <Button variant="default" size="xs" onClick={() => done.undo && void undo(done.undo)}>
                  {t('undo')}
                </Button>
              ) : null}
            </Group>
          </Alert>
        ) : null}
      </div>
      <ErrorNote error={error} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg" style={{ alignItems: 'start' }}>
        <Stack gap="lg">
          <StandingCard file={file} onDone={setDone} />
          <AddressesCard file={file} onDone={setDone} />
        </Stack>
        <Stack gap="lg">
          <ProtectionCard file={file} onDone={setDone} />
          {rights.protect ? <KeysCard file={file} onDone={setDone} /> : null}
        </Stack>
      </SimpleGrid>
      <PolicyCard
        policy={file.policy}
        scope="account"
        domain={address.slice(address.lastIndexOf('@') + 1)}
        mayDecide={rights.protect}
        decide={(changes) => decideForPerson(id, changes)}
      />
      <EventsCard events={file.events} of={id} />
      {rights.remove ? <RemovePerson file={file} /> : null}
    </Page>
  )
}
