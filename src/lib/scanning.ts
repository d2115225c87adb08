import { setImmediate as nextTurn } from 'node:timers/promises'

/** A place in a list, newest first: what is older, or as old with a smaller id, lies behind it. */
export interface Place {
  at: number
  id: string
}

interface Scan<Row> {
  /** the `most` next rows behind a place, from the beginning where there is none */
  read(behind: Place | null, most: number): Promise<Row[]>
  placeOf(row: Row): Place
  /** what no index answers */
  suits(row: Row): boolean
  /** rows looked at in one step */
  width: number
  behind: Place | null
  limit: number
}

// With all steps it is a fraction of a second, and others get their turn between two.
const STEPS = 20

/**
 * A page of what suits. It looks at a bounded number of rows: a page may hold less than `limit`, even nothing, and there
 * is more all the same, as long as `next` is not null.
 */
export async function scanPage<Row>({ read, placeOf, suits, width, behind, limit }: Scan<Row>) {
  const found: Row[] = []
  let place = behind
  for (let step = 0; step < STEPS; step++) {
    const rows = await read(place, width)
    for (const row of rows) {
      if (found.length === limit) return { found, next: place }
      place = placeOf(row)
      if (suits(row)) found.push(row)
    }
    if (rows.length < width) return { found, next: null }
    await nextTurn()
  }
  return { found, next: place }
}
