import { Alert, Badge, Group, Table, Text } from '@mantine/core'
import { Network } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { When } from '../../parts/times.tsx'
import type { Measures, Process } from './calls.ts'
import { written } from './figures.ts'
import { versionsOf } from './processes.ts'

/** What a process is called: by its machine, and by its number there where it has one. */
export function useProcessName() {
  const { t } = useTranslation('house')
  return ({ host, worker, pid }: Process): string =>
    worker > 0 ? t('processes.worker', { host, worker }) : t('processes.process', { host, pid })
}

function Row({ process, everySeconds }: { process: Process; everySeconds: number }) {
  const { t, i18n } = useTranslation('house')
  const name = useProcessName()
  const last = process.gone ? undefined : process.samples.at(-1)
  const figure = (value: number | undefined, unit: 'count' | 'ms' | 'bytes') =>
    written(value ?? null, unit, i18n.language)
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400}>
        <Group gap="xs">
          {name(process)}
          {process.gone ? (
            <Badge variant="outline" color="red" tt="none" c="var(--mantine-color-text)">
              {t('processes.gone')}
            </Badge>
          ) : null}
        </Group>
      </Table.Th>
      <Table.Td>{process.version}</Table.Td>
      <Table.Td>
        <When at={process.started} />
      </Table.Td>
      <Table.Td>
        <When at={process.seen} />
      </Table.Td>
      <Table.Td>{figure(last && last.requests / everySeconds, 'count')}</Table.Td>
      <Table.Td>{figure(last?.eventLoop.p99, 'ms')}</Table.Td>
      <Table.Td>{figure(last?.memory.resident, 'bytes')}</Table.Td>
    </Table.Tr>
  )
}

/** Who works on the database, and how each fares. */
export function ProcessTable({ measures: { processes, everySeconds } }: { measures: Measures }) {
  const { t } = useTranslation('house')
  const versions = versionsOf(processes)
  const columns = ['name', 'version', 'started', 'seen', 'requests', 'eventLoop', 'memory'] as const
  return (
    <Card title={t('processes.title')} lead={t('processes.lead')} icon={<Network aria-hidden />}>
      {versions.length > 1 ? (
        <Alert role="status" variant="light" mb="sm" title={t('processes.mixed', { versions: versions.join(', ') })}>
          {t('processes.mixedText')}
        </Alert>
      ) : null}
      {processes.length === 0 ? (
        <Text c="dimmed">{t('now.empty')}</Text>
      ) : (
        <Table.ScrollContainer
          minWidth={700}
          scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': t('processes.table') } }}
        >
          <Table>
            <Table.Thead>
              <Table.Tr>
                {columns.map((column) => (
                  <Table.Th key={column} scope="col">
                    {t(`processes.columns.${column}`)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {processes.map((process) => (
                <Row key={process.id} process={process} everySeconds={everySeconds} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  )
}
