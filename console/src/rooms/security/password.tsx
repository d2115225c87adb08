import { Alert, Skeleton, Text } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { dropElevation } from '../../api/elevation.ts'
import { noteOtherSessions } from '../../api/other-sessions.ts'
import { useSignedIn } from '../../api/session.ts'
import { NewPassword } from '../../enrolment/new-password.tsx'
import { rulesOf } from '../../enrolment/password-rules.ts'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { type Info, infoQuery, overviewQuery, readAgain } from './calls.ts'
import { useInWords } from './in-words.ts'
import { RoomPage } from './room-page.tsx'
import classes from './security.module.css'

function ChangeForm({ info, onDone }: { info: Info; onDone(): void }) {
  const { t } = useTranslation('security')
  const { account } = useSignedIn()
  const [current, setCurrent] = useState('')
  const change = async (password: string) => {
    await call('POST', '/api/v1/account/password/reset', { json: { oldPassword: current, newPassword: password } })
    dropElevation()
    noteOtherSessions(0)
    onDone()
    await readAgain()
  }
  return (
    <NewPassword
      rules={rulesOf(info)}
      account={account.address}
      action={t('password.change')}
      onPassword={change}
      words={{ NOT_ALLOWED_BY_POLICY: t('password.fixed'), INVALID_PASSWORD: t('password.wrong') }}
    >
      <PasswordField
        label={t('password.current')}
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
        required
      />
    </NewPassword>
  )
}

/** Another password for the account. */
export function Component() {
  const { t } = useTranslation('security')
  const say = useInWords()
  const [overview, info] = useQueries({ queries: [overviewQuery, infoQuery] })
  // Each change begins with an empty form.
  const [changes, setChanges] = useState(0)
  const policy = info.data?.restrictions.passwordPolicy
  const changed = overview.data?.passwordChangedDate ?? ''
  // Both come at once, or the sentence above would push the form down.
  const isComing = overview.isPending || info.isPending
  return (
    <RoomPage
      title={t('password.title')}
      lead={changed && !isComing ? t('password.lead', { when: say.when(changed) }) : t('password.leadAlone')}
    >
      <ErrorNote error={info.error ?? overview.error} />
      {info.data && policy && !isComing ? (
        <div className={classes.two}>
          <Card>
            {changes > 0 ? (
              <Alert color="green" role="status" icon={<CircleCheck aria-hidden />} mb="md">
                {t('password.done')}
              </Alert>
            ) : null}
            {policy.allowChangeByUser ? (
              <ChangeForm key={changes} info={info.data} onDone={() => setChanges(changes + 1)} />
            ) : (
              <Text>{t('password.fixed')}</Text>
            )}
          </Card>
          <Card title={t('password.whatEnds')}>
            <Text size="sm">{t('password.ends')}</Text>
            <Text size="sm" c="dimmed" mt="md">
              {t('password.tip')}
            </Text>
          </Card>
        </div>
      ) : info.error ? null : (
        <Skeleton h={360} />
      )}
    </RoomPage>
  )
}
