import { Alert, Anchor, Radio, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { sendCode, type Way } from './calls.ts'
import { useEntered, useGoal } from './entered.ts'
import { StartOver } from './lost.tsx'
import { Step } from './step.tsx'
import { waysQuery } from './ways.ts'

const nameOf = ({ method, target }: Way): string => `${method} ${target}`

/** Where the code is to go. Who asks has to know the address or number whose ends are shown. */
export function Component() {
  const { t } = useTranslation('forgotten')
  const { entered, note } = useEntered()
  const goal = useGoal()
  const navigate = useNavigate()
  const { username, targets, sent } = entered
  const { data: ways, error } = useQuery({ ...waysQuery(username), enabled: username !== '' })
  if (username === '') return <StartOver />
  if (error)
    return (
      <Page title={t('where.title')}>
        <ErrorNote error={error} words={{ NOT_ALLOWED_BY_POLICY: t('who.off') }} />
        <Anchor component={Link} to={`/forgotten/${goal}/who`}>
          {t('back', { ns: 'common' })}
        </Anchor>
      </Page>
    )
  if (!ways)
    return (
      <Page title={t('where.title')}>
        <Skeleton h={90} />
        <Skeleton h={60} />
      </Page>
    )
  const way = entered.way ?? ways[0]
  const target = way ? (targets[nameOf(way)] ?? '') : ''
  const submit = async () => {
    if (!way) return
    await sendCode(username.trim(), way.method, target.trim())
    note({ way, sent: { ...sent, [target.trim()]: Date.now() }, code: '' })
    await navigate(`/forgotten/${goal}/code`)
  }
  return (
    <Step
      title={t('where.title')}
      lead={t('where.lead')}
      at={[2, 4]}
      back={`/forgotten/${goal}/who`}
      action={t('where.send')}
      isReady={target.trim() !== ''}
      onSubmit={submit}
    >
      {way ? (
        <>
          <Radio.Group
            label={t('where.way')}
            value={nameOf(way)}
            onChange={(name) => note({ way: ways.find((one) => nameOf(one) === name) ?? null })}
          >
            <Stack gap="xs" mt="xs">
              {ways.map((one) => (
                <Radio
                  key={nameOf(one)}
                  value={nameOf(one)}
                  label={t(`methods.${one.method}`, { ns: 'common', target: one.target })}
                />
              ))}
            </Stack>
          </Radio.Group>
          <TextInput
            key={way.method}
            label={t(`where.${way.method}`)}
            description={t('where.hint')}
            type={way.method === 'sms' ? 'tel' : 'email'}
            autoComplete={way.method === 'sms' ? 'tel' : 'email'}
            value={target}
            onChange={(event) => note({ way, targets: { ...targets, [nameOf(way)]: event.currentTarget.value } })}
            required
          />
        </>
      ) : (
        <Alert color="gray" variant="light">
          {t('where.none')}
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        {t('where.unknown')}
      </Text>
    </Step>
  )
}
