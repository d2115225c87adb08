import { Alert, type AlertProps } from '@mantine/core'
import { CircleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { ApiError, Unreachable } from '../api/client.ts'

/** Who has to wait as long as this, in seconds, looks at a watch. */
const LONG = 120

/**
 * What went wrong, in plain words. `words`: a room's own sentences, by the code of the refusal, or by code and reason
 * (`GRD-KEY-0005/expired`, `PASSWORD_POLICY/short`) where the answer has one.
 */
export function useErrorText(): (error: unknown, words?: Readonly<Record<string, string>>) => string {
  const { t, i18n } = useTranslation()
  const waitOf = (seconds: number) =>
    seconds < LONG ? t('seconds', { count: seconds }) : t('minutes', { count: Math.ceil(seconds / 60) })
  return (error, words = {}) => {
    if (error instanceof Unreachable) return t('errors.unreachable')
    if (error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name))
      return t('errors.passkeyCancelled')
    if (error instanceof DOMException && error.name === 'SecurityError') return t('errors.passkeyElsewhere')
    if (error instanceof DOMException && error.name === 'InvalidStateError') return t('errors.PASSKEY_EXISTS')
    if (!(error instanceof ApiError)) return t('errors.unknown', { request: '–' })
    const key = `errors.${error.code}`
    const reason = error.body.reason ?? error.body.passwordFault
    const own = words[`${error.code}/${String(reason)}`] ?? words[error.code]
    const said =
      own ?? (i18n.exists(key) ? t(key as 'errors.NOT_FOUND') : t('errors.unknown', { request: error.requestId }))
    const { retryAfter } = error
    return retryAfter > 0 ? `${said} ${t('errors.retryIn', { wait: waitOf(retryAfter) })}` : said
  }
}

interface ErrorNoteProps extends Omit<AlertProps, 'children'> {
  error: unknown
  words?: Readonly<Record<string, string>>
}

/** A failure where it happened; nothing while there is none. Screen readers say it at once. */
export function ErrorNote({ error, words, ...rest }: ErrorNoteProps) {
  const textOf = useErrorText()
  if (!error) return null
  return (
    <Alert role="alert" color="red" variant="light" icon={<CircleAlert aria-hidden />} {...rest}>
      {textOf(error, words)}
    </Alert>
  )
}
