import { z } from 'zod'
import type { Context } from '#src/context.ts'
import {
  endKeySessions,
  type KeyProfile,
  keyProfile,
  madePasswordLength,
  openKeySession,
  transportKey,
  whatIsThere,
} from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { type Caller, type Endpoint, endpoint, type Incoming, type Method } from '#src/http/endpoint.ts'
import { loginQuery, passwordIn } from './inputs.ts'
import { wireSettings } from './key-profile.ts'
import { authWords } from './refuse.ts'

const text = z.string().nullish()

/** What the user decided, and what the operator did. */
const settingsOf = (ctx: Context, profile: KeyProfile) => ({
  ...wireSettings(profile),
  noDeletePrivate: ctx.config.noDeletePrivate,
  noRecovery: ctx.config.noRecovery,
  noDeleteRecovery: ctx.config.noDeleteRecovery,
  min_password_length: ctx.config.keyPasswordMinLength,
  password_length: madePasswordLength(ctx),
})

/** The languages that we write mails in. */
const languages = { en_US: 'English', de_DE: 'Deutsch' }

/** A token, or the word that stands for why there is none. */
async function authFor(
  ctx: Context,
  { signed, password, incoming }: { signed: Caller; password: string | undefined; incoming: Incoming },
): Promise<string> {
  if (password === undefined) return (await whatIsThere(ctx, signed.account)).isSecret ? 'Password Needed' : 'No Key'
  try {
    return await openKeySession(ctx, { signed, password, origin: incoming.origin })
  } catch (error) {
    const word = isRefusal(error) ? authWords[error.reason] : undefined
    if (!word) throw error
    return word
  }
}

const login = endpoint({
  at: 'POST /oxguard/login?action=login',
  what: 'Opens a key session with the key password, or only tells the settings',
  who: 'a full session',
  takes: 'json or form',
  in: {
    query: loginQuery,
    body: z.looseObject({ encr_password: text, ox_password: text, e_password: text, language: text }),
  },
  out: z.object({
    server: z.string(),
    cid: z.int(),
    primaryEmail: z.string(),
    pubKey: z.string(),
    auth: z.string(),
    recoveryAvail: z.boolean(),
    lang: z.record(z.string(), z.string()),
    settings: z.record(z.string(), z.union([z.boolean(), z.int()])),
  }),
  async does(ctx, { body }, signed, incoming) {
    const plain = body.encr_password ?? body.ox_password
    const password = await passwordIn(ctx, { password: plain, e_password: body.e_password })
    const auth = await authFor(ctx, { signed, password, incoming })
    // Behind the password: with it a missing second copy is made.
    const profile = await keyProfile(ctx, signed.account)
    return {
      server: ctx.config.publicUrl ?? incoming.url.origin,
      cid: signed.account.tenant,
      primaryEmail: signed.account.email,
      pubKey: await transportKey(ctx),
      auth,
      recoveryAvail: profile.recoverable,
      lang: languages,
      settings: settingsOf(ctx, profile),
    }
  },
})

const logout = (method: Method): Endpoint =>
  endpoint({
    at: `${method} /oxguard/login?action=logout`,
    what: 'Ends all key sessions of the user, and forgets the auth left with the session',
    who: 'a full session',
    takes: 'none',
    in: { query: loginQuery },
    async does(ctx, _input, { account }, { origin }) {
      await endKeySessions(ctx, account, origin)
      return 'OK'
    },
  })

/** For operators' checks. It looks at nothing: /readyz does (docs/watching.md). */
const status = endpoint({
  at: 'GET /oxguard/login?action=status',
  what: 'Is anybody there?',
  who: 'anyone',
  does: async () => 'OK',
})

export const loginEndpoints: Endpoint[] = [
  login,
  // As the documentation of 2.6 misprints it, and clients copied.
  { ...login, at: 'POST /oxguard/login=action=login' },
  logout('GET'),
  logout('POST'),
  status,
]
