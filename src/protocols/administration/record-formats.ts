import type { Line } from '#src/domain/house/house.ts'
import { isoTime } from './house-shapes.ts'

const columns = [
  'at',
  'event',
  'account',
  'accountAddress',
  'actor',
  'actorAddress',
  'protocol',
  'network',
  'detail',
  'id',
] as const

// What spreadsheets take for a formula, also in the wide letters that some turn into the narrow ones.
const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/u

/** A cell in quotes; one that a spreadsheet would reckon with begins with an apostrophe, which makes it text. */
function cell(value: string | null): string {
  const text = value ?? ''
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
}

const row = (cells: readonly (string | null)[]): string => `${cells.map(cell).join(',')}\r\n`

/** How the record is written to a file. */
export const recordFormats = {
  csv: {
    type: 'text/csv; charset=utf-8',
    head: row(columns),
    written: (line: Line): string => row(columns.map((name) => (name === 'at' ? isoTime(line.at) : line[name]))),
  },
  ndjson: {
    type: 'application/x-ndjson',
    head: '',
    written: (line: Line): string =>
      `${JSON.stringify({ ...line, at: isoTime(line.at), detail: JSON.parse(line.detail) })}\n`,
  },
} as const
