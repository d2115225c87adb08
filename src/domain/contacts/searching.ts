import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ContactData } from './fields.ts'
import type { Contact } from './reading.ts'

/** A text that is looked for in some members of a contact. `*` stands for anything, `?` for one character. */
export interface Criterion {
  members: readonly string[]
  text: string
}

export interface Search {
  criteria: readonly Criterion[]
  /** how many of the criteria must hold */
  must: 'any' | 'all'
}

// What is compared of a text and of what it is looked for in: more would be work for nothing but to keep us busy.
const TEXT_AT_MOST = 60
const VALUE_AT_MOST = 120
const BETWEEN_PAUSES = 200

/** Where a piece stands in a value, at or after a place; -1 where it does not. `?` fits anything. */
function placeOf(piece: string, value: string, from: number): number {
  if (!piece.includes('?')) return value.indexOf(piece, from)
  for (let at = from; at + piece.length <= value.length; at++)
    if (piece.split('').every((letter, index) => letter === '?' || letter === value[at + index])) return at
  return -1
}

/** Fits a value a text with `*` and `?`? Without any, the text may stand anywhere in the value. */
function fits(text: string, value: string): boolean {
  if (!/[*?]/.test(text)) return value.includes(text)
  const pieces = text.split('*')
  const last = pieces.at(-1)!
  let from = 0
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1 && index > 0
    const at = isLast ? Math.max(from, value.length - last.length) : placeOf(piece, value, from)
    if (at < 0 || (index === 0 && at > 0) || placeOf(piece, value.slice(at), 0) !== 0) return false
    from = at + piece.length
  }
  return text.endsWith('*') || from === value.length
}

const textsIn = (data: ContactData, members: readonly string[]): string[] =>
  members
    .flatMap((name) => data[name])
    .filter((value) => typeof value === 'string')
    .map((value) => value.slice(0, VALUE_AT_MOST).toLowerCase())

/** Those contacts that a search finds; upper and lower case are the same. */
export async function searchContacts(contacts: readonly Contact[], { criteria, must }: Search): Promise<Contact[]> {
  const wanted = criteria.map(({ members, text }) => ({ members, text: text.slice(0, TEXT_AT_MOST).toLowerCase() }))
  const found: Contact[] = []
  for (const [at, contact] of contacts.entries()) {
    if (at % BETWEEN_PAUSES === BETWEEN_PAUSES - 1) await nextTurn()
    const holds = ({ members, text }: Criterion) =>
      text === '*' || textsIn(contact.data, members).some((value) => fits(text, value))
    if (must === 'any' ? wanted.some(holds) : wanted.every(holds)) found.push(contact)
  }
  return found
}
