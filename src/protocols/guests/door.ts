import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { type Guest, isResetAlive, linkedItem, signInGuest } from '#src/domain/guests/guests.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { newGuestHold } from '#src/http/guest-proof.ts'
import { houseOf } from '#src/http/house.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { maskedAddress } from '#src/lib/mail-address.ts'
import { seconds } from './inputs.ts'

const PER_SECOND = 10

export const house = endpoint({
  at: 'GET /guest/house',
  what: 'Whose server this is, and what it asks of passwords',
  who: 'anyone',
  out: z.object({
    name: z.string().describe('of the service'),
    host: z.string().describe('of the server, as its mails name it'),
    passwordLength: z.int().describe('characters that a password of a guest needs at least'),
  }),
  limits: { perSecond: PER_SECOND },
  does: async (ctx) => ({ ...houseOf(ctx), passwordLength: ctx.config.keyPasswordMinLength }),
})

const doors = ['first', 'mailed', 'password', 'gone', 'anew', 'over'] as const
type Door = (typeof doors)[number]

const arrival = z.object({
  door: z
    .enum(doors)
    .describe(
      'first: he chooses a password now; mailed: he signs in with the one that was mailed; password: he signs in; gone: there is no such mail any more; anew: he may start anew; over: that link is over',
    ),
  pinNeeded: z.boolean(),
  to: z.string().describe('the address that the mail went to, as it may be shown; empty where there is no mail'),
  from: z.object({ address: z.string(), name: z.string() }).nullable(),
  date: z.string().nullable().describe('seconds since 1970, in decimal'),
  expires: z.string().nullable().describe('when the mail is removed, in seconds since 1970'),
  language: z.string().describe('which he is written to in; empty where that is not known'),
})

const unknown = { pinNeeded: false, to: '', from: null, date: null, expires: null, language: '' }

const doorOf = ({ hasPassword, needsInitial }: Guest): Door => {
  if (hasPassword) return 'password'
  return needsInitial ? 'mailed' : 'first'
}

async function arrivalBy(ctx: Context, itemId: string): Promise<z.infer<typeof arrival>> {
  const linked = await linkedItem(ctx, itemId)
  if (!linked) return { ...unknown, door: 'gone' }
  const { guest, item } = linked
  return {
    door: doorOf(guest),
    pinNeeded: guest.needsPin,
    to: maskedAddress(guest.address),
    from: item.from,
    date: seconds(item.date),
    expires: seconds(item.expires),
    language: guest.language,
  }
}

export const link = endpoint({
  at: 'POST /guest/link',
  what: 'Where a link out of a mail to a guest leads, for whoever holds it: of its two parameters the one that it has',
  who: 'anyone',
  takes: 'json',
  in: { body: z.union([z.strictObject({ item: z.string().max(64) }), z.strictObject({ reset: z.string().max(200) })]) },
  out: arrival,
  limits: { perSecond: PER_SECOND },
  async does(ctx, { body }) {
    if ('item' in body) return arrivalBy(ctx, body.item)
    return { ...unknown, door: (await isResetAlive(ctx, body.reset)) ? 'anew' : 'over' }
  },
})

const login = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/login',
    what: 'Signs a guest in by his password; sets his cookie, as `login?action=guest` does',
    who: 'anyone',
    takes: 'json',
    in: {
      body: z.strictObject({
        address: z.string().max(500),
        password: z.string().max(5000),
        pin: z.string().max(20).optional().describe('besides a password that was mailed, where there is a PIN'),
      }),
    },
    out: z.object({
      auth: z.string(),
      hasPassword: z.boolean().describe('false: it was mailed to him, and he is to choose one of his own'),
    }),
    limits: { perSecond: ctx.config.signInRate, body: 16_384 },
    async does(ctx, { body: { address, password, pin } }, _caller, incoming) {
      judgeSameOrigin(ctx, incoming)
      if (password === '') throw new Refusal('key.password-wrong')
      const { hold, cookie } = newGuestHold(ctx)
      const { auth, guest } = await signInGuest(ctx, { address, password, pin, hold, origin: incoming.origin })
      incoming.answer.append('Set-Cookie', cookie)
      return { auth, hasPassword: guest.hasPassword }
    },
  })

/** The way in of guests. */
export const doorEndpoints = (ctx: Context): Endpoint[] => [house, link, login(ctx)]
