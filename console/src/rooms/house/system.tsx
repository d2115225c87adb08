import { Button, Group, NativeSelect, SimpleGrid, Stack, Table, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { RotateCw, Server } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { tell } from '../../parts/notices.ts'
import { Page } from '../../parts/page.tsx'
import { When } from '../../parts/times.tsx'
import { type Measures, reload, type Sample } from './calls.ts'
import { Charts } from './charts.tsx'
import { furtherFigures, mainFigures } from './figures.ts'
import { Loaded } from './loaded.tsx'
import { LogLevels } from './log-levels.tsx'
import { ProcessTable, useProcessName } from './process-table.tsx'
import { useMeasures } from './use-measures.ts'

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} fw={600}>
        {children}
      </Text>
    </div>
  )
}

function About({ measures }: { measures: Measures }) {
  const { t } = useTranslation('house')
  const openpgp = measures.samples.at(-1)?.queues.openpgp
  return (
    <Card title={t('system.about')} icon={<Server aria-hidden />}>
      <SimpleGrid component="dl" m={0} cols={{ base: 2, sm: 3, lg: 6 }} spacing="md">
        <Fact name={t('system.version')}>{measures.version}</Fact>
        <Fact name={t('system.started')}>
          <When at={measures.started} />
        </Fact>
        <Fact name={t('system.database')}>{t(`system.databases.${measures.database}`)}</Fact>
        <Fact name={t('system.workers')}>
          {openpgp ? t('system.workersOf', { running: openpgp.running, size: openpgp.size }) : t('now.none')}
        </Fact>
        <Fact name={t('system.node')}>{measures.node}</Fact>
        <Fact name={t('system.processors')}>{measures.processors}</Fact>
      </SimpleGrid>
    </Card>
  )
}

/** Reasons by their subject, the most frequent first. */
function reasonsIn(samples: readonly Sample[], known: (subject: string) => boolean): [string, number][] {
  const counts = new Map<string, number>()
  for (const { refusals } of samples)
    for (const [reason, count] of Object.entries(refusals)) {
      const subject = reason.split('.')[0] ?? ''
      const name = known(subject) ? subject : 'other'
      counts.set(name, (counts.get(name) ?? 0) + count)
    }
  return [...counts].toSorted(([, a], [, b]) => b - a)
}

function Refusals({ samples }: { samples: readonly Sample[] }) {
  const { t, i18n } = useTranslation('house')
  const reasons = reasonsIn(samples, (subject) => i18n.exists(`reasons.${subject}`, { ns: 'house' }))
  return (
    <Card title={t('now.reasons')}>
      {reasons.length === 0 ? (
        <Text c="dimmed">{t('now.noRefusals')}</Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('now.reason')}</Table.Th>
              <Table.Th scope="col">{t('now.count')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {reasons.map(([reason, count]) => (
              <Table.Tr key={reason}>
                <Table.Td>{t(`reasons.${reason as 'other'}`)}</Table.Td>
                <Table.Td>{count}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  )
}

function Reload() {
  const { t } = useTranslation('house')
  const { mutate, isPending, variables, error } = useMutation({
    mutationFn: reload,
    onSuccess: () => tell(t('system.reloaded')),
  })
  return (
    <Card title={t('system.reload')} lead={t('system.reloadLead')} icon={<RotateCw aria-hidden />}>
      <ErrorNote error={error} mb="sm" />
      <Group>
        {(['certificate', 'templates'] as const).map((part) => (
          <Button key={part} variant="default" onClick={() => mutate(part)} loading={isPending && variables === part}>
            {t(`system.${part}`)}
          </Button>
        ))}
      </Group>
    </Card>
  )
}

/** The charts of all processes together, or of one. */
function Figures({ measures }: { measures: Measures }) {
  const { t } = useTranslation('house')
  const name = useProcessName()
  const [of, setOf] = useState('')
  const { processes } = measures
  const one = processes.find(({ id }) => id === of)
  const shown = one ? { ...measures, samples: one.samples, processes: [one] } : measures
  return (
    <>
      {processes.length > 1 ? (
        <NativeSelect
          label={t('processes.of')}
          value={one ? of : ''}
          onChange={(event) => setOf(event.currentTarget.value)}
          data={[
            { value: '', label: t('processes.all') },
            ...processes.map((process) => ({ value: process.id, label: name(process) })),
          ]}
          maw={360}
        />
      ) : null}
      <Charts measures={shown} figures={[...mainFigures, ...furtherFigures]} columns={3} height={130} />
      <Refusals samples={shown.samples} />
    </>
  )
}

export function Component() {
  const { t } = useTranslation('house')
  const query = useMeasures()
  return (
    <Page title={t('system.title')} lead={t('system.lead')}>
      <Loaded query={query} heights={[110, 220, 220]}>
        {(measures) => (
          <Stack gap="lg">
            <About measures={measures} />
            <ProcessTable measures={measures} />
            <Figures measures={measures} />
            <LogLevels />
            <Reload />
          </Stack>
        )}
      </Loaded>
    </Page>
  )
}
