import { seconds } from '#src/lib/clock.ts'

/** A row that cannot be taken over, and why, in words for the operator. Never with what stood in it. */
export class BadRow extends Error {}

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
// What the protocol takes in a body; a longer text could be read, and never be sent back.
export const SHORT = 1000
export const LONG = 4000
// Beyond the year 3000 a time is what somebody's memory held at the moment.
const LAST_SECOND = 32_503_680_000

export const truth = (text: string | null | undefined): boolean => text === '1' || text === 'true'

/** Epoch seconds as text to milliseconds; 0 for what is no time. */
export function time(text: string | null | undefined): number {
  const given = /^\d{1,11}$/.test(text ?? '') ? Number(text) : 0
  return given < LAST_SECOND ? seconds(given) : 0
}

/** JSON of the given kind; null when it is none. An empty text is an empty one of its kind. */
export function parsed(text: string | null | undefined, kind: 'array' | 'object'): unknown {
  if (!text) return kind === 'array' ? [] : {}
  try {
    const value: unknown = JSON.parse(text)
    const isRight = kind === 'array' ? Array.isArray(value) : typeof value === 'object' && !Array.isArray(value)
    return isRight ? value : null
  } catch {
    return null
  }
}

export type Loose = Record<string, unknown>
export const membersOf = (value: unknown): Loose =>
  typeof value === 'object' && value !== null ? (value as Loose) : {}
/** A scalar as text, without NULs: they come in by an escape, and no text of ours has one. */
export const textOf = (value: unknown): string =>
  ['string', 'number', 'boolean'].includes(typeof value) ? String(value).replaceAll('\0', '') : ''
export const isTrue = (value: unknown): boolean => textOf(value) === 'true'

export const cut = (text: string, most: number): string => text.slice(0, most).replace(/[\ud800-\udbff]$/, '')
