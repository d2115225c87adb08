// Without letters that look like others. Five bits each.
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Twenty letters in groups of four: a hundred bits, which nobody guesses and everybody can copy from paper. */
export function madeUp(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20))
  const text = Array.from(bytes, (byte) => LETTERS[byte % 32]).join('')
  return text.match(/.{4}/g)!.join('-')
}
