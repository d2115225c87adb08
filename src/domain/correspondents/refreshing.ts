import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import { ownOrigin } from '#src/domain/caller.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import * as store from './refresh-store.ts'

const PAGE = 100

async function joined(ctx: Context, certificate: Uint8Array, other: Uint8Array): Promise<Uint8Array | null> {
  try {
    return (await inOurWords(ctx.workers.openpgp.merge({ certificate, other, now: ctx.clock.now() }))).certificate
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}

/**
 * Joins what the world says of a key with every copy that people have uploaded: above all that it was revoked or renewed.
 * For which addresses they use it stays as it is, whatever user IDs the key has got. Answers how many copies changed.
 */
export async function learnOfUploaded(
  ctx: Context,
  { fingerprint, other }: { fingerprint: string; other: Uint8Array },
): Promise<number> {
  let changed = 0
  for (let rows = await store.copiesOf(ctx, { fingerprint, after: '', most: PAGE }); rows.length > 0; ) {
    for (const row of rows) changed += await learnOfCopy(ctx, row, { fingerprint, other })
    rows = await store.copiesOf(ctx, { fingerprint, after: rows.at(-1)!.id, most: PAGE })
  }
  return changed
}

async function learnOfCopy(
  ctx: Context,
  row: store.Copy,
  { fingerprint, other }: { fingerprint: string; other: Uint8Array },
): Promise<number> {
  const becomes = await joined(ctx, row.certificate, other)
  if (!becomes || Buffer.from(becomes).equals(row.certificate)) return 0
  return atomically(ctx, async (ctx) => {
    if (!(await store.replaceCopy(ctx, { id: row.id, was: row.certificate, becomes }))) return 0
    const detail = { key: fingerprint }
    await record(ctx, { event: 'external-key.changed', account: row.account_id, origin: ownOrigin('house'), detail })
    return 1
  })
}

/** Has anybody uploaded this key? */
export const isUploaded = async (ctx: Context, fingerprint: string): Promise<boolean> =>
  (await store.copiesOf(ctx, { fingerprint, after: '', most: 1 })).length > 0
