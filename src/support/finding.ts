import type { Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { isAddress } from '#src/lib/mail-address.ts'
import { plain } from './text.ts'
import { Misuse, NotDone } from './verb.ts'

/** The account behind any of its addresses; `NotDone` when there is none. */
export async function accountAt(ctx: Context, address: string): Promise<Account> {
  const account = await findByAddress(ctx, address)
  if (!account) throw new NotDone(`There is no account with the address "${plain(address)}". Nothing was changed.`)
  return account
}

/** The domain that was typed, with or without an @ before it; `Misuse` when it is none. */
export function domainIn(text: string): string {
  const domain = text.trim().toLowerCase().replace(/^@/, '')
  if (!isAddress(`a@${domain}`)) throw new Misuse(`"${plain(text)}" is not a domain, as example.org is one.`)
  return domain
}
