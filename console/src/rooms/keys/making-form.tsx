import { Accordion, Alert, Button, Code, Group, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core'
import { WandSparkles } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSignedIn } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { type NewKey, useKeySettings } from './calls.ts'
import { Choice } from './choice.tsx'
import { madeUp } from './made-up.ts'
import { isChosen, NewPasswordFields, noPassword } from './new-password.tsx'
import { useRefusals } from './refusals.ts'

const ALGORITHMS = ['', 'curve25519', 'rsa3072', 'rsa4096'] as const
const LIVES = ['', '365', '730', '1825', '0'] as const

interface MakingFormProps {
  /** what was wanted before, when that failed */
  first: NewKey | null
  error: unknown
  onWish(wish: NewKey): void
}

/** What a new key shall be: its password and who could help above all. */
export function MakingForm({ first, error, onWish }: MakingFormProps) {
  const { t } = useTranslation('keys')
  const words = useRefusals()
  const { account } = useSignedIn()
  const { data: house } = useKeySettings()
  const [wish, setWish] = useState(
    first ?? { name: account.name, password: '', algorithm: '', validDays: '', recovery: true },
  )
  const [typed, setTyped] = useState(noPassword)
  const [suggested, setSuggested] = useState('')
  const change = (part: Partial<NewKey>) => setWish((before) => ({ ...before, ...part }))
  const least = house?.settings.min_password_length ?? 1
  const suggest = () => {
    const fresh = madeUp()
    setSuggested(fresh)
    setTyped({ fresh, again: fresh })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onWish({ ...wish, password: typed.fresh })
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="lg" maw="44rem">
        <Card>
          <TextInput
            label={t('making.who')}
            description={t('making.whoHint')}
            autoComplete="name"
            value={wish.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            required
          />
        </Card>
        <Card title={t('making.password')} lead={t('making.passwordLead')}>
          <Stack>
            <NewPasswordFields
              value={typed}
              onChange={setTyped}
              label={t('making.newPassword')}
              hint={t('making.newHint', { count: least })}
            />
            <Group>
              <Button variant="light" size="xs" leftSection={<WandSparkles aria-hidden size={14} />} onClick={suggest}>
                {t('making.suggest')}
              </Button>
            </Group>
            <div role="status">
              {suggested && suggested === typed.fresh ? (
                <Alert color="brass" variant="light">
                  <Text size="sm">{t('making.suggested')}</Text>
                  <Group gap="xs" mt="xs">
                    <Code fz="md">{suggested}</Code>
                    <CopyButton size="xs" text={suggested} what={t('making.newPassword')} />
                  </Group>
                </Alert>
              ) : null}
            </div>
          </Stack>
        </Card>
        <Card title={t('making.recovery')}>
          {house?.settings.noRecovery ? (
            <Text>{t('making.noRecovery')}</Text>
          ) : (
            <Radio.Group
              aria-label={t('making.recovery')}
              value={wish.recovery ? 'yes' : 'no'}
              onChange={(value) => change({ recovery: value === 'yes' })}
            >
              <Stack gap="sm">
                <Choice value="yes" title={t('making.yes')} badge={t('making.advised')} text={t('making.yesText')} />
                <Choice value="no" title={t('making.no')} text={t('making.noText')} />
              </Stack>
            </Radio.Group>
          )}
        </Card>
        <Accordion variant="contained" order={2} bg="var(--card)">
          <Accordion.Item value="expert">
            <Accordion.Control>{t('making.expert')}</Accordion.Control>
            <Accordion.Panel>
              <Stack>
                <NativeSelect
                  label={t('making.algorithm')}
                  value={wish.algorithm}
                  onChange={(event) => change({ algorithm: event.currentTarget.value })}
                  data={ALGORITHMS.map((value) => ({ value, label: t(`making.algorithms.${value}`) }))}
                />
                <NativeSelect
                  label={t('making.ends')}
                  value={wish.validDays}
                  onChange={(event) => change({ validDays: event.currentTarget.value })}
                  data={LIVES.map((value) => ({ value, label: t(`making.lives.${value}`) }))}
                />
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        <ErrorNote error={error} words={words} />
        <Group>
          <Button type="submit" size="md" disabled={!isChosen(typed, least) || wish.name.trim() === ''}>
            {t('making.action')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
