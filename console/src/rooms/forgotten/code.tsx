import { Button, Group, List, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useAttempt } from '../../parts/attempt.ts'
import { CodeField } from '../../parts/code-field.tsx'
import { useCountdown } from '../../parts/countdown.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { CODE_PAUSE } from '../../parts/send-code.tsx'
import { checkCode, sendCode } from './calls.ts'
import { useEntered, useGoal } from './entered.ts'
import { Step } from './step.tsx'

/** Has another code sent, not before a minute has passed; the server would send none. */
function Resend({ target }: { target: string }) {
  const { t } = useTranslation('forgotten')
  const { entered, note } = useEntered()
  const { username, way, sent } = entered
  const { isBusy, error, attempt } = useAttempt()
  const last = sent[target]
  const left = useCountdown(last === undefined ? null : last + CODE_PAUSE)
  if (!way) return null
  const resend = () =>
    attempt(async () => {
      await sendCode(username.trim(), way.method, target)
      note({ sent: { ...sent, [target]: Date.now() }, code: '' })
    })
  return (
    <>
      <Group>
        <Button variant="default" size="xs" onClick={resend} loading={isBusy} disabled={left > 0}>
          {left > 0
            ? t('step.again', { ns: 'common', wait: t('seconds', { ns: 'common', count: left }) })
            : t('step.resend', { ns: 'common' })}
        </Button>
      </Group>
      <ErrorNote error={error} />
    </>
  )
}

/** The code that came. Who has one already, and has loaded the page anew, begins here. */
export function Component() {
  const { t } = useTranslation('forgotten')
  const { entered, note } = useEntered()
  const goal = useGoal()
  const navigate = useNavigate()
  const { username, way, targets, code } = entered
  const target = way ? (targets[`${way.method} ${way.target}`] ?? '').trim() : ''
  const submit = async () => {
    note({ rules: await checkCode(username.trim(), code), isReset: false, due: null })
    await navigate(goal === 'password' ? '/forgotten/password/new' : '/forgotten/phone/ask')
  }
  return (
    <Step
      title={t('code.title')}
      lead={way ? t('code.lead', { target }) : t('code.leadHave')}
      at={[3, 4]}
      back={way ? `/forgotten/${goal}/where` : `/forgotten/${goal}/who`}
      action={t('next', { ns: 'common' })}
      isReady={code !== '' && username.trim() !== ''}
      onSubmit={submit}
      words={{ INVALID_RECOVERY_TOKEN: t('code.wrong') }}
    >
      {way ? null : (
        <TextInput
          label={t('who.name')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={username}
          onChange={(event) => note({ username: event.currentTarget.value })}
          required
        />
      )}
      <CodeField
        label={t('code.label')}
        description={t(way?.method === 'sms' ? 'code.hintSms' : 'code.hintMail')}
        letters={way?.method !== 'sms'}
        value={code}
        onChange={(code) => note({ code })}
        styles={way?.method === 'sms' ? {} : { input: { fontSize: '1rem', letterSpacing: '0.02em' } }}
        required
      />
      {way ? (
        <>
          <List size="sm" c="dimmed">
            <List.Item>{t(way.method === 'sms' ? 'code.waitSms' : 'code.waitMail')}</List.Item>
            <List.Item>{t('code.nothing')}</List.Item>
          </List>
          <Resend target={target} />
        </>
      ) : null}
    </Step>
  )
}
