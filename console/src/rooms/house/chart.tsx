import { Box, Group, Paper, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Sample } from './calls.ts'
import classes from './chart.module.css'
import { type Figure, type Line, together, written } from './figures.ts'

const WIDTH = 300
const HEIGHT = 90
const MARGIN = 4
/** A quarter of an hour: what is not known yet is left free on the left. */
const PLACES = 180

/** The path of a line; nothing is drawn where nothing was measured. */
function pathOf(values: readonly (number | null)[], most: number): string {
  const step = WIDTH / (PLACES - 1)
  const first = PLACES - values.length
  let isPenDown = false
  return values
    .map((value, index) => {
      if (value === null) {
        isPenDown = false
        return ''
      }
      const x = (first + index) * step
      const y = HEIGHT - MARGIN - (value / most) * (HEIGHT - 2 * MARGIN)
      const point = `${x.toFixed(1)} ${y.toFixed(1)}`
      // A lone point shows as a dot, by the round end of its line.
      const move = isPenDown ? `L${point}` : `M${point}h0.01`
      isPenDown = true
      return move
    })
    .join('')
}

interface ChartProps {
  figure: Figure
  samples: readonly Sample[]
  /** is it one of a few, or one of many? */
  height?: number
}

/** A small chart of lines, with what it shows in words beside it. */
export function Chart({ figure, samples, height = 72 }: ChartProps) {
  const { t, i18n } = useTranslation('house')
  const shown = (value: number | null) => written(value, figure.unit, i18n.language)
  const lines = figure.lines.map((line: Line) => {
    const values = samples.map(line.of)
    const now = values.at(-1) ?? null
    const all = together(values, figure)
    const facts = { name: t(`figures.${line.name}`), now: shown(now), total: shown(all), most: shown(all) }
    return { ...line, values, label: t(figure.sums ? 'now.summary' : 'now.summaryNow', facts), total: shown(all), now }
  })
  const most = Math.max(
    figure.unit === 'count' ? 4 : 1,
    ...lines.flatMap(({ values }) => values.map((one) => one ?? 0)),
  )
  return (
    <Paper withBorder bg="var(--card)" p="md" component="section" aria-label={t(`figures.${figure.name}`)}>
      <Group justify="space-between" gap="xs" align="baseline" wrap="nowrap">
        <Title order={3} size="h5">
          {t(`figures.${figure.name}`)}
        </Title>
        <Text size="xs" c="dimmed" aria-hidden>
          {t('now.scale', { most: shown(most) })}
        </Text>
      </Group>
      <svg
        role="img"
        aria-label={`${t(`figures.${figure.name}`)}: ${lines.map(({ label }) => label).join('; ')}`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        height={height}
        className={classes.picture}
      >
        <path d={`M0 ${HEIGHT - MARGIN}H${WIDTH}`} className={classes.ground} />
        {lines.map(({ name, tone, values }) => (
          <path key={name} d={pathOf(values, most)} className={`${classes.line} ${classes[tone]}`} />
        ))}
      </svg>
      <Group gap="0.1rem 1rem" mt={6} aria-hidden>
        {lines.map(({ name, tone, now, total }) => (
          <Group key={name} gap={6} wrap="nowrap">
            <Box className={`${classes.key} ${classes[tone]}`} />
            <Text size="sm">
              {t(`figures.${name}`)} <b>{figure.sums ? total : shown(now)}</b>
            </Text>
          </Group>
        ))}
      </Group>
    </Paper>
  )
}
