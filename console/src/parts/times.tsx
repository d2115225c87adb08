import { useTranslation } from 'react-i18next'

const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** A moment of the wire: decimal seconds in text ("" for never), seconds, milliseconds or ISO 8601; null for never. */
export function momentOf(value: string | number | null | undefined): Date | null {
  if (value === null || value === undefined || value === '' || value === 0 || value === '0') return null
  if (typeof value === 'string' && !/^\d+$/.test(value)) return new Date(value)
  const number = Number(value)
  return new Date(number < 1e11 ? number * 1000 : number)
}

/** "3 hours ago", "in 2 days". */
export function relative(moment: Date, language: string, now = Date.now()): string {
  const seconds = (moment.getTime() - now) / 1000
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  for (const [unit, size] of UNITS)
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit)
  return format.format(0, 'minute')
}

export const absolute = (moment: Date, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(moment)

/** The day of a moment (epoch milliseconds), as it is written in a letter. */
export const dayIn = (
  language: string,
  moment: Date | number,
  dateStyle: 'medium' | 'long' | 'full' = 'long',
): string => new Intl.DateTimeFormat(language, { dateStyle }).format(moment)

/** A moment as people say it; when exactly shows under the pointer. */
export function When({ at }: { at: string | number | null | undefined }) {
  const { t, i18n } = useTranslation()
  const moment = momentOf(at)
  if (!moment || Number.isNaN(moment.getTime())) return <span>{t('never')}</span>
  return (
    <time dateTime={moment.toISOString()} title={absolute(moment, i18n.language)}>
      {relative(moment, i18n.language)}
    </time>
  )
}
