import { z } from 'zod'
import { overseenAccount, rightsOver } from '#src/domain/accounts/accounts.ts'
import { recordPage } from '#src/domain/audit/audit.ts'
import {
  accountFile,
  exposeKeysOf,
  giveAddress,
  letIn,
  removeKeysOf,
  resetFactorsOf,
  resetKeyOf,
  signOutOther,
  takeAddressAway,
  withActors,
} from '#src/domain/supporting/supporting.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { isoTime } from '#src/lib/clock.ts'
import { publicBase } from '#src/lib/public-base.ts'
import { cursorOf, placeIn } from './cursor.ts'
import { address, after, File, Happened, idPath, limit, noBody, query, sessionQuery, sought } from './people-shapes.ts'
import { policyByKey } from './policy-values.ts'

const RecordPlace = z.strictObject({ at: z.int().min(0), id: sought(64) })

const file = endpoint({
  at: 'GET /accounts/{id}',
  what: 'Everything there is to know about an account, and no secret; and what the caller may do about it',
  who: 'a full session',
  in: { path: idPath, query },
  out: File,
  async does(ctx, { path: { id } }, { account: caller }) {
    const account = await overseenAccount(ctx, { caller, id })
    const { policy, ...rest } = await accountFile(ctx, account)
    return { ...rest, policy: policyByKey(policy), rights: rightsOver(caller, account) }
  },
})

const activity = endpoint({
  at: 'GET /accounts/{id}/activity',
  what: 'Everything on record about an account, newest first; `next` of one page is `after` of the next',
  who: 'a full session',
  in: { path: idPath, query: z.strictObject({ ...sessionQuery, after, limit }) },
  out: z.object({ items: z.array(Happened), next: z.string().nullable() }),
  async does(ctx, { path: { id }, query }, { account: caller }) {
    await overseenAccount(ctx, { caller, id })
    const before = placeIn(query.after, RecordPlace)
    const { items, next } = await recordPage(ctx, { accountId: id, before, limit: query.limit })
    return { items: await withActors(ctx, items), next: next && cursorOf(next) }
  },
})

const acting = { in: { path: idPath, query, body: noBody }, takes: 'json' } as const

const unlock = endpoint({
  ...acting,
  at: 'POST /accounts/{id}/unlock',
  what: 'Forget the failed tries of an account and lift a suspension; a black-listing stays',
  who: 'a full session',
  out: z.object({ forgotten: z.int(), wasSuspended: z.boolean() }),
  does: (ctx, { path: { id } }, { account: caller }, { origin }) => letIn(ctx, { caller, id, origin }),
})

const signOut = endpoint({
  ...acting,
  at: 'POST /accounts/{id}/sign-out',
  what: 'End every session of an account in every protocol, and the trust in its devices',
  who: 'a full session',
  out: z.object({ sessions: z.int() }),
  does: async (ctx, { path: { id } }, { account: caller }, { origin }) => ({
    sessions: await signOutOther(ctx, { caller, id, origin }),
  }),
})

const resetMfa = endpoint({
  ...acting,
  at: 'POST /accounts/{id}/reset-mfa',
  what: 'Take all second factors, passkeys, app passwords and trusted devices from an account; its sessions end',
  who: 'a full, elevated session',
  does: (ctx, { path: { id } }, { account: caller }, { origin }) => resetFactorsOf(ctx, { caller, id, origin }),
})

const addAddress = endpoint({
  at: 'POST /accounts/{id}/addresses',
  what: 'Give an account another address; the caller answers for it that it is the owner’s',
  who: 'a full, elevated session',
  in: { path: idPath, query, body: z.strictObject({ address }) },
  does: (ctx, { path: { id }, body }, { account: caller }, { origin }) =>
    giveAddress(ctx, { caller, id, origin, address: body.address }),
})

const removeAddress = endpoint({
  at: 'DELETE /accounts/{id}/addresses/{address}',
  what: 'Take an address, but not the primary one, from an account',
  who: 'a full, elevated session',
  in: { path: idPath.extend({ address }), query },
  does: (ctx, { path: { id, address } }, { account: caller }, { origin }) =>
    takeAddressAway(ctx, { caller, id, origin, address }),
})

const resetKey = endpoint({
  ...acting,
  at: 'POST /accounts/{id}/keys/reset-password',
  what: 'Give the current key a new password, which is mailed to its owner and shown to nobody',
  who: 'a full, elevated session',
  out: z.object({ mailedTo: z.enum(['primary', 'secondary']) }),
  does: async (ctx, { path: { id } }, { account: caller }, { origin }) => ({
    mailedTo: await resetKeyOf(ctx, { caller, id, origin }),
  }),
})

const removeKeys = endpoint({
  at: 'DELETE /accounts/{id}/keys',
  what: 'Delete all keys of an account; what old mail needs to be read is kept, and can be exposed',
  who: 'a full, elevated session',
  in: { path: idPath, query },
  does: (ctx, { path: { id } }, { account: caller }, { origin }) => removeKeysOf(ctx, { caller, id, origin }),
})

const exposeKeys = endpoint({
  ...acting,
  at: 'POST /accounts/{id}/keys/expose',
  what: 'Make a link to the deleted keys of an account, which dies; an older one is dead at once',
  who: 'a full, elevated session',
  out: z.object({ url: z.string(), expires: z.string().nullable() }),
  async does(ctx, { path: { id } }, { account: caller }, { origin }) {
    const { token, expires } = await exposeKeysOf(ctx, { caller, id, origin })
    return {
      url: `${publicBase(ctx.config)}/appsuite/api/oxguard/exposed?key=${token}`,
      expires: isoTime(expires),
    }
  },
})

export const peopleAccount = [
  file,
  activity,
  unlock,
  signOut,
  resetMfa,
  addAddress,
  removeAddress,
  resetKey,
  removeKeys,
  exposeKeys,
]
