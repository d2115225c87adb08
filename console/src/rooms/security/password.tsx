import { Alert, Button, Skeleton, Stack, Text } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, call } from '../../api/client.ts'
import { dropElevation } from '../../api/elevation.ts'
import { noteOtherSessions } from '../../api/other-sessions.ts'
import { useSignedIn } from '../../api/session.ts'
import { useAttempt } from '../../parts/attempt.ts'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { infoQuery, overviewQuery, type PasswordRules, readAgain } from './calls.ts'
import { useInWords } from './in-words.ts'
import { PasswordRulesList, useVisibleRules } from './password-rules.tsx'
import { RoomPage } from './room-page.tsx'
import classes from './security.module.css'

/** Why the server did not take it: it is too soon after the last change, or it is no good password. */
function useRefusalText(policy: PasswordRules) {
  const { t } = useTranslation('security')
  return (error: unknown): Record<string, string> => {
    const { interval } = policy.renewalInterval
    const isTooSoon = error instanceof ApiError && / days ago$/.test(String(error.body.errorMessage))
    return {
      PASSWORD_POLICY: isTooSoon ? t('password.tooYoung', { count: interval }) : t('password.refused'),
      NOT_ALLOWED_BY_POLICY: t('password.fixed'),
    }
  }
}

function ChangeForm({ policy }: { policy: PasswordRules }) {
  const { t } = useTranslation('security')
  const { account } = useSignedIn()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [isDone, setDone] = useState(false)
  const { isBusy, error, attempt } = useAttempt()
  const rules = useVisibleRules(policy, current, next)
  const refusals = useRefusalText(policy)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setDone(false)
    void attempt(async () => {
      await call('POST', '/api/v1/account/password/reset', { json: { oldPassword: current, newPassword: next } })
      dropElevation()
      noteOtherSessions(0)
      setCurrent('')
      setNext('')
      setDone(true)
      await readAgain()
    })
  }
  const isReady = current !== '' && rules.every(({ isMet }) => isMet)
  return (
    <div className={classes.two}>
      <Card>
        <form onSubmit={submit}>
          <Stack>
            {/* So that password managers know whose it is. */}
            <input type="text" autoComplete="username" value={account.address} readOnly hidden />
            <PasswordField
              label={t('password.current')}
              value={current}
              onChange={(event) => setCurrent(event.currentTarget.value)}
              required
            />
            <PasswordField
              label={t('password.next')}
              autoComplete="new-password"
              value={next}
              onChange={(event) => setNext(event.currentTarget.value)}
              aria-describedby="password-rules"
              required
            />
            <ErrorNote error={error} words={refusals(error)} />
            {isDone ? (
              <Alert color="green" role="status" icon={<CircleCheck aria-hidden />}>
                {t('password.done')}
              </Alert>
            ) : null}
            <Button type="submit" loading={isBusy} disabled={!isReady}>
              {t('password.change')}
            </Button>
          </Stack>
        </form>
      </Card>
      <Stack>
        <Card title={t('password.rules')}>
          <div id="password-rules">
            <PasswordRulesList rules={rules} policy={policy} />
          </div>
        </Card>
        <Card title={t('password.whatEnds')}>
          <Text size="sm">{t('password.ends')}</Text>
        </Card>
      </Stack>
    </div>
  )
}

/** Another password for the account. */
export function Component() {
  const { t } = useTranslation('security')
  const say = useInWords()
  const [overview, info] = useQueries({ queries: [overviewQuery, infoQuery] })
  const policy = info.data?.restrictions.passwordPolicy
  const changed = overview.data?.passwordChangedDate ?? ''
  return (
    <RoomPage title={t('password.title')} lead={t('password.lead', { when: say.when(changed) })}>
      <ErrorNote error={info.error ?? overview.error} />
      {policy && overview.data ? (
        policy.allowChangeByUser ? (
          <ChangeForm policy={policy} />
        ) : (
          <Card>
            <Text>{t('password.fixed')}</Text>
          </Card>
        )
      ) : info.error ? null : (
        <Skeleton h={260} />
      )}
    </RoomPage>
  )
}
