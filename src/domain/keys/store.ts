import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type RingRow = Tables['key_ring']
export type PartRow = Tables['key_part']
export type StoredRow = Tables['stored_auth']

/** An account's rings: the current one first, then the newest. */
export const ringsOf = (ctx: Context, accountId: string): Promise<RingRow[]> =>
  ctx.db
    .selectFrom('key_ring')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('is_current', 'desc')
    .orderBy('created', 'desc')
    .orderBy('id')
    .execute()

export const currentRingOf = (ctx: Context, accountId: string): Promise<RingRow | undefined> =>
  ctx.db
    .selectFrom('key_ring')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('is_current', '=', 1)
    .executeTakeFirst()

export const certificatesOf = (ctx: Context, accountIds: readonly string[]) =>
  accountIds.length === 0
    ? Promise.resolve([])
    : ctx.db
        .selectFrom('key_ring')
        .select('certificate')
        .where('account_id', 'in', [...accountIds])
        .orderBy('created', 'desc')
        .execute()

export const partsOf = (ctx: Context, accountId: string): Promise<PartRow[]> =>
  ctx.db
    .selectFrom('key_part')
    .innerJoin('key_ring', 'key_ring.id', 'key_part.ring_id')
    .selectAll('key_part')
    .where('key_ring.account_id', '=', accountId)
    .execute()

/** Writes a ring and its parts, anew or in the place of what was there; which ring is current is not touched. */
export async function keepRing(ctx: Context, ring: RingRow, parts: readonly Omit<PartRow, 'ring_id'>[]) {
  const { id, account_id: _, is_current: __, ...changes } = ring
  await ctx.db
    .insertInto('key_ring')
    .values({ ...ring, is_current: 0 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute()
  await ctx.db.deleteFrom('key_part').where('ring_id', '=', id).execute()
  await ctx.db
    .insertInto('key_part')
    .values(parts.map((part) => ({ ...part, ring_id: id })))
    .execute()
}

/** Makes one ring the current one and no other. */
export async function markCurrent(ctx: Context, accountId: string, ringId: string): Promise<void> {
  const own = ctx.db.updateTable('key_ring').where('account_id', '=', accountId)
  await own.set({ is_current: 0 }).where('is_current', '=', 1).execute()
  await own.set({ is_current: 1 }).where('id', '=', ringId).execute()
}

/** Replaces a sealed secret and its second copy; false when the ring, secret or certificate, is no longer what was read. */
export async function replaceSecret(
  ctx: Context,
  was: RingRow & { secret: Uint8Array },
  becomes: { secret: Uint8Array; escrow: Uint8Array | null },
): Promise<boolean> {
  const row = await ctx.db
    .updateTable('key_ring')
    .set({ ...becomes, secret_behind: 0, modified: ctx.clock.now() })
    .where('id', '=', was.id)
    .where('secret', '=', was.secret)
    .where('certificate', '=', was.certificate)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export const insertKeySession = (ctx: Context, row: Tables['key_session']) =>
  ctx.db.insertInto('key_session').values(row).execute()

export const liveKeySession = (ctx: Context, { id, sessionId }: { id: string; sessionId: string }) =>
  ctx.db
    .selectFrom('key_session')
    .selectAll()
    .where('id', '=', id)
    .where('session_id', '=', sessionId)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

/** Ends a key session; false when somebody else did before. */
export async function endKeySession(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db.deleteFrom('key_session').where('id', '=', id).returning('id').executeTakeFirst()
  return row !== undefined
}

/** Ends every key session of an account, and forgets the auth left with its sessions. */
export async function endKeySessionsOf(ctx: Context, accountId: string): Promise<void> {
  await ctx.db.deleteFrom('key_session').where('account_id', '=', accountId).execute()
  await ctx.db
    .deleteFrom('stored_auth')
    .where('session_id', 'in', (eb) => eb.selectFrom('session').select('id').where('account_id', '=', accountId))
    .execute()
}

export const keepStoredAuth = (ctx: Context, row: StoredRow) => {
  const { session_id: _, ...changes } = row
  return ctx.db
    .insertInto('stored_auth')
    .values(row)
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet(changes))
    .execute()
}

export const storedAuthOf = (ctx: Context, sessionId: string) =>
  ctx.db
    .selectFrom('stored_auth')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

/** Forgets the auth left with a session, if it still is this one: of two at the same instant, one gets true. */
export async function dropStoredAuth(ctx: Context, { session_id, token }: StoredRow): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('stored_auth')
    .where('session_id', '=', session_id)
    .where('token', '=', token)
    .returning('session_id')
    .executeTakeFirst()
  return row !== undefined
}

export const serverSecret = (ctx: Context, name: string) =>
  ctx.db.selectFrom('server_secret').select('value').where('name', '=', name).executeTakeFirst()

/** The secrets of the server that have a name, or that name with a number behind it. */
export const serverSecrets = (ctx: Context, name: string) =>
  ctx.db
    .selectFrom('server_secret')
    .selectAll()
    .where((eb) => eb.or([eb('name', '=', name), eb('name', 'like', `${name} %`)]))
    .execute()

export const dropServerSecret = (ctx: Context, name: string) =>
  ctx.db.deleteFrom('server_secret').where('name', '=', name).execute()

/** Keeps a secret of the server unless another process was faster. */
export const offerServerSecret = (ctx: Context, row: Tables['server_secret']) =>
  ctx.db
    .insertInto('server_secret')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()

/** Removes key sessions and stored auth that are over; small batches. Returns how many went. */
export async function sweep(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  const sessions = ctx.db.selectFrom('key_session').select('id').where('expires', '<', now).limit(500)
  const stored = ctx.db.selectFrom('stored_auth').select('session_id').where('expires', '<', now).limit(500)
  const gone = [
    await ctx.db.deleteFrom('key_session').where('id', 'in', sessions).executeTakeFirst(),
    await ctx.db.deleteFrom('stored_auth').where('session_id', 'in', stored).executeTakeFirst(),
  ]
  return gone.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
}
