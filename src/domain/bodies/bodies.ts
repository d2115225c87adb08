import { setImmediate } from 'node:timers/promises'
import type { Context } from '#src/context.ts'
import { seats } from '#src/domain/seats.ts'
import { uuid } from '#src/lib/chance.ts'
import { days } from '#src/lib/clock.ts'
import { STEP, sharedMemory } from '#src/lib/joined-bytes.ts'
import { decryptBytes, encryptBytes } from '#src/lib/sealing.ts'
import * as store from './store.ts'

// What SQLite writes, and a cipher works on, well within ten milliseconds.
const PIECE = 256 * 1024

/** The carrier, which has no more of the house than this, reads bodies too. */
type Reading = Pick<Context, 'db' | 'database' | 'secrets'>

const place = (id: string, seq: number): string => `body ${id} ${seq}`

/**
 * Keeps bytes of any size, encrypted under a key of their own, and answers their id. Not inside a transaction: others
 * are served between the pieces. Whoever makes a row that refers to them calls `claimBody` in the same transaction; what
 * nobody claims within a day is swept.
 */
export async function keepBody(ctx: Context, bytes: Uint8Array): Promise<string> {
  const id = uuid(ctx.clock.chance)
  const key = ctx.clock.chance.bytes(32)
  const created = ctx.clock.now()
  const sealedKey = ctx.secrets.sealer.seal(key, seats.body(id))
  await store.insertBody(ctx, { id, key: sealedKey, bytes: bytes.length, created, claimed: 0 })
  for (let [seq, from] = [0, 0]; from < bytes.length; seq++, from += PIECE) {
    const data = encryptBytes(key, bytes.subarray(from, from + PIECE), place(id, seq))
    await store.insertPiece(ctx, { body_id: id, seq, data })
    await setImmediate()
  }
  return id
}

/** In the transaction that refers to it. Throws when it is gone: it was kept too long ago. */
export async function claimBody(ctx: Context, id: string): Promise<void> {
  if (!(await store.claim(ctx, id))) throw new Error(`body ${id} is gone`)
}

/** The pieces of a body, in order; null when there is no such body. */
export async function bodyPieces(
  ctx: Reading,
  id: string,
): Promise<{ bytes: number; pieces: AsyncIterable<Uint8Array> } | null> {
  const body = await store.bodyById(ctx, id)
  if (!body) return null
  const key = ctx.secrets.sealer.open(body.key, seats.body(id))
  async function* pieces() {
    for (let seq = 0; seq * PIECE < body!.bytes; seq++) {
      const row = await store.pieceOf(ctx, id, seq)
      if (!row) throw new Error(`body ${id} lacks its piece ${seq}`)
      yield decryptBytes(key, row.data, place(id, seq))
    }
  }
  return { bytes: body.bytes, pieces: pieces() }
}

/** A body whole, in memory that workers share when it is large; null when there is no such body. */
export async function bodyOf(ctx: Context, id: string): Promise<Uint8Array | null> {
  const body = await bodyPieces(ctx, id)
  if (!body) return null
  const whole = body.bytes > STEP ? sharedMemory(body.bytes) : Buffer.alloc(body.bytes)
  let at = 0
  for await (const piece of body.pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** Removes bodies for good: with its key gone, what a backup or a free page still has of one is noise. */
export const dropBodies = (ctx: Context, ids: readonly string[]): Promise<number> => store.removeBodies(ctx, ids)

/** Removes a body unless some row refers to it; in the transaction that took the last reference away. */
export const dropUnused = (ctx: Reading, id: string): Promise<void> => store.removeUnused(ctx, id)

/**
 * Gives back bodies whose rows are gone, in the transaction that took those away: what no other row refers to is swept
 * like what nobody ever claimed. For many and large ones, which are not to be removed at one go.
 */
export const releaseBodies = (ctx: Context, ids: readonly string[]): Promise<void> => store.releaseUnused(ctx, ids)

/** Removes bodies that nobody has claimed; a few at a time. */
export const sweepBodies = async (ctx: Context): Promise<number> =>
  store.removeBodies(ctx, await store.unclaimedBefore(ctx, ctx.clock.now() - days(1), 20))
