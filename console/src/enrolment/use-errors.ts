import { useTranslation } from 'react-i18next'

const CODES = [
  'METHOD_EXISTS',
  'TOO_MANY_METHODS',
  'TOO_MANY_PASSKEYS',
  'TOO_MANY_REQUESTS',
  'NOT_AVAILABLE',
  'INVALID_TOKEN',
  'TOKEN_ALREADY_USED',
] as const

/** What refusals mean while somebody sets up a second factor. */
export function useEnrolmentErrors(): Readonly<Record<string, string>> {
  const { t } = useTranslation('enrolment')
  return Object.fromEntries(CODES.map((code) => [code, t(`errors.${code}`)]))
}
