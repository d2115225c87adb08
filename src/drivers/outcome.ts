/** What became of one message at one driver. A permanent failure is not worth another try; a temporary one is. */
export type Outcome = { sent: true; response: string } | { sent: false; permanent: boolean; reason: string }

const longestQuote = 300

/**
 * What a peer said, fit for a database row: secrets masked in every spelling a peer is likely to echo them in,
 * control characters flattened, length bounded.
 */
export function quoteWithout(secrets: readonly string[], said: string): string {
  const spellings = secrets.flatMap(spellingsOf).filter((spelling) => spelling !== '')
  // One pass, longest first: a second pass could cut into the masks, a short secret could cut up a long one.
  spellings.sort((a, b) => b.length - a.length)
  const masked = spellings.length
    ? said.replace(new RegExp(spellings.map((spelling) => RegExp.escape(spelling)).join('|'), 'gi'), '***')
    : said
  return masked
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, longestQuote)
    .toWellFormed()
}

function spellingsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1), base64]
}

/** What became of a whole message at a mail server, by recipient. */
export interface HandedOver {
  /** whom it was taken for */
  sent: string[]
  /** whom it will never be taken for, with the server's words */
  refused: Record<string, string>
  /** for whom another try is worth it, and why */
  deferred: Record<string, string>
  /** what the server said last */
  words: string
  /** Everything was written, the final dot included, and no answer came: it may have been taken all the same. */
  isUncertain: boolean
  /** No connection was to be had: another message would fare no better at the moment. */
  isUnreached: boolean
}

/** A whole message with its envelope. */
export interface Parcel {
  sender: string
  recipients: readonly string[]
  bytes: number
  /**
   * The message in pieces, from its beginning at each call. The final dot is written when it comes to its end, and
   * never when it throws.
   */
  pieces(): AsyncIterable<Uint8Array>
}
