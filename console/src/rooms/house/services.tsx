import { Box, List, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Mail, Network } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { When } from '../../parts/times.tsx'
import { readServices, type Services } from './calls.ts'
import { Lines } from './lines.tsx'
import { Loaded } from './loaded.tsx'
import { Secrets } from './secrets.tsx'

// A command, and not the setting: a file of settings would take an example, or what a shell is to fill in, for the key.
const MAKE_KEY = 'echo "CHATELAINE_MAIL_SERVER_KEY=$(openssl rand -hex 32)"'

function Sibling({ sibling }: { sibling: Services['siblings'][number] }) {
  const { t } = useTranslation('house')
  return (
    <List.Item>
      <Title order={3} size="h5">
        {sibling.type}
      </Title>
      <Text size="sm">{sibling.publicUri}</Text>
      <Text size="sm" c="dimmed">
        {t('services.source')}: {t(`services.sources.${sibling.source}`)}
        {sibling.version ? ` · ${t('services.version')} ${sibling.version}` : ''}
        {sibling.privateUri ? ` · ${t('services.inside')}: ${sibling.privateUri}` : ''}
        {sibling.until ? (
          <>
            {' '}
            · {t('services.until')}: <When at={sibling.until} />
          </>
        ) : null}
      </Text>
    </List.Item>
  )
}

function Siblings({ services: { siblings, ourselves, kafka } }: { services: Services }) {
  const { t } = useTranslation('house')
  return (
    <Card title={t('services.siblings')} lead={t('services.siblingsLead')} icon={<Network aria-hidden />}>
      {siblings.length === 0 ? (
        <Empty title={t('services.noSiblings')}>
          <Text c="dimmed">{t('services.noSiblingsText')}</Text>
        </Empty>
      ) : (
        <List listStyleType="none" spacing="md">
          {siblings.map((sibling) => (
            <Sibling key={`${sibling.type} ${sibling.publicUri} ${sibling.privateUri}`} sibling={sibling} />
          ))}
        </List>
      )}
      <Text size="sm" c="dimmed" mt="md">
        {t('services.here')}: {ourselves.type}, {ourselves.publicUri}
        {ourselves.privateUri ? `, ${t('services.inside')} ${ourselves.privateUri}` : ''}.{' '}
        {kafka ? t('services.kafka', { count: kafka.brokers, topic: kafka.topic }) : ''}
      </Text>
    </Card>
  )
}

function MailServers({ hasOwnKey }: { hasOwnKey: boolean }) {
  const { t } = useTranslation('house')
  return (
    <Card title={t('services.mailServers')} icon={<Mail aria-hidden />}>
      <Text>{t(hasOwnKey ? 'services.hasKey' : 'services.noKey')}</Text>
      {hasOwnKey ? null : (
        <Box mt="sm">
          <Lines text={MAKE_KEY} />
        </Box>
      )}
    </Card>
  )
}

export function Component() {
  const { t } = useTranslation('house')
  const query = useQuery({ queryKey: ['house', 'services'], queryFn: readServices, refetchInterval: 10_000 })
  return (
    <Page title={t('services.title')} lead={t('services.lead')}>
      <Loaded query={query} heights={[180, 100, 180]}>
        {(services) => (
          <Stack gap="lg">
            <Siblings services={services} />
            <MailServers hasOwnKey={services.mailServers.hasOwnKey} />
            {services.secrets ? (
              <Secrets names={services.secrets} />
            ) : (
              <Card title={t('services.secrets')}>
                <Text c="dimmed">{t('services.notYours')}</Text>
              </Card>
            )}
          </Stack>
        )}
      </Loaded>
    </Page>
  )
}
