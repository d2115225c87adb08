import { Button, Group, Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Globe } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { useAttempt } from '../../parts/attempt.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { devicesQuery, overviewQuery, readAgain, SECURITY, type TrustedDevice } from './calls.ts'
import { useInWords } from './in-words.ts'
import { ItemRow } from './item-row.tsx'
import { ListCard } from './list-card.tsx'

const DEVICES = `${SECURITY}/trusteddevices`

function DeviceRow({ device }: { device: TrustedDevice }) {
  const { t } = useTranslation('security')
  const say = useInWords()
  const { isBusy, error, attempt } = useAttempt()
  const name = say.device(device.name)
  const forget = () =>
    attempt(async () => {
      await call('DELETE', `${DEVICES}/${device.id}`)
      await readAgain()
    })
  return (
    <ItemRow
      Icon={Globe}
      name={name}
      facts={[
        say.capitalised(say.place(device.address)),
        t('devices.used', { when: say.when(device.lastUsedDate || device.createdDate) }),
        t('devices.until', { date: say.date(device.expiresDate) }),
        error ? <ErrorNote key="error" error={error} /> : null,
      ]}
      actions={
        <Button
          variant="default"
          size="xs"
          onClick={forget}
          loading={isBusy}
          aria-label={t('devices.forgetWhat', { what: name })}
        >
          {t('devices.forget')}
        </Button>
      }
    />
  )
}

/** The browsers where the password is enough; nothing of it where there is no second step. */
export function TrustedBrowsers() {
  const { t } = useTranslation('security')
  const { data: overview } = useQuery(overviewQuery)
  const found = useQuery(devicesQuery)
  const { isBusy, error, attempt } = useAttempt()
  const [isAsked, setAsked] = useState(false)
  const [isTrusted, setTrusted] = useState(false)
  if (!overview?.twoFactor.configured) return null
  const trust = () =>
    attempt(async () => {
      await call('POST', DEVICES, { json: {} })
      await readAgain()
      setTrusted(true)
    })
  return (
    <ListCard
      title={t('devices.title')}
      lead={t('devices.lead')}
      found={found}
      empty={<Text size="sm">{t('devices.none')}</Text>}
      after={
        <>
          <VisuallyHidden role="status">{isTrusted ? t('devices.trusted') : ''}</VisuallyHidden>
          <ErrorNote error={error} words={{ SECOND_STEP_REQUIRED: t('devices.tooLate') }} mt="md" />
          <Group mt="md" gap="sm">
            <Button variant="default" onClick={trust} loading={isBusy}>
              {t('devices.trust')}
            </Button>
            {found.data && found.data.length > 1 ? (
              <Button variant="default" onClick={() => setAsked(true)}>
                {t('devices.forgetAll')}
              </Button>
            ) : null}
          </Group>
          <Confirm
            opened={isAsked}
            onClose={() => setAsked(false)}
            title={t('devices.forgetAllTitle')}
            action={t('devices.forgetAll')}
            onConfirm={async () => {
              await call('DELETE', DEVICES)
              await readAgain()
            }}
          >
            <Text size="sm">{t('devices.forgetAllText')}</Text>
          </Confirm>
        </>
      }
    >
      {(device) => <DeviceRow key={device.id} device={device} />}
    </ListCard>
  )
}
