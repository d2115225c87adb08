import { Anchor, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import { nothing, useEntered, useGoal } from './entered.ts'
import { Lost } from './lost.tsx'
import { Step } from './step.tsx'
import { waysQuery } from './ways.ts'

/** First of all: whose account it is. */
export function Component() {
  const { t } = useTranslation('forgotten')
  const { entered, note } = useEntered()
  const goal = useGoal()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const submit = async () => {
    await queries.fetchQuery(waysQuery(entered.username))
    await navigate(`/forgotten/${goal}/where`)
  }
  return (
    <Step
      title={t(`${goal}.title`)}
      lead={t('who.lead')}
      at={[1, 4]}
      back={goal === 'phone' ? '/forgotten/phone' : '/forgotten'}
      action={t('next', { ns: 'common' })}
      isReady={entered.username.trim() !== ''}
      onSubmit={submit}
      words={{ NOT_ALLOWED_BY_POLICY: t('who.off') }}
    >
      <Lost />
      <TextInput
        label={t('who.name')}
        description={t('who.nameHint')}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={entered.username}
        // What belongs to another name is of no use any more.
        onChange={(event) => note({ ...nothing, sent: entered.sent, username: event.currentTarget.value })}
        required
      />
      <Text size="sm">
        <Anchor component={Link} to={`/forgotten/${goal}/code`} size="sm">
          {t('who.haveCode')}
        </Anchor>
      </Text>
    </Step>
  )
}
