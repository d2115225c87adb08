import { Group, SimpleGrid, Stack, Switch, Table, Text, Title } from '@mantine/core'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Empty } from '../../parts/empty.tsx'
import type { Measures, Sample } from './calls.ts'
import { Chart } from './chart.tsx'
import { type Figure, together, written } from './figures.ts'

/** Samples of a minute. */
const ROW = 12

const rowsOf = (samples: readonly Sample[]): Sample[][] => {
  const rows: Sample[][] = []
  for (let end = samples.length; end > 0; end -= ROW) rows.push(samples.slice(Math.max(0, end - ROW), end))
  return rows
}

/** What the charts show, in words and numbers: a row for each minute. */
function Tables({ figures, samples }: { figures: readonly Figure[]; samples: readonly Sample[] }) {
  const { t, i18n } = useTranslation('house')
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'medium' })
  return (
    <Table.ScrollContainer
      minWidth={600}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': t('now.table') } }}
    >
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('now.interval')}</Table.Th>
            {figures.flatMap((figure) =>
              figure.lines.map((line) => (
                <Table.Th key={`${figure.name} ${line.name}`} scope="col">
                  {t(`figures.${figure.name}`)}: {t(`figures.${line.name}`)}
                </Table.Th>
              )),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rowsOf(samples).map((row) => (
            <Table.Tr key={row.at(-1)!.seq}>
              <Table.Th scope="row" fw={400}>
                {time.format(new Date(row.at(-1)!.at))}
              </Table.Th>
              {figures.flatMap((figure) =>
                figure.lines.map((line) => (
                  <Table.Td key={`${figure.name} ${line.name}`}>
                    {written(together(row.map(line.of), figure), figure.unit, i18n.language)}
                  </Table.Td>
                )),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

interface ChartsProps {
  measures: Measures
  figures: readonly Figure[]
  columns?: number
  height?: number
}

/** How the server is doing: as pictures, or as a table for who would rather read. */
export function Charts({ measures: { samples, everySeconds, processes }, figures, columns = 4, height }: ChartsProps) {
  const { t } = useTranslation('house')
  const id = useId()
  const [isTable, setTable] = useState(false)
  return (
    <Stack component="section" aria-labelledby={id} gap="sm">
      <Group justify="space-between">
        <div>
          <Title order={2} id={id}>
            {t('now.title')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('now.lead', { count: processes.length, seconds: everySeconds })}
          </Text>
        </div>
        <Switch
          label={t('now.asTable')}
          checked={isTable}
          onChange={(event) => setTable(event.currentTarget.checked)}
        />
      </Group>
      {samples.length === 0 ? <Empty title={t('now.empty')} /> : null}
      {samples.length > 0 && isTable ? <Tables figures={figures} samples={samples} /> : null}
      {samples.length > 0 && !isTable ? (
        <SimpleGrid cols={{ base: 1, xs: 2, lg: columns }} spacing="sm">
          {figures.map((figure) => (
            <Chart key={figure.name} figure={figure} samples={samples} {...(height ? { height } : {})} />
          ))}
        </SimpleGrid>
      ) : null}
    </Stack>
  )
}
