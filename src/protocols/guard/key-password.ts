import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { changeGuestPassword } from '#src/domain/guests/guests.ts'
import { changeKeyPassword, changeSecondary, keyProfile, resetKeyPassword } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Caller, type Endpoint, endpoint, type Incoming, type Method } from '#src/http/endpoint.ts'
import { loginQuery, neededPasswordIn, newPasswordIn, passwordFields, passwordIn } from './inputs.ts'
import { authWords, refuse } from './refuse.ts'

const text = z.string().nullish()

interface PasswordChange {
  oldpass?: string | null | undefined
  newpass?: string | null | undefined
  e_oldpass?: string | null | undefined
  e_newpass?: string | null | undefined
}

const given = (name: string, plain: string | null | undefined, encrypted: string | null | undefined): void => {
  if (!plain && !encrypted) throw new Refusal('input.invalid', { params: [name] })
}

/** The old password and the new one, each plain or encrypted. */
async function passwordsIn(ctx: Context, { oldpass, newpass, e_oldpass, e_newpass }: PasswordChange) {
  given('oldpass', oldpass, e_oldpass)
  given('newpass', newpass, e_newpass)
  return {
    oldPassword: (await passwordIn(ctx, { password: oldpass, e_password: e_oldpass }))!,
    newPassword: await newPasswordIn(ctx, { password: newpass, e_password: e_newpass }),
  }
}

/** A guest who has chosen no password yet has none to show; and he may choose a question. */
async function changeOfGuest(
  ctx: Context,
  { question, answer, ...body }: PasswordChange & Partial<Record<'question' | 'answer', string | null | undefined>>,
  signed: Caller,
  origin: Incoming['origin'],
): Promise<string> {
  given('newpass', body.newpass, body.e_newpass)
  const isAsked = question !== null && question !== undefined
  return changeGuestPassword(ctx, {
    signed,
    oldPassword: await passwordIn(ctx, { password: body.oldpass, e_password: body.e_oldpass }),
    newPassword: await newPasswordIn(ctx, { password: body.newpass, e_password: body.e_newpass }),
    question: isAsked ? { question, answer: answer ?? '' } : undefined,
    origin,
  })
}

const changePassword = endpoint({
  at: 'POST /oxguard/login?action=changepass',
  what: 'Changes the password of the current key; every other token of the user is void then',
  who: 'full or guest',
  takes: 'json or form',
  in: {
    query: loginQuery,
    body: z.looseObject({
      oldpass: text,
      newpass: text,
      e_oldpass: text,
      e_newpass: text,
      question: text,
      answer: text,
    }),
  },
  out: z.object({ auth: z.string() }),
  async does(ctx, { body }, signed, incoming) {
    const { origin } = incoming
    try {
      if (signed.session.state === 'guest') return { auth: await changeOfGuest(ctx, body, signed, origin) }
      return { auth: await changeKeyPassword(ctx, { signed, ...(await passwordsIn(ctx, body)), origin }) }
    } catch (error) {
      // Some clients look at `auth`, others at `error`: they get both.
      if (error instanceof Refusal && authWords[error.reason])
        return refuse(error, incoming, ctx, { auth: authWords[error.reason] })
      throw error
    }
  },
})

const secondary = endpoint({
  at: 'GET /oxguard/login?action=secondary',
  what: 'The address that a new key password is mailed to; empty where it is the primary one',
  who: 'a full session',
  in: { query: loginQuery },
  does: async (ctx, _input, { account }) => (await keyProfile(ctx, account)).secondary,
})

const newSecondary = endpoint({
  at: 'POST /oxguard/login?action=changesecondary',
  what: 'Changes that address; an empty one takes it away',
  who: 'a full session',
  takes: 'json or form',
  in: { query: loginQuery, body: z.looseObject({ ...passwordFields, email: z.string() }) },
  async does(ctx, { body }, { account }, { origin }) {
    const password = await neededPasswordIn(ctx, body)
    await changeSecondary(ctx, { account, password, address: body.email, origin })
    return 'OK'
  },
})

// As the API has them: here in lower case, for the support desk in upper case.
const mailedTo = { primary: 'primary', secondary: 'ok' } as const

const reset = (method: Method): Endpoint =>
  endpoint({
    at: `${method} /oxguard/login?action=reset`,
    what: 'Gives the current key a new random password, and mails it',
    who: 'a full session',
    takes: 'none',
    in: { query: loginQuery },
    does: async (ctx, _input, { account }, { origin }) => mailedTo[await resetKeyPassword(ctx, { account, origin })],
  })

/** Key passwords: changed, and replaced when they are forgotten. */
export const keyPasswordEndpoints: Endpoint[] = [changePassword, secondary, newSecondary, reset('GET'), reset('POST')]
