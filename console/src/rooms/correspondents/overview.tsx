import { SimpleGrid } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'
import { Bringing } from './bringing.tsx'
import { KnownKeys } from './known-keys.tsx'
import { Looking } from './looking.tsx'

export function Component() {
  const { t } = useTranslation('correspondents')
  return (
    <Page title={t('title')} lead={t('lead')}>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Looking />
        <Bringing />
      </SimpleGrid>
      <KnownKeys />
    </Page>
  )
}
