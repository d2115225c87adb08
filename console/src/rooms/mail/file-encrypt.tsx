import { Button, Group, Stack, Switch, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { encryptFile, type Named } from './calls.ts'
import { ChosenFile } from './chosen-file.tsx'
import { useFaults } from './faults.ts'
import { FileResult } from './file-result.tsx'
import { MissingNote } from './missing-note.tsx'
import type { Person } from './people.ts'
import { PeopleField } from './people-field.tsx'
import { PlanList } from './plan-list.tsx'
import { Underway } from './progress.tsx'
import { stateOf } from './states.ts'
import { useFileWork } from './use-file-work.ts'
import { useKey } from './use-key.tsx'
import { usePlan } from './use-plan.ts'
import { useObstacles } from './what-is-missing.ts'

/** Encrypts a file for its owner and others. Who would be a guest for a mail cannot be for a file. */
export function FileEncrypt() {
  const { t } = useTranslation('mail')
  const faults = useFaults()
  const obstaclesOf = useObstacles()
  const { withKey, dialog } = useKey()
  const { work, part, error, made, forget } = useFileWork<Named>(withKey)
  const [file, setFile] = useState<File | null>(null)
  const [people, setPeople] = useState<Person[]>([])
  const [sign, setSign] = useState(false)
  const plan = usePlan({ to: people, cc: [], bcc: [] })
  const plannedOf = (person: Person) => {
    const planned = plan.plannedOf(person)
    return planned?.how === 'guest' || (planned?.how === 'encrypted' && !planned.key)
      ? { ...planned, how: 'clear-only' as const, reason: 'guest-for-file' }
      : planned
  }
  const obstacles = people.length === 0 ? [] : obstaclesOf({ ...plan, plannedOf, people })
  const encrypt = () =>
    file &&
    work(
      (going) => encryptFile(file, { to: people.map(({ address }) => address), sign }, going),
      sign && plan.author?.needsPassword === true,
    )
  return (
    <Card title={t('files.encryptTitle')} lead={t('files.encryptLead')}>
      <Stack>
        <ChosenFile
          label={t('files.file')}
          value={file}
          onChange={(chosen) => {
            forget()
            setFile(chosen)
          }}
        />
        <PeopleField
          label={t('files.for')}
          description={t('write.peopleHint')}
          value={people}
          onChange={setPeople}
          stateOf={(person) => stateOf(person, plannedOf(person))}
        />
        {people.length > 0 ? (
          <>
            <Text size="sm" fw={600}>
              {t('files.forPlan')}
            </Text>
            <PlanList people={people} plannedOf={plannedOf} />
          </>
        ) : null}
        <Switch
          label={t('files.withSignature')}
          checked={sign}
          disabled={plan.author?.canSign === false}
          onChange={(event) => setSign(event.currentTarget.checked)}
        />
        {obstacles.length > 0 ? <MissingNote missing={obstacles} /> : null}
        <ErrorNote error={error} words={faults} />
        <Underway part={part} label={t('files.encryptTitle')} />
        <Group>
          <Button onClick={encrypt} loading={part !== null} disabled={!file || obstacles.length > 0}>
            {t('files.encryptDo')}
          </Button>
        </Group>
        <FileResult made={made} />
      </Stack>
      {dialog}
    </Card>
  )
}
