import { useTranslation } from 'react-i18next'
import { dayIn, momentOf, relative } from '../../parts/times.tsx'

/** The day when a mail is removed, and how far away that is. */
export function Until({ at }: { at: string | null }) {
  const { i18n } = useTranslation()
  const { language } = i18n
  const moment = momentOf(at)
  if (!moment) return null
  const day = dayIn(language, moment, 'medium')
  return (
    <time dateTime={moment.toISOString()}>
      {day} ({relative(moment, language)})
    </time>
  )
}
