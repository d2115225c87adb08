import { useTranslation } from 'react-i18next'
import type { Plan, Planned } from './calls.ts'
import { MAIL_LIMIT, sizeOf } from './compose.ts'
import type { Person } from './people.ts'
import { type State, stateOf } from './states.ts'

interface Looked {
  people: readonly Person[]
  plannedOf(person: Person): Planned | undefined
  /** for just these people; null while it is still asked for */
  current: Plan | null
  error: unknown
}

/** Why something encrypted cannot go to people yet, in sentences. */
export function useObstacles(): (looked: Looked) => string[] {
  const { t, i18n } = useTranslation('mail')
  return ({ people, plannedOf, current, error }) => {
    const list = new Intl.ListFormat(i18n.language)
    const of = (state: State) =>
      people.filter((one) => stateOf(one, plannedOf(one)) === state).map(({ name, address }) => name || address)
    const [invalid, keyless] = [of('invalid'), of('no')]
    return [
      ...(invalid.length > 0 ? [t('write.why.invalid', { count: invalid.length, people: list.format(invalid) })] : []),
      ...(keyless.length > 0 ? [t('write.why.keyless', { count: keyless.length, people: list.format(keyless) })] : []),
      ...(current ? [] : [t(error ? 'write.why.unplanned' : 'write.why.looking')]),
    ]
  }
}

interface Content {
  subject: string
  text: string
  files: readonly File[]
}

/** Why a mail cannot be sent yet, in sentences; none when it can. */
export function useMissing(): (looked: Looked, content: Content) => string[] {
  const { t } = useTranslation('mail')
  const obstacles = useObstacles()
  return (looked, { subject, text, files }) => [
    ...(looked.current?.canSend === false ? [t('write.why.noMail')] : []),
    ...(looked.people.length === 0 ? [t('write.why.nobody')] : obstacles(looked)),
    ...(`${subject}${text}`.trim() === '' && files.length === 0 ? [t('write.why.empty')] : []),
    ...(sizeOf(files) > MAIL_LIMIT ? [t('write.why.tooLarge')] : []),
  ]
}
