import type { Context } from '#src/context.ts'
import { type Account, addressesOf, findByAddress } from '#src/domain/accounts/accounts.ts'
import { oneAuthor } from '#src/lib/mime/author.ts'
import { headerValues, type SplitMessage } from '#src/lib/mime/message.ts'

export interface Author {
  /** whose keys of others count, and who is the host of guests; null where the sender has no account here */
  account: Account | null
  /** is it the account's own mail, by envelope and header? Else it is signed in nobody's name. */
  isSure: boolean
}

/**
 * Who wrote a mail: the account behind the sender of its envelope, whom the mail server next door has let in under this
 * address. The one in From must be the same person before his key signs, whichever program reads it. Where the envelope
 * names nobody here, the one in From counts, for the keys that he knows.
 */
export async function authorOf(ctx: Context, sender: string, header: SplitMessage): Promise<Author> {
  const writer = oneAuthor(headerValues(header, 'from'))
  const owner = sender === '' ? undefined : await findByAddress(ctx, sender)
  if (owner) {
    const own = await addressesOf(ctx, owner)
    return { account: owner, isSure: writer !== null && own.includes(writer) }
  }
  const account = writer === null ? undefined : await findByAddress(ctx, writer)
  return { account: account ?? null, isSure: false }
}

/**
 * Stands for a sender without an account: whose keys the house and the world know, he may write to with them. He has no
 * keys of others, no guests, and no key of his own.
 */
export const strangerAt = (sender: string): Account => ({
  id: `sender ${sender}`,
  tenant: 1,
  email: sender,
  name: '',
  description: '',
  location: '',
  locale: '',
  role: 'user',
  owner: '',
  avatar: '',
  password: null,
  must_change_password: 0,
  suspended: 0,
  black_listed: 0,
  confirmed: 0,
  confirmed_at: 0,
  awaiting_confirmation: 0,
  created: 0,
  modified: 0,
  last_sign_in: 0,
  last_password_change: 0,
  two_step: 0,
  preferred_factor: null,
  recovery_salt: null,
  unlock_salt: '',
  generation: 0,
  population: 'user',
  signing_up: '',
  grace_began: 0,
})
