import type { Cell } from '#src/db/source-file.ts'
import type { Text } from '#src/db/target-server.ts'

/** How what stands in a column goes from SQLite to PostgreSQL. */
interface Kind {
  /** what such a column may be there */
  there: readonly string[]
  /** many of them as one value, which rows are found by */
  list: string
  /** the same as PostgreSQL writes it; null for what it cannot hold */
  write(cell: Cell): string | null
  /** the way back */
  read(text: string): Cell
}

const wholeAs = (...there: string[]): Kind => ({
  there,
  list: 'bigint[]',
  write: (cell) => (typeof cell === 'bigint' ? String(cell) : null),
  read: BigInt,
})

/** By the type that the column was declared with. */
const kinds: Readonly<Record<string, Kind>> = {
  text: {
    there: ['text'],
    list: 'text[]',
    // PostgreSQL has no texts with the character NUL.
    write: (cell) => (typeof cell === 'string' && !cell.includes('\0') ? cell : null),
    read: (text) => text,
  },
  integer: wholeAs('integer', 'bigint'),
  bigint: wholeAs('bigint'),
  blob: {
    there: ['bytea'],
    list: 'bytea[]',
    write: (cell) => (cell instanceof Uint8Array ? `\\x${Buffer.from(cell).toString('hex')}` : null),
    read: (text) => Buffer.from(text.slice(2), 'hex'),
  },
}

/** What a column of this type may be in PostgreSQL; none for a type that the move does not know. */
export const typesThere = (type: string): readonly string[] => (Object.hasOwn(kinds, type) ? kinds[type]!.there : [])

/** What stands there as PostgreSQL writes it; undefined for what it cannot hold in such a column. */
export function written(type: string, cell: Cell): Text | undefined {
  return cell === null ? null : (kinds[type]!.write(cell) ?? undefined)
}

/** The type of a list of such values in PostgreSQL. */
export const listOf = (type: string): string => kinds[type]!.list

/** A part of a key, as SQLite has it. */
export const readBack = (type: string, text: string): Cell => kinds[type]!.read(text)

const steering = /[\\\n\r\t]/g
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A row as a line of COPY. */
export const lineOf = (texts: readonly Text[]): string =>
  `${texts.map((text) => (text === null ? '\\N' : text.replace(steering, (letter) => escapes[letter]!))).join('\t')}\n`
