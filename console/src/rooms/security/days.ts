import { dayIn, momentOf } from '../../parts/times.tsx'

export interface Day<T> {
  /** local midnight, epoch milliseconds */
  start: number
  items: T[]
}

/** Groups what is in order of time by the day where its reader is. */
export function byDay<T extends { date: string }>(items: readonly T[]): Day<T>[] {
  const days: Day<T>[] = []
  for (const item of items) {
    const start = new Date(momentOf(item.date) ?? 0).setHours(0, 0, 0, 0)
    const last = days.at(-1)
    if (last?.start === start) last.items.push(item)
    else days.push({ start, items: [item] })
  }
  return days
}

/** "Today", "Yesterday", or the day as it is written in a calendar. */
export function nameOfDay(start: number, language: string, now = Date.now()): string {
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - start) / 86_400_000)
  if (days === 0 || days === 1) {
    const word = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-days, 'day')
    return word.charAt(0).toLocaleUpperCase(language) + word.slice(1)
  }
  return dayIn(language, start, 'full')
}

export const timeOfDay = (date: string, language: string): string =>
  new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(momentOf(date) ?? 0)
