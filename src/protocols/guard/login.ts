import { z } from 'zod'
import type { Context } from '#src/context.ts'
import {
  changeKeyPassword,
  endKeySessions,
  hasSecretRing,
  openKeySession,
  transportKey,
} from '#src/domain/keys/keys.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { type Caller, type Endpoint, endpoint, type Incoming, type Method } from '#src/http/endpoint.ts'
import { passwordIn, sessionQuery } from './inputs.ts'
import { authWords, refuse } from './refuse.ts'

const text = z.string().nullish()

const query = z.object({
  ...sessionQuery,
  type: z
    .string()
    .transform((type) => type.toUpperCase())
    .pipe(z.literal('PGP'))
    .optional(),
})

/** Encryption that the user asked for in his settings; there is nothing yet that changes them. */
const settingsOf = ({ config }: Context) => ({
  pgpdefault: false,
  pgpsign: false,
  inline: false,
  noDeletePrivate: false,
  noRecovery: true,
  noDeleteRecovery: false,
  min_password_length: config.keyPasswordMinLength,
  password_length: Math.max(config.keyPasswordMinLength, 16),
})

/** A token, or the word that stands for why there is none. */
async function authFor(
  ctx: Context,
  { signed, password, incoming }: { signed: Caller; password: string | undefined; incoming: Incoming },
): Promise<string> {
  if (password === undefined) return (await hasSecretRing(ctx, signed.account)) ? 'Password Needed' : 'No Key'
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
    query,
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
    return {
      server: ctx.config.publicUrl ?? incoming.url.origin,
      cid: signed.account.tenant,
      primaryEmail: signed.account.email,
      pubKey: await transportKey(ctx),
      auth: await authFor(ctx, { signed, password, incoming }),
      recoveryAvail: false,
      lang: { en_US: 'English' },
      settings: settingsOf(ctx),
    }
  },
})

const logout = (method: Method): Endpoint =>
  endpoint({
    at: `${method} /oxguard/login?action=logout`,
    what: 'Ends all key sessions of the user, and forgets the auth left with the session',
    who: 'a full session',
    takes: 'none',
    in: { query },
    async does(ctx, _input, { account }, { origin }) {
      await endKeySessions(ctx, account, origin)
      return 'OK'
    },
  })

const changePassword = endpoint({
  at: 'POST /oxguard/login?action=changepass',
  what: 'Changes the password of the current key; every other token of the user is void then',
  who: 'a full session',
  takes: 'json or form',
  in: { query, body: z.looseObject({ oldpass: z.string(), newpass: z.string() }) },
  out: z.object({ auth: z.string() }),
  async does(ctx, { body }, signed, incoming) {
    const { origin } = incoming
    try {
      const auth = await changeKeyPassword(ctx, {
        signed,
        oldPassword: body.oldpass,
        newPassword: body.newpass,
        origin,
      })
      return { auth }
    } catch (error) {
      // Some clients look at `auth`, others at `error`: they get both.
      if (error instanceof Refusal && authWords[error.reason])
        return refuse(error, incoming, ctx, { auth: authWords[error.reason] })
      throw error
    }
  },
})

export const loginEndpoints: Endpoint[] = [
  login,
  // As the documentation of 2.6 misprints it, and clients copied.
  { ...login, at: 'POST /oxguard/login=action=login' },
  logout('GET'),
  logout('POST'),
  changePassword,
]
