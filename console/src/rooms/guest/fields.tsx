import { Fieldset, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { PasswordField } from '../../parts/password-field.tsx'
import { houseQuery, type Question } from './calls.ts'

interface Field<T> {
  value: T
  onChange(value: T): void
}

export function AddressField({ value, onChange, to = '' }: Field<string> & { to?: string }) {
  const { t } = useTranslation('guest')
  return (
    <TextInput
      type="email"
      label={t('fields.address')}
      description={to ? t('fields.addressTo', { to }) : t('fields.addressHint')}
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={300}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      required
    />
  )
}

export function PinField({ value, onChange }: Field<string>) {
  const { t } = useTranslation('guest')
  return (
    <TextInput
      label={t('fields.pin')}
      description={t('fields.pinHint')}
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={20}
      w="100%"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.replace(/\D/g, ''))}
      required
    />
  )
}

export interface NewPassword {
  password: string
  again: string
}

export const noPassword: NewPassword = { password: '', again: '' }

/** What is wrong with a new password before anybody is asked: `short`, `differ`, or nothing. */
export function usePasswordFault({ password, again }: NewPassword): 'short' | 'differ' | null {
  const { data: house } = useQuery(houseQuery)
  if (house && [...password].length < house.passwordLength) return 'short'
  return password === again ? null : 'differ'
}

interface NewPasswordFieldsProps extends Field<NewPassword> {
  /** what to say; null until the form was sent once */
  fault: ReturnType<typeof usePasswordFault>
}

export function NewPasswordFields({ value, onChange, fault }: NewPasswordFieldsProps) {
  const { t } = useTranslation('guest')
  const { data: house } = useQuery(houseQuery)
  const count = house?.passwordLength ?? 8
  return (
    <>
      <PasswordField
        label={t('fields.newPassword')}
        description={t('fields.policy', { count })}
        autoComplete="new-password"
        maxLength={1000}
        value={value.password}
        onChange={(event) => onChange({ ...value, password: event.currentTarget.value })}
        error={fault === 'short' ? t('fields.short', { count }) : null}
        required
      />
      <PasswordField
        label={t('fields.again')}
        autoComplete="new-password"
        maxLength={1000}
        value={value.again}
        onChange={(event) => onChange({ ...value, again: event.currentTarget.value })}
        error={fault === 'differ' ? t('fields.differ') : null}
        required
      />
    </>
  )
}

/** A question without an answer would be none, and the other way round. */
export const isHalf = ({ question, answer }: Question): boolean => (question.trim() === '') !== (answer.trim() === '')

export function QuestionFields({ value, onChange, text, fault }: Field<Question> & { text: string; fault: boolean }) {
  const { t } = useTranslation('guest')
  return (
    <Fieldset legend={t('fields.questionLegend')} variant="filled" bg="transparent">
      <Stack>
        <Text size="sm">{text}</Text>
        <TextInput
          label={t('fields.question')}
          placeholder={t('fields.questionExample')}
          autoComplete="off"
          maxLength={500}
          value={value.question}
          onChange={(event) => onChange({ ...value, question: event.currentTarget.value })}
        />
        <TextInput
          label={t('fields.answer')}
          description={t('fields.answerHint')}
          autoComplete="off"
          maxLength={500}
          value={value.answer}
          onChange={(event) => onChange({ ...value, answer: event.currentTarget.value })}
          error={fault ? t('fields.half') : null}
        />
      </Stack>
    </Fieldset>
  )
}
