import { Alert, Anchor, Button, Stack, Text, TextInput } from '@mantine/core'
import { KeyRound, MailCheck, RotateCcw } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { askAnew, giveAnswer, questionOf } from './calls.ts'
import { useFaults } from './faults.ts'
import { AddressField } from './fields.tsx'
import { useSubmit } from './submit.ts'

interface Asked {
  address: string
  question: string | null
}

function Address({ onAsked }: { onAsked(asked: Asked): void }) {
  const { t } = useTranslation('guest')
  const faults = useFaults()
  const [address, setAddress] = useState('')
  const { isBusy, error, submit } = useSubmit(async () => onAsked({ address, question: await questionOf(address) }))
  return (
    <form onSubmit={submit}>
      <Stack>
        <AddressField value={address} onChange={setAddress} />
        <ErrorNote error={error} words={faults} />
        <Button type="submit" loading={isBusy}>
          {t('forgotten.next')}
        </Button>
      </Stack>
    </form>
  )
}

function Answer({ address, question, onMailed }: { address: string; question: string; onMailed(): void }) {
  const { t, i18n } = useTranslation('guest')
  const faults = useFaults()
  const [answer, setAnswer] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const { isBusy, error, submit } = useSubmit(async () => {
    await giveAnswer({ address, answer, language: i18n.language })
    onMailed()
  })
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={question}
          description={t('forgotten.answerHint')}
          autoComplete="off"
          maxLength={500}
          value={answer}
          onChange={(event) => setAnswer(event.currentTarget.value)}
          required
          ref={field}
        />
        <ErrorNote error={error} words={{ ...faults, TOO_MANY_REQUESTS: t('forgotten.tooOften') }} />
        <Button type="submit" loading={isBusy}>
          {t('forgotten.send')}
        </Button>
      </Stack>
    </form>
  )
}

function Anew({ address, onMailed }: { address: string; onMailed(): void }) {
  const { t } = useTranslation('guest')
  const faults = useFaults()
  const [isAsked, setAsked] = useState(false)
  return (
    <Card title={t('anew.title')} lead={t('anew.offer')} icon={<RotateCcw aria-hidden size={24} />}>
      <Text mb="md">{t('anew.loss')}</Text>
      <Button variant="default" onClick={() => setAsked(true)}>
        {t('anew.ask')}
      </Button>
      <Confirm
        opened={isAsked}
        onClose={() => setAsked(false)}
        title={t('anew.askTitle')}
        action={t('anew.askSubmit')}
        onConfirm={async () => {
          await askAnew(address)
          onMailed()
        }}
        words={faults}
      >
        <Text size="sm">{t('anew.loss')}</Text>
        <Text size="sm">{t('anew.askText')}</Text>
      </Confirm>
    </Card>
  )
}

/** What was done, and the way to go on. */
function Mailed({ children }: { children: ReactNode }) {
  const { t } = useTranslation('guest')
  return (
    <Page title={t('forgotten.mailedTitle')}>
      <Alert maw="34rem" role="status" color="green" variant="light" icon={<MailCheck aria-hidden />}>
        {children}
      </Alert>
      <Anchor component={Link} to="/guest" w="fit-content">
        {t('forgotten.toSignIn')}
      </Anchor>
    </Page>
  )
}

/** For who has forgotten the password: a new one by mail, or starting anew. Whoever is nobody sees the same. */
export function Component() {
  const { t } = useTranslation('guest')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [mailed, setMailed] = useState<'password' | 'anew' | null>(null)
  if (mailed === 'password') return <Mailed>{t('forgotten.mailed')}</Mailed>
  if (mailed === 'anew') return <Mailed>{t('anew.mailed')}</Mailed>
  return (
    <Page title={t('forgotten.title')} lead={t('forgotten.lead')}>
      <Stack maw="34rem">
        <Card
          title={t(asked ? 'forgotten.answer' : 'forgotten.address')}
          icon={<KeyRound aria-hidden size={24} />}
          aria-live="polite"
        >
          {asked === null ? <Address onAsked={setAsked} /> : null}
          {asked?.question ? (
            <Answer address={asked.address} question={asked.question} onMailed={() => setMailed('password')} />
          ) : null}
          {asked && !asked.question ? <Text>{t('forgotten.noQuestion')}</Text> : null}
        </Card>
        {asked ? <Anew address={asked.address} onMailed={() => setMailed('anew')} /> : null}
        <Anchor component={Link} to="/guest" w="fit-content">
          {t('forgotten.toSignIn')}
        </Anchor>
      </Stack>
    </Page>
  )
}
