import { Alert, Anchor, Button, Grid, Skeleton, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core'
import { CircleAlert, Send } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useSignedIn } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { AttachFiles } from './attach-files.tsx'
import { newId } from './compose.ts'
import { useFaults } from './faults.ts'
import { GuestWishes } from './guest-wishes.tsx'
import { KeptKeyNote } from './kept-key-note.tsx'
import { LeaveGuard } from './leave-guard.tsx'
import { MissingNote } from './missing-note.tsx'
import { PlanList } from './plan-list.tsx'
import { Underway } from './progress.tsx'
import { RecipientsFields } from './recipients-fields.tsx'
import { SentReport } from './sent-report.tsx'
import { stateOf } from './states.ts'
import { useKey } from './use-key.tsx'
import { type Recipients, usePlan } from './use-plan.ts'
import { useSending } from './use-sending.ts'
import { useMissing } from './what-is-missing.ts'

const NOBODY: Recipients = { to: [], cc: [], bcc: [] }

function Message({ onAnother }: { onAnother(): void }) {
  const { t, i18n } = useTranslation('mail')
  const { account } = useSignedIn()
  const faults = useFaults()
  const missingOf = useMissing()
  const { withKey, dialog } = useKey()
  const { send, part, error, outcome } = useSending(withKey)
  const [id] = useState(() => newId(account.address))
  const [recipients, setRecipients] = useState(NOBODY)
  const [content, setContent] = useState({ subject: '', text: '' })
  const [files, setFiles] = useState<File[]>([])
  const [wantsSigned, setWantsSigned] = useState(true)
  const [guestWish, setGuestWish] = useState({ pin: true, language: i18n.language, greeting: '' })
  const plan = usePlan(recipients)
  const { author, plannedOf } = plan
  const people = [...recipients.to, ...recipients.cc, ...recipients.bcc]
  const missing = missingOf({ ...plan, people }, { ...content, files })
  const guests = people.flatMap((one) => {
    const planned = plannedOf(one)
    return planned?.how === 'guest' ? [planned] : []
  })
  const sign = wantsSigned && author?.canSign === true
  const isBegun = people.length > 0 || files.length > 0 || `${content.subject}${content.text}` !== ''

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (missing.length > 0) return
    const from = { address: author?.address ?? account.address, name: account.name }
    const wish = { ...guestWish, sign, pin: guestWish.pin && guests.length > 0 }
    void send({
      draft: { id, from, ...recipients, ...content, files },
      wish,
      needsPassword: sign && author.needsPassword,
    })
  }

  if (outcome) return <SentReport sent={outcome.is === 'sent' ? outcome.sent : null} onAnother={onAnother} />
  return (
    <Page title={t('write.title')} lead={t('write.lead')}>
      <KeptKeyNote />
      {plan.current?.canSend === false ? (
        <Alert role="status" color="red" variant="light" icon={<CircleAlert aria-hidden />}>
          {t('faults.MAIL_OFF')}
        </Alert>
      ) : null}
      <form onSubmit={submit}>
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Card>
              <Stack>
                <Text size="sm" c="dimmed">
                  {t('write.from', { address: author?.address ?? account.address })}
                </Text>
                <RecipientsFields
                  value={recipients}
                  onChange={setRecipients}
                  stateOf={(person) => stateOf(person, plannedOf(person))}
                />
                <TextInput
                  label={t('write.subject')}
                  description={t('write.subjectHint')}
                  value={content.subject}
                  maxLength={900}
                  onChange={(event) => setContent({ ...content, subject: event.currentTarget.value })}
                  // Enter in a line of text must not send what is not finished.
                  onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
                />
                <Textarea
                  label={t('write.text')}
                  value={content.text}
                  onChange={(event) => setContent({ ...content, text: event.currentTarget.value })}
                  autosize
                  minRows={10}
                  maxRows={30}
                />
                <AttachFiles value={files} onChange={setFiles} />
              </Stack>
            </Card>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Stack gap="lg">
              <Card title={t('plan.title')} lead={t('plan.lead')}>
                {plan.error && !plan.current ? <PlanFault error={plan.error} onAgain={plan.refetch} /> : null}
                <PlanList people={people} plannedOf={plannedOf} />
              </Card>
              {guests.length > 0 ? (
                <GuestWishes
                  count={guests.length}
                  canHavePin={guests.some(({ guest }) => !guest?.hasPassword)}
                  value={guestWish}
                  onChange={setGuestWish}
                />
              ) : null}
              <Card>
                <Stack>
                  {author ? (
                    <Signing canSign={author.canSign} value={sign} onChange={setWantsSigned} />
                  ) : (
                    <Skeleton h={44} />
                  )}
                  <MissingNote missing={missing} />
                  <ErrorNote error={error} words={faults} />
                  <Underway part={part} label={t('write.sending')} working={t('write.encrypting')} />
                  <Button
                    type="submit"
                    leftSection={<Send aria-hidden size={16} />}
                    loading={part !== null}
                    disabled={missing.length > 0}
                  >
                    {t('write.send')}
                  </Button>
                </Stack>
              </Card>
            </Stack>
          </Grid.Col>
        </Grid>
      </form>
      {dialog}
      <LeaveGuard when={isBegun} />
    </Page>
  )
}

function PlanFault({ error, onAgain }: { error: unknown; onAgain(): unknown }) {
  const { t } = useTranslation('mail')
  const { t: common } = useTranslation()
  const faults = useFaults()
  return (
    <Stack gap="xs" mb="md" align="flex-start">
      <Text size="sm">{t('plan.failed')}</Text>
      <ErrorNote error={error} words={faults} />
      <Button variant="default" size="compact-sm" onClick={() => onAgain()}>
        {common('tryAgain')}
      </Button>
    </Stack>
  )
}

function Signing({ canSign, value, onChange }: { canSign: boolean; value: boolean; onChange(value: boolean): void }) {
  const { t } = useTranslation('mail')
  return (
    <Stack gap={4}>
      <Switch
        label={t('write.sign')}
        description={t(canSign ? 'write.signHint' : 'write.signNoKey')}
        checked={value}
        disabled={!canSign}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {canSign ? null : (
        <Anchor component={Link} to="/my/keys" size="sm" underline="always">
          {t('write.makeKey')}
        </Anchor>
      )}
    </Stack>
  )
}

/** Writes one message after the other, each under an id of its own. */
export function Component() {
  const [count, setCount] = useState(0)
  return <Message key={count} onAnother={() => setCount(count + 1)} />
}
