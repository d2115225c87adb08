import { Anchor, SimpleGrid, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import {
  infoQuery,
  latestQuery,
  overviewQuery,
  passkeysQuery,
  recoveryMethodsQuery,
  stepMethodsQuery,
} from './calls.ts'
import { HappeningLine } from './happening-line.tsx'
import { LeadsBack, LetIn, Protects } from './home-rows.tsx'
import classes from './security.module.css'
import { VerdictCard } from './verdict-card.tsx'

function Lately() {
  const { t } = useTranslation('security')
  const { data: items } = useQuery(latestQuery)
  return (
    <Card
      title={t('lately')}
      actions={
        <Anchor component={Link} to="activity" size="sm">
          {t('allActivity')}
        </Anchor>
      }
    >
      {items ? (
        items.length > 0 ? (
          <ol className={classes.list}>
            {items.map((one) => (
              <HappeningLine key={one.id} happening={one} isBrief />
            ))}
          </ol>
        ) : (
          <Text c="dimmed">{t('activity.none')}</Text>
        )
      ) : (
        <Stack gap="sm">
          <Skeleton h={44} />
          <Skeleton h={44} />
          <Skeleton h={44} />
        </Stack>
      )}
    </Card>
  )
}

function Loading() {
  const { t } = useTranslation()
  return (
    <>
      <VisuallyHidden role="status">{t('loading')}</VisuallyHidden>
      <Skeleton h={128} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Skeleton h={270} />
        <Skeleton h={270} />
      </SimpleGrid>
    </>
  )
}

/** What protects this account and what would get its owner back in, at a glance. */
export function Component() {
  const { t } = useTranslation('security')
  const [overview, info, recovery, step, passkeys] = useQueries({
    queries: [overviewQuery, infoQuery, recoveryMethodsQuery, stepMethodsQuery, passkeysQuery],
  })
  const fault = overview.error ?? info.error ?? recovery.error ?? step.error ?? passkeys.error
  const known =
    overview.data && info.data && recovery.data
      ? { overview: overview.data, info: info.data, recoveryMethods: recovery.data }
      : null
  return (
    <Page title={t('title')} lead={t('lead')}>
      {fault ? <ErrorNote error={fault} /> : null}
      {known && step.data && passkeys.data ? (
        <>
          <VerdictCard known={known} />
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
            <Protects known={known} step={step.data} passkeys={passkeys.data} />
            <LeadsBack known={known} />
            <LetIn overview={known.overview} />
            <Lately />
          </SimpleGrid>
        </>
      ) : fault ? null : (
        <Loading />
      )}
    </Page>
  )
}
