import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import * as store from './store.ts'

/** Somebody without a key of his own who reads his mail here. */
export interface Guest {
  /** with his real address, which is in no table of accounts */
  account: Account
  address: string
  certificate: Uint8Array
  /** has he chosen a password? */
  hasPassword: boolean
  /** must he show the first password, which was mailed to him? */
  needsInitial: boolean
  /** must he know a PIN besides the link, until he has chosen a password? */
  needsPin: boolean
  /** he wants no such mail */
  refused: boolean
  language: string
  /** what he is asked before a new password is mailed to him; empty for none */
  question: string
}

type Row = NonNullable<Awaited<ReturnType<typeof store.guestByAddress>>>

function guestIn(row: Row | undefined): Guest | null {
  if (!row) return null
  const { address, language, refused, initial, initial_sent, pin, pin_strikes: _, question, certificate, ...own } = row
  return {
    account: { ...own, email: address },
    address,
    certificate,
    hasPassword: initial === null,
    needsInitial: initial !== null && initial_sent === 1,
    needsPin: initial !== null && pin !== null,
    refused: refused > 0,
    language,
    question,
  }
}

/** The guest of a mail address, however it is written; null for nobody. */
export const guestAt = async (ctx: Context, address: string): Promise<Guest | null> => {
  const wanted = asciiAddress(address)
  return wanted.includes('\0') ? null : guestIn(await store.guestByAddress(ctx, wanted))
}

/** The guest that an account is; null for one that is none. */
export const guestOf = async (ctx: Context, accountId: string): Promise<Guest | null> =>
  guestIn(await store.guestOfAccount(ctx, accountId))
