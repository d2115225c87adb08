import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { type RingProof, readTransported } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Part } from '#src/http/multipart.ts'

const text = z.string().nullish()

/** A password in a body: plain, or encrypted with our RSA key. The encrypted one wins. */
export const passwordFields = { password: text, e_password: text }

export const sessionQuery = { session: z.string().optional() }

/** The query of an action that is about one key; see `readKeyIds`. */
export const keyQuery = z.object({ ...sessionQuery, keyid: z.string().optional() })

/** A file in a form. */
export const filePart = z
  .custom<Part>((value) => value !== null && typeof value === 'object' && 'data' in value)
  .meta({ type: 'string', format: 'binary' })

/** What a form may weigh: a file of a mebibyte, and what stands around it. */
export const FORM_LIMIT = 1024 * 1024 + 16 * 1024

/** The query of the login module: it is about OpenPGP keys, and nobody changes the password of another kind by mistake. */
export const loginQuery = z.object({
  ...sessionQuery,
  type: z
    .string()
    .transform((type) => type.toUpperCase())
    .pipe(z.literal('PGP'))
    .optional(),
})

/** A truth value in a query: true or false, in any case. */
export const truth = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false']))
  .transform((text) => text === 'true')

/** A parameter that an action cannot do without. Refuses with 'input.invalid', which says here that it is missing. */
export function needed(value: string | undefined, name: string): string {
  if (!value) throw new Refusal('input.invalid', { params: [name] })
  return value
}

interface PasswordFields {
  password?: string | null | undefined
  e_password?: string | null | undefined
}

/** The password that a body brings, or undefined. */
export async function passwordIn(ctx: Context, { password, e_password }: PasswordFields): Promise<string | undefined> {
  if (e_password) return readTransported(ctx, e_password)
  return password || undefined
}

/** The same where nothing goes without it: 'key.password-missing'. */
export async function neededPasswordIn(ctx: Context, fields: PasswordFields): Promise<string> {
  const password = await passwordIn(ctx, fields)
  if (password === undefined) throw new Refusal('key.password-missing')
  return password
}

/**
 * A password that is to be set. What was encrypted badly comes out as noise, and nobody should have a key locked with
 * that: it is answered like a wrong password.
 */
export async function newPasswordIn(ctx: Context, fields: PasswordFields): Promise<string> {
  const password = await neededPasswordIn(ctx, fields)
  if (fields.e_password && /[\uFFFD\p{Cc}]/u.test(password)) throw new Refusal('key.password-wrong')
  return password
}

// What an RSA key of 2048 bits makes, or a longer one: in base64 or hex. Nobody answers a question so.
const TRANSPORTED = /^[\w+/ -]{340,}=*$/

/** An answer to a question, plain or encrypted like a password; null for what was encrypted badly, or can be none. */
export async function answerIn(ctx: Context, given: string): Promise<string | null> {
  const answer = TRANSPORTED.test(given) ? await readTransported(ctx, given) : given
  return /[\uFFFD\p{Cc}]/u.test(answer) || answer === '' ? null : answer
}

/** By what a ring may be changed: its password, or the sign-in password of its owner; each plain or encrypted. */
export const proofFields = { ...passwordFields, accountPassword: text, e_accountPassword: text }

interface ProofFields extends PasswordFields {
  accountPassword?: string | null | undefined
  e_accountPassword?: string | null | undefined
}

/** The proof that a body brings; without any it is what was left with the session. The key password goes first. */
export async function proofIn(ctx: Context, fields: ProofFields): Promise<RingProof> {
  const password = await passwordIn(ctx, fields)
  if (password !== undefined) return { password }
  const { accountPassword: plain, e_accountPassword: encrypted } = fields
  const accountPassword = await passwordIn(ctx, { password: plain, e_password: encrypted })
  return accountPassword === undefined ? 'stored' : { accountPassword }
}

type Given<T> = T | null | undefined

const isLeftOut = (given: unknown): given is '' | null | undefined =>
  given === null || given === undefined || given === ''

const unfit = (name: string, given: unknown): Refusal =>
  new Refusal('input.invalid', { params: [name, String(given).slice(0, 60)] })

/** The shape of what `wordIn` reads, for who reads about it: what is left out and what is wrong is its business. */
export const oneOf = (words: readonly string[]) => z.string().meta({ enum: words })

/** One of some words in a body; undefined when it is left out or empty. Anything else is refused by its name. */
export function wordIn<T extends string>(name: string, given: Given<string>, words: readonly T[]): T | undefined {
  if (isLeftOut(given)) return undefined
  const word = words.find((one) => one === given)
  if (word === undefined) throw unfit(name, given)
  return word
}

/** A number in a body, however it is written down; undefined when it is left out or empty. */
export function numberIn(name: string, given: Given<string | number>): number | undefined {
  if (isLeftOut(given)) return undefined
  const value = Number(given)
  if (!Number.isFinite(value)) throw unfit(name, given)
  return value
}

/** A truth value in a body, as JSON or a form has it; undefined when it is left out or empty. */
export function truthIn(name: string, given: Given<string | boolean>): boolean | undefined {
  if (isLeftOut(given)) return undefined
  const { success, data } = truth.safeParse(String(given))
  if (!success) throw unfit(name, given)
  return data
}
