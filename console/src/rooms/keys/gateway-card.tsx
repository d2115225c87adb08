import { List, Skeleton, Stack, Switch, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { queries } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { tell } from '../../parts/notices.ts'
import { dayIn, momentOf } from '../../parts/times.tsx'
import { changeGateway, type Gateway, gatewayQuery, type OwnKey } from './calls.ts'
import { nothingTyped, ProofFields } from './proof.tsx'
import { useRefusals } from './refusals.ts'
import { useWhileOpen } from './while-open.ts'

const POINTS = ['who', 'read', 'ends', 'mail'] as const

const keep = (gateway: Gateway) => queries.setQueryData(gatewayQuery.queryKey, gateway)

function Allowing({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const [{ proof }, change] = useWhileOpen(opened, { proof: nothingTyped })
  const confirm = async () => {
    keep(await changeGateway({ sign: true }, proof.secret))
    tell(t('gateway.allowed'))
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('gateway.allowTitle')}
      action={t('gateway.allow')}
      onConfirm={confirm}
      isReady={proof.secret !== ''}
      isHarmless
      words={words}
    >
      <Text size="sm">{t('gateway.allowText')}</Text>
      <List size="sm" spacing="xs">
        {POINTS.map((point) => (
          <List.Item key={point}>{t(`gateway.points.${point}`)}</List.Item>
        ))}
      </List>
      <ProofFields value={proof} onChange={(proof) => change({ proof })} />
    </Confirm>
  )
}

/** What the mail gateway may do with somebody's mail. */
export function GatewayCard({ current }: { current: OwnKey | undefined }) {
  const { t, i18n } = useTranslation('keys')
  const words = useRefusals()
  const { data: gateway, error } = useQuery(gatewayQuery)
  const [isOpen, { open, close }] = useDisclosure()
  const changing = useMutation({
    mutationFn: (wish: { sign?: boolean; incoming?: boolean }) => changeGateway(wish),
    onSuccess(gateway, { sign }) {
      keep(gateway)
      if (sign === false) tell(t('gateway.ended'))
    },
  })
  const since = momentOf(gateway?.since)
  return (
    <Card title={t('gateway.title')} lead={t('gateway.lead')}>
      <ErrorNote error={error ?? changing.error} words={words} mb="md" />
      {gateway ? (
        <Stack>
          <Switch
            label={t('gateway.sign')}
            description={[
              t(`gateway.signHint.${gateway.house.sign}`),
              since
                ? t('gateway.signSince', {
                    date: dayIn(i18n.language, since),
                  })
                : '',
            ].join(' ')}
            checked={gateway.sign}
            disabled={!gateway.sign && (gateway.house.sign === 'off' || !current?.privateRing)}
            onChange={(event) => (event.currentTarget.checked ? open() : changing.mutate({ sign: false }))}
          />
          <Switch
            label={t('gateway.incoming')}
            description={t(`gateway.incomingHint.${gateway.house.incoming}`)}
            checked={gateway.incoming || gateway.house.incoming === 'all'}
            disabled={gateway.house.incoming !== 'chosen'}
            onChange={(event) => changing.mutate({ incoming: event.currentTarget.checked })}
          />
        </Stack>
      ) : error ? null : (
        <Skeleton h={100} />
      )}
      <Allowing opened={isOpen} onClose={close} />
    </Card>
  )
}
