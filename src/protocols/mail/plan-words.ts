import type { PlannedRecipient } from '#src/domain/outgoing/outgoing.ts'

/** Why there is no key that could be used, by the words of `reason`. */
const reasons: Readonly<Record<string, string>> = {
  'no-key': 'no key was found',
  'no-own-key': 'this colleague has no key, and cannot be given one: he has to make it himself',
  expired: 'the key has expired',
  revoked: 'the key was revoked',
  'not-yet-valid': 'the key is not valid yet',
  'no-encryption-subkey': 'the key has no part that mail can be encrypted to',
  'no-user-id': 'the key says of nobody that it is his',
  'sha1-binding': 'the key relies on SHA-1, which is broken: its owner has to renew it',
  weak: 'the key is too weak',
  unsupported: 'the key is of a kind that this server does not know',
  unreadable: 'the key cannot be read',
  'guest-refuses': 'this person wants no encrypted mail from here',
}

const because = (reason: string | null): string => reasons[reason ?? ''] ?? `the key cannot be used (${reason})`

const inSentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`

const sources: Readonly<Record<string, string>> = {
  tenant: 'it is that of a colleague',
  uploaded: 'you have uploaded it',
  shared: 'a colleague has uploaded and shared it',
  contacts: 'it stands in your address book',
  autocrypt: 'it came with a mail',
  wkd: 'the mail domain publishes it',
}

const from = (source: string): string => sources[source] ?? `it comes from ${source}`

function asGuest(guest: NonNullable<PlannedRecipient['guest']>): string {
  if (!guest.exists) return 'No key was found: this person becomes a guest, and gets a link to read the mail here.'
  const way = guest.hasPassword ? 'with a password chosen before' : 'and has yet to choose a password'
  return `No key was found: this person is a guest, reads mail here by a link, ${way}.`
}

/** How a mail would reach somebody, in plain words. */
export function explanationOf({ how, key, guest, reason }: PlannedRecipient): string {
  if (how === 'guest' && guest) return asGuest(guest)
  if (how === 'encrypted' && !key)
    return 'No key was found: a key will be made for this colleague when the mail is sent, and he is told by mail.'
  if (how === 'clear-only' || !key) return `${inSentence(because(reason))} It can go out in the clear only.`
  if (key.trusted || key.verified) return `Encrypted with a key that can be relied on: ${from(key.source)}.`
  return `Encrypted, but nobody has confirmed that the key is the right one: ${from(key.source)}.`
}
