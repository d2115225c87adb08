import { readFileSync } from 'node:fs'
import type { Context } from '#src/context.ts'
import { sha1 } from '#src/lib/digests.ts'
import type { AccountRow } from './store.ts'

// Passwords that are guessed before any other. Loaded on first use: there are many, and a start should not wait for them.
let common: Promise<Set<string>> | undefined
const commonOnes = (): Promise<Set<string>> => {
  common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'] as string[]),
  )
  return common
}

const blocked = new WeakMap<Context['config'], ReadonlySet<string>>()

function wordsIn(file: string): Set<string> {
  try {
    const lines = readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .split('\n')
    return new Set(lines.map((line) => line.trim().toLowerCase()))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`CHATELAINE_PASSWORD_BLOCKLIST: the file ${file} cannot be read (${code})`)
  }
}

/** The operator's own list. Read in one go and then never again; throws when it cannot be read. */
export function readBlocklist({ config }: Context): ReadonlySet<string> {
  const known = blocked.get(config)
  if (known) return known
  const words = config.passwordBlocklist ? wordsIn(config.passwordBlocklist) : new Set<string>()
  blocked.set(config, words)
  return words
}

/** Is it one of the usual passwords, or of those that the operator has listed? */
export async function isListed(ctx: Context, password: string): Promise<boolean> {
  const word = password.toLowerCase()
  return readBlocklist(ctx).has(word) || (await commonOnes()).has(word)
}

/** Is it nothing but what everybody knows of the account, or the name of this house? */
export function isOwnName(
  { config }: Context,
  { email, name }: Pick<AccountRow, 'email' | 'name'>,
  password: string,
): boolean {
  const [local = '', domain = ''] = email.split(/@(?=[^@]*$)/)
  const plain = (word: string) => word.toLowerCase().replace(/\s+/g, '')
  return [email, local, domain, name, config.totpIssuer].map(plain).includes(plain(password))
}

/** Is it known from a breach? A list that does not answer says nothing: nobody should be kept from a new password by it. */
export async function isBreached({ carriers, log }: Context, password: string): Promise<boolean> {
  const digest = sha1(password)
  for (const list of carriers.breaches)
    try {
      if (await list.has(digest)) return true
    } catch (error) {
      log.warn('password.breaches-unanswered', { list: list.name, error })
    }
  return false
}
