import { List, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CircleQuestionMark, ShieldQuestionMark } from 'lucide-react'
import type { Ref } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { houseQuery } from './calls.ts'
import classes from './frame.module.css'

/** For who was never here: what this is, how he can tell that it is genuine, and what it never asks for. */
export function About({ ref }: { ref: Ref<HTMLDivElement> }) {
  const { t } = useTranslation('guest')
  const { data: house } = useQuery(houseQuery)
  const names = { name: house?.name ?? '', host: house?.host ?? '' }
  return (
    <Stack ref={ref} tabIndex={-1} className={classes.about ?? ''}>
      <Card title={t('about.what')} icon={<CircleQuestionMark aria-hidden size={24} className={classes.icon} />}>
        <Stack gap="sm">
          <Text>{t('about.whatText', names)}</Text>
          <Text>{t('about.why')}</Text>
          <Text>{t('about.cost')}</Text>
        </Stack>
      </Card>
      <Card title={t('about.tell')} icon={<ShieldQuestionMark aria-hidden size={24} className={classes.icon} />}>
        <Stack gap="sm">
          <List spacing="xs">
            <List.Item>{t('about.tellSender')}</List.Item>
            <List.Item>{t('about.tellHost', names)}</List.Item>
            <List.Item>{t('about.tellNever')}</List.Item>
          </List>
          <Text size="sm" c="dimmed">
            {t('about.stop')}
          </Text>
        </Stack>
      </Card>
    </Stack>
  )
}
