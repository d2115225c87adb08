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
