import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { readTransported } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'

const text = z.string().nullish()

/** A password in a body: plain, or encrypted with our RSA key. The encrypted one wins. */
export const passwordFields = { password: text, e_password: text }

export const sessionQuery = { session: z.string().optional() }

interface PasswordFields {
  password?: string | null | undefined
  e_password?: string | null | undefined
}

/** The password that a body brings, or undefined. */
export async function passwordIn(ctx: Context, { password, e_password }: PasswordFields): Promise<string | undefined> {
  if (e_password) return readTransported(ctx, e_password)
  return password || undefined
}

/**
 * A password that is to be set. What was encrypted badly comes out as noise, and nobody should have a key locked with
 * that: it is answered like a wrong password.
 */
export async function newPasswordIn(ctx: Context, fields: PasswordFields): Promise<string> {
  const password = await passwordIn(ctx, fields)
  if (password === undefined) throw new Refusal('key.password-missing')
  if (fields.e_password && /[\uFFFD\p{Cc}]/u.test(password)) throw new Refusal('key.password-wrong')
  return password
}
