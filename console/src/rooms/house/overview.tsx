import { Accordion, Anchor, Group, List, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Activity, CircleCheck, Inbox, ListChecks, UserSearch } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { Page } from '../../parts/page.tsx'
import { readSetup, type SetupItem } from './calls.ts'
import { Charts } from './charts.tsx'
import { mainFigures } from './figures.ts'
import { Loaded } from './loaded.tsx'
import { Moments, Todo } from './setup-item.tsx'
import { type SetupCode, sentenceOf } from './setup-sentence.ts'
import { useMeasures } from './use-measures.ts'

const order = { missing: 0, advice: 1, ok: 2 }

function Todos({ items }: { items: readonly SetupItem[] }) {
  const { t, i18n } = useTranslation('house')
  // What has no words here yet is for programs.
  const known = items
    .filter(({ code }) => i18n.exists(`setup.${code}.title`, { ns: 'house' }))
    .toSorted((a, b) => order[a.state] - order[b.state])
  const open = known.filter(({ state }) => state !== 'ok')
  const done = known.filter(({ state }) => state === 'ok')
  return (
    <Card
      title={t('todo.title')}
      icon={<ListChecks aria-hidden />}
      lead={open.length > 0 ? t('todo.lead', { count: open.length }) : t('todo.none')}
    >
      {open.length > 0 ? (
        <Accordion order={3} variant="separated" keepMounted={false}>
          {open.map((item) => (
            <Todo key={item.code} item={item} />
          ))}
        </Accordion>
      ) : null}
      {done.length > 0 ? (
        <Accordion order={3} mt="md" keepMounted={false}>
          <Accordion.Item value="done">
            <Accordion.Control icon={<CircleCheck aria-hidden size={18} color="var(--good)" />}>
              {t('todo.rest')}: {done.length}
            </Accordion.Control>
            <Accordion.Panel>
              <List spacing="xs" listStyleType="none">
                {done.map((item) => (
                  <List.Item key={item.code}>
                    <Text component="span" fw={600}>
                      {t(`setup.${item.code as SetupCode}.title`)}.
                    </Text>{' '}
                    {sentenceOf(t, item)}
                    <Moments facts={item.facts} />
                  </List.Item>
                ))}
              </List>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      ) : null}
    </Card>
  )
}

const shortcuts = [
  { to: '/admin/people', label: 'shortcuts.people', Icon: UserSearch },
  { to: '/admin/outbox?state=queued', label: 'shortcuts.stuck', Icon: Inbox },
  { to: '/admin/record?event=sign-in.failed', label: 'shortcuts.failures', Icon: ListChecks },
  { to: '/admin/system', label: 'shortcuts.system', Icon: Activity },
] as const

function Shortcuts() {
  const { t } = useTranslation('house')
  return (
    <Card title={t('shortcuts.title')}>
      <Group gap="lg">
        {shortcuts.map(({ to, label, Icon }) => (
          <Anchor key={to} component={Link} to={to}>
            <Group gap={8} wrap="nowrap" mih={28}>
              <Icon aria-hidden size={18} />
              {t(label)}
            </Group>
          </Anchor>
        ))}
      </Group>
    </Card>
  )
}

export function Component() {
  const { t } = useTranslation('house')
  const setup = useQuery({ queryKey: ['house', 'setup'], queryFn: readSetup, refetchInterval: 30_000 })
  const measures = useMeasures()
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Loaded query={setup} heights={[420]}>
        {(items) => (
          <Stack gap="lg">
            <Todos items={items} />
            <Loaded query={measures} heights={[60, 180]}>
              {(data) => <Charts measures={data} figures={mainFigures} />}
            </Loaded>
            <Shortcuts />
          </Stack>
        )}
      </Loaded>
    </Page>
  )
}
