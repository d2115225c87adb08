import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import {
  exposeKeys,
  type Named,
  proveDesk,
  removeKeys,
  resetPassword,
  upgradeGuest,
} from '#src/domain/supporting/supporting.ts'
import { credentialsOf } from '#src/http/credentials.ts'
import { type Asker, type Endpoint, endpoint, type Incoming, type Protocol } from '#src/http/endpoint.ts'
import { publicBase } from '#src/lib/public-base.ts'
import { reply } from './answers.ts'
import { needed, numberIn } from './inputs.ts'
import { fault, refuse } from './refuse.ts'

const text = z.string().nullish()
const value = z.union([z.string(), z.number()]).nullish()
const named = z.looseObject({ email: text, cid: value, user_id: value })

// What a tenant's number can be in the database.
const MOST = 0x7fff_ffff

function tenantIn(given: z.output<typeof value>): number | undefined {
  const cid = numberIn('cid', given)
  if (cid === undefined || (Number.isInteger(cid) && Math.abs(cid) <= MOST)) return cid
  throw new Refusal('input.invalid', { params: ['cid', String(given).slice(0, 60)] })
}

/** What a call is about, as a form or JSON has it. */
const namedIn = ({ email, cid, user_id }: z.output<typeof named>): Named => ({
  email: email?.trim() || undefined,
  cid: tenantIn(cid),
  userId: String(user_id ?? '').trim() || undefined,
})

// As the API has them: here in upper case, for the user himself in lower case.
const mailedTo = { primary: 'PRIMARY', secondary: 'SECONDARY' } as const

/** What was put into the query, where nobody looks: a form or JSON has the parameters. */
function judgeQuery(query: z.output<typeof named>, body: z.output<typeof named>): void {
  const names = ['email', 'cid', 'user_id'] as const
  const misplaced = names.find((name) => query[name] && !body[name])
  if (misplaced) throw new Refusal('input.invalid', { params: [misplaced], why: 'in-query' })
}

const common = { who: 'a service', takes: 'json or form', limits: { perSecond: 'signInRate' } } as const

const endpointsAt = (path: '/guardsupport' | '/guardsupport/'): Endpoint[] => [
  endpoint({
    ...common,
    at: `POST ${path}?action=reset_password`,
    what: "Gives a user's current key a new random password, and mails it to him: PRIMARY or SECONDARY, by the address",
    in: { query: z.looseObject({ email: text }), body: z.looseObject({ email: text }) },
    async does(ctx, { query, body }, { account }, { origin }) {
      const email = needed((query.email || body.email)?.trim(), 'email')
      return mailedTo[await resetPassword(ctx, { email, actor: account.id, origin })]
    },
  }),
  endpoint({
    ...common,
    at: `POST ${path}?action=delete_user`,
    what: 'Deletes all keys of a user; they can be exposed later',
    in: { query: named, body: named },
    async does(ctx, { query, body }, { account }, { origin }) {
      judgeQuery(query, body)
      await removeKeys(ctx, { ...namedIn(body), actor: account.id, origin })
      return 'OK'
    },
  }),
  endpoint({
    ...common,
    at: `POST ${path}?action=expose_key`,
    what: 'Makes a link to the deleted keys of a user, which dies; an older one is dead at once',
    in: { query: named, body: named },
    async does(ctx, { query, body }, { account }, { origin }) {
      judgeQuery(query, body)
      const { email, cid } = namedIn(body)
      const token = await exposeKeys(ctx, { email: needed(email, 'email'), cid, actor: account.id, origin })
      return `${publicBase(ctx.config)}/appsuite/api/oxguard/exposed?key=${token}`
    },
  }),
  endpoint({
    ...common,
    at: `POST ${path}?action=upgrade_guest`,
    what: 'Makes the keys and the mail of a guest those of a user',
    in: { query: named, body: named },
    async does(ctx, { query, body }, { account }, { origin }) {
      judgeQuery(query, body)
      const { email, cid, userId } = namedIn(body)
      await upgradeGuest(ctx, {
        email: needed(email, 'email'),
        cid: Number(needed(cid?.toString(), 'cid')),
        userId: needed(userId, 'user_id'),
        actor: account.id,
        origin,
      })
      return 'OK'
    },
  }),
]

/** Nothing, or nothing that could be read, is as good as a wrong password. */
function shownIn(headers: Headers): { name: string; password: string } | null {
  try {
    const shown = credentialsOf(headers)
    return shown && 'name' in shown ? shown : null
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { name: '', password: '' }
  }
}

async function caller(ctx: Context, { headers, origin }: Incoming): Promise<Asker> {
  const { actor } = await proveDesk(ctx, { shown: shownIn(headers), origin })
  const account = { id: actor, role: 'support', email: '', owner: '', generation: 0 }
  return { account, session: null, without: 'service' }
}

/** Where it is off, and to who shows nothing, there is nothing but 401: no method, no action and no path is known here. */
const isToldNothing = ({ reason }: Refusal, { headers }: Incoming, { config }: Context): boolean =>
  !(config.supportUser && config.supportPassword && headers.has('authorization')) && reason !== 'rate.exceeded'

/** The support module of the OX Guard API 2.10.2: for programs of the support desk, with HTTP Basic. No browser calls it. */
export const guardSupport: Protocol = {
  name: 'guard-support',
  title: 'OX Guard 2.10.2: the support desk',
  bases: ['/appsuite/api', '/api', '/ajax', ''],
  endpoints: () => [...endpointsAt('/guardsupport'), ...endpointsAt('/guardsupport/')],
  caller,
  json: { requiresType: false },
  reply,
  refuse(refusal, incoming, ctx) {
    const isHidden = isToldNothing(refusal, incoming, ctx)
    if (isHidden) incoming.answer.delete('Allow')
    const response = refuse(isHidden ? new Refusal('support.denied') : refusal, incoming, ctx)
    if (response.status === 401) response.headers.set('WWW-Authenticate', 'Basic realm="guardsupport", charset="UTF-8"')
    return response
  },
  fault,
  headers: () => ({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }),
}
