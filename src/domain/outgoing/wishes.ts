import type { Account } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import type { MailOptions } from '#src/domain/mail/mail.ts'
import type { Mailbox } from '#src/lib/mime/mailboxes.ts'

/** What is wanted for the recipients of a mail. */
export interface Wish {
  /** off: never encrypted; known: where there is a key, else as it is; always: encrypted or not at all */
  encrypt(address: string): 'off' | 'known' | 'always'
  /** who has no key, and is to have it encrypted always, becomes a guest */
  guests: boolean
  /** one of our people who has none, and is to have it encrypted always, gets a key of his own */
  newKeys: boolean
  /** new guests need a PIN */
  pin: boolean
  /** the author's own words to guests; in the clear */
  greeting?: string | undefined
  /** of mails to guests, such as `de` */
  language?: string | undefined
}

/** A mail with its envelope. */
export interface Outgoing {
  /** the author, or in whose name it is sent */
  account: Account
  /** who guests are told it is from, where From cannot say it; From unless told */
  author?: Mailbox
  /** of the envelope; empty for a report */
  sender: string
  message: Uint8Array
  /** of the envelope: whoever of them To and Cc do not name is a blind one */
  recipients: readonly string[]
  wish: Wish
  /** the author's secret key without its lock; absent: nothing is signed */
  signWith?: Uint8Array | undefined
  options: MailOptions
  origin: Origin
}

/** The same while nobody's key is needed yet. */
export type Unsealed = Omit<Outgoing, 'signWith'>

/** What became of a mail for one recipient. */
export interface Fate {
  /** as the envelope has it */
  address: string
  how: 'encrypted' | 'guest' | 'clear' | 'refused'
  /**
   * in one word, why it is not encrypted with a key of his own: 'no-key', 'no-own-key', 'expired', 'revoked',
   * 'guest-refuses', 'off' …
   */
  reason?: string
  /** where his key comes from, by the names of the setting `keySources`; 'sender': it came encrypted */
  source?: string
  /** what a new guest needs besides the link; for nobody but the author */
  pin?: string
}
