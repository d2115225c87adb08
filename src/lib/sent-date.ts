const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const zones: Record<string, number> = { EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 }

/** Minutes east of Greenwich. Names that nobody knows count as Greenwich itself (RFC 5322, section 4.3). */
function minutesEast(zone: string): number {
  const [, sign, hours, minutes] = /^([+-]?)(\d{2}):?(\d{2})$/.exec(zone) ?? []
  if (hours === undefined) return (zones[zone.toUpperCase()] ?? 0) * 60
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

interface Parts {
  year: number
  /** from 0 */
  month: number
  day: number
  clock: string
  zone: string
}

function momentOf({ year, month, day, clock, zone }: Parts): number | null {
  const [hour = 0, minute = 0, second = 0] = clock.split(':').map(Number)
  const isReal = month >= 0 && month < 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second <= 60
  const moment = Date.UTC(year, month, day, hour, minute, second) - minutesEast(zone) * 60_000
  return isReal && moment > 0 ? moment : null
}

const rfc =
  /^(?:[a-z]{3,9},?\s+)?(\d{1,2})\s+([a-z]{3})[a-z]*\s+(\d{4})\s+(\d{1,2}:\d{2}(?::\d{2})?)\s*([+-]?\d{4}|[a-z]{1,5})?$/i
const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[t ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})?\s*(z|[+-]?\d{2}:?\d{2})?)?$/i

/**
 * When a mail was sent, in epoch milliseconds: a header Date (RFC 5322, its obsolete zones too), ISO 8601, milliseconds
 * (13 digits) or seconds (10). A plus sign that a form turned into a blank is forgiven. null for anything else.
 */
export function readSentDate(given: string): number | null {
  if (given.length > 200) return null
  const text = given.replace(/\([^()]*\)/g, '').trim()
  if (/^\d{13}$/.test(text)) return Number(text)
  if (/^\d{10}$/.test(text)) return Number(text) * 1000
  const spoken = rfc.exec(text)
  if (spoken) {
    const [, day, month = '', year, clock = '', zone = ''] = spoken
    return momentOf({ year: Number(year), month: months.indexOf(month.toLowerCase()), day: Number(day), clock, zone })
  }
  const [, year, month, day, clock = '0:00', zone = ''] = iso.exec(text) ?? []
  if (year === undefined) return null
  return momentOf({ year: Number(year), month: Number(month) - 1, day: Number(day), clock, zone })
}

/** A moment, in epoch milliseconds, as the header Date of a new mail has it: RFC 5322 names no zone GMT there. */
export const writtenDate = (time: number): string => new Date(time).toUTCString().replace('GMT', '+0000')
