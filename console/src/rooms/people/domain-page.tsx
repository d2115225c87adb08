import { Anchor, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { decideForDomain, domainQuery } from './calls.ts'
import { PolicyCard } from './policy-card.tsx'

/** What holds for everybody in a domain. */
export function Component() {
  const { t } = useTranslation('people')
  const { domain = '' } = useParams()
  const { data, error } = useQuery(domainQuery(domain))
  return (
    <Page
      title={domain}
      lead={
        <Anchor component={Link} to={`/admin/people?domain=${encodeURIComponent(domain)}`}>
          {t('policy.peopleOf', { domain })}
        </Anchor>
      }
    >
      <ErrorNote error={error} words={{ BAD_PARAMETER: t('policy.noDomain') }} />
      {data ? (
        <PolicyCard
          policy={data.policy}
          scope="domain"
          domain={domain}
          mayDecide={data.rights.protect}
          decide={(changes) => decideForDomain(domain, changes)}
        />
      ) : error ? null : (
        <Skeleton h={600} />
      )}
    </Page>
  )
}
