import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { changePassword, setDuePassword } from '#src/domain/sessions/sessions.ts'
import { type Caller, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { cookieAfter } from './session.ts'
import { query } from './shapes.ts'

/** Changes a password in a session that goes on: one that a cookie holds has another cookie then. */
async function renewing(
  ctx: Context,
  { caller, incoming }: { caller: Caller; incoming: Incoming },
  change: (wish: { signed: Caller; proof: string | null; origin: Incoming['origin'] }) => Promise<void>,
): Promise<void> {
  const cookie = cookieAfter(ctx, caller, incoming)
  await change({ signed: caller, proof: cookie?.proof ?? null, origin: incoming.origin })
  cookie?.send()
}

const set = endpoint({
  at: 'POST /account/password/set',
  what: 'Set the new password that is demanded of the account; every other session ends',
  who: 'full or change',
  in: { query, body: z.strictObject({ newPassword: z.string() }) },
  does: (ctx, { body: { newPassword: password } }, caller, incoming) =>
    renewing(ctx, { caller, incoming }, (wish) => setDuePassword(ctx, { ...wish, password })),
})

const reset = endpoint({
  at: 'POST /account/password/reset',
  what: 'Change the password; every other session ends',
  who: 'full or change',
  in: { query, body: z.strictObject({ oldPassword: z.string(), newPassword: z.string() }) },
  does: (ctx, { body: { oldPassword, newPassword: password } }, caller, incoming) =>
    renewing(ctx, { caller, incoming }, (wish) => changePassword(ctx, { ...wish, oldPassword, password })),
})

export const passwordEndpoints = [set, reset]
