import { groupsOf } from '../../parts/fingerprint.tsx'

export interface Place {
  here: string
  there: string
  isSame: boolean
}

export type Comparison =
  | { is: 'empty' }
  | { is: 'unreadable' }
  | { is: 'equal' }
  | { is: 'short'; count: number; of: number }
  | { is: 'different'; places: Place[] }

/** What somebody pasted or typed, without what programs and people put around it. */
const bare = (text: string): string =>
  text
    .toUpperCase()
    .replace(/^\s*(OPENPGP4FPR:|0X)/, '')
    .replaceAll(/[\s:.\-\u00A0]/g, '')

/** Is what the other person says the fingerprint that is here? Where not, in which of the groups of four. */
export function compare(fingerprint: string, said: string): Comparison {
  const here = fingerprint.toUpperCase()
  const there = bare(said)
  if (there === '') return { is: 'empty' }
  if (!/^[0-9A-F]+$/.test(there)) return { is: 'unreadable' }
  if (there === here) return { is: 'equal' }
  // A fingerprint that is still being typed, and a key id, which is its end.
  if (there.length < here.length && (here.startsWith(there) || here.endsWith(there)))
    return { is: 'short', count: there.length, of: here.length }
  const [mine, theirs] = [groupsOf(here), groupsOf(there)]
  const places = Array.from({ length: Math.max(mine.length, theirs.length) }, (_, index) => {
    const [left, right] = [mine[index] ?? '', theirs[index] ?? '']
    return { here: left, there: right, isSame: left === right }
  })
  return { is: 'different', places }
}
