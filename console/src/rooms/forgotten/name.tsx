import { Anchor, Button, Group, List, Stack, Text, TextInput } from '@mantine/core'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useAttempt } from '../../parts/attempt.ts'
import { useCountdown } from '../../parts/countdown.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { CODE_PAUSE } from '../../parts/send-code.tsx'
import { remindOfName } from './calls.ts'
import { useEntered } from './entered.ts'

export function Component() {
  const { t } = useTranslation('forgotten')
  const { entered, note } = useEntered()
  const { reminderTo, sent } = entered
  const { isBusy, error, attempt } = useAttempt()
  const target = reminderTo.trim()
  const last = sent[`name ${target}`]
  const left = useCountdown(last === undefined ? null : last + CODE_PAUSE)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      await remindOfName(target)
      note({ sent: { ...sent, [`name ${target}`]: Date.now() } })
    })
  }
  return (
    <Page title={t('name.title')} lead={t('name.lead')}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t('name.target')}
            description={t('name.targetHint')}
            autoComplete="email"
            autoCapitalize="none"
            spellCheck={false}
            value={reminderTo}
            onChange={(event) => note({ reminderTo: event.currentTarget.value })}
            required
          />
          <ErrorNote error={error} />
          <div role="status">
            {last === undefined ? null : (
              <Stack gap="xs">
                <Text fw={600}>{t('name.sent')}</Text>
                <List size="sm">
                  <List.Item>{t('name.sentWhere')}</List.Item>
                  <List.Item>{t('name.sentWhen')}</List.Item>
                  <List.Item>{t('name.sentNothing')}</List.Item>
                </List>
              </Stack>
            )}
          </div>
          <Group justify="space-between">
            <Anchor component={Link} to="/forgotten" py="xs">
              {t('back', { ns: 'common' })}
            </Anchor>
            <Button
              type="submit"
              variant={last === undefined ? 'filled' : 'default'}
              loading={isBusy}
              disabled={left > 0 || target === ''}
            >
              {left > 0
                ? t('again', { wait: t('seconds', { ns: 'common', count: left }) })
                : t(last === undefined ? 'name.send' : 'sendAgain')}
            </Button>
          </Group>
          {last === undefined ? null : (
            <Button component={Link} to="/sign-in" fullWidth>
              {t('toSignIn')}
            </Button>
          )}
        </Stack>
      </form>
    </Page>
  )
}
