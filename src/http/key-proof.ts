import type { Proof } from '#src/domain/mail/mail.ts'
import { Refusal } from '#src/domain/refusals.ts'

const PASSWORD = 'X-Key-Password'
const TOKEN = 'X-Key-Token'

/** What unlocks the key. Header values are no UTF-8, so a password is percent-encoded. */
export function proofOf(headers: Headers): Proof {
  const [password, token] = [headers.get(PASSWORD), headers.get(TOKEN)]
  if (password !== null && token !== null) throw new Refusal('input.invalid', { params: [PASSWORD, TOKEN] })
  if (password !== null) return { password: decoded(password) }
  return token !== null ? { token } : 'stored'
}

// Bytes beyond ASCII reach us as letters that nobody has typed: a password in them could only be wrong.
const BEYOND_ASCII = /[^\0-\x7f]/

function decoded(value: string): string {
  try {
    if (!BEYOND_ASCII.test(value)) return decodeURIComponent(value)
  } catch {
    // Told below.
  }
  throw new Refusal('input.invalid', { params: [`${PASSWORD}, which must be percent-encoded UTF-8`] })
}
