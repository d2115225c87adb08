// What other people wrote (names, browsers) must not move the cursor or turn the direction of a terminal.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu
const MOST = 120

/** A text as it may be shown on a terminal: one line, nothing that steers it, not endless. */
export function plain(text: string): string {
  const letters = [...text.replace(UNPRINTABLE, '\u{FFFD}')]
  return letters.length > MOST ? `${letters.slice(0, MOST).join('')}…` : letters.join('')
}

/** A moment for people, to the second. */
export const shownTime = (iso: string | null): string =>
  iso === null ? 'never' : `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`

/** 1 session, 2 sessions. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

export type Row = readonly [label: string, text: string]

/** Labels in one column and what they say in the next; what is too long for none stays in the first. */
export function rowsOf(rows: readonly Row[]): string[] {
  const width = Math.max(0, ...rows.map(([label]) => label.length))
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`.trimEnd())
}
