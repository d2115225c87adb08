import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { type SignedGuest, signInGuest } from '#src/domain/guests/guests.ts'
import { keyProfile } from '#src/domain/keys/keys.ts'
import { isRefusal, type Reason, type Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { newGuestHold } from '#src/http/guest-proof.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { needed, passwordIn } from './inputs.ts'

const text = z.string().nullish()

/** The words that stand for refusals in the `auth` of a guest's login. */
const guestWords: Partial<Record<Reason, string>> = {
  'key.password-wrong': 'Bad Password',
  'guest.pin-wrong': 'Bad Password',
  'key.delayed': 'Lockout',
  'key.password-missing': 'Password Needed',
  'guest.has-password': 'Password Needed',
}

const pinWords: Record<string, string> = { missing: 'Password Needed', locked: 'Lockout' }

function wordFor({ reason, facts }: Refusal): string | undefined {
  return (reason === 'guest.pin-wrong' && pinWords[facts.why ?? '']) || guestWords[reason]
}

/** What everybody is told, whether there is such a guest or not. */
const plainAnswer = ({ config }: Context) => ({
  productName: config.totpIssuer,
  recoveryAvail: !config.noRecovery,
  settings: { min_password_length: config.keyPasswordMinLength },
})

/** What a guest who is signed in is told besides: docs/guests.md. */
export async function signedAnswer(ctx: Context, { guest, auth }: Pick<SignedGuest, 'guest' | 'auth'>, token: string) {
  const { recoverable } = await keyProfile(ctx, guest.account)
  return { ...plainAnswer(ctx), auth, recoveryAvail: recoverable && guest.question !== '', session: token }
}

const login = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /oxguard/login?action=guest',
    what: 'Signs a guest in, by his password or by a mail that he got; answers an auth token, and sets a cookie',
    who: 'anyone',
    takes: 'json or form',
    in: {
      body: z.looseObject({
        username: z.string().optional(),
        password: text,
        e_password: text,
        itemId: text,
        pin: z.union([z.string(), z.number()]).nullish(),
      }),
    },
    out: z.object({
      productName: z.string(),
      auth: z.string(),
      recoveryAvail: z.boolean(),
      settings: z.object({ min_password_length: z.int() }),
      session: z.string().optional(),
      pinNeeded: z.boolean().optional(),
    }),
    limits: { perSecond: ctx.config.signInRate, body: 16_384 },
    async does(ctx, { body }, _caller, incoming) {
      // A form of somebody else would sign a browser in to his account, for its owner to write there.
      judgeSameOrigin(ctx, incoming)
      const { origin, answer } = incoming
      const address = needed(body.username, 'username')
      const password = await passwordIn(ctx, body)
      const { hold, cookie } = newGuestHold(ctx)
      const pin = body.pin === null || body.pin === undefined ? undefined : String(body.pin)
      const wish = { address, password, itemId: body.itemId ?? undefined, pin, hold, origin }
      try {
        const entered = await signInGuest(ctx, wish)
        answer.append('Set-Cookie', cookie)
        return await signedAnswer(ctx, entered, hold.token)
      } catch (error) {
        const word = isRefusal(error) ? wordFor(error) : undefined
        if (!isRefusal(error) || !word) throw error
        if (error.facts.retryAfter !== undefined) answer.set('Retry-After', String(error.facts.retryAfter))
        // Only who has shown a mail of his is asked for the PIN.
        const more = error.reason === 'guest.pin-wrong' ? { pinNeeded: true } : {}
        return { ...plainAnswer(ctx), auth: word, ...more }
      }
    },
  })

export const guestLoginEndpoints = (ctx: Context): Endpoint[] => [login(ctx)]
