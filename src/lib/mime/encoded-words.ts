// RFC 2047, section 2: 75 characters for each word, of which twelve are not its text.
const WORD_BYTES = 45
// RFC 5322, section 2.1.1: 998 characters in a line, the name of the field among them.
const LINE = 900

/** Text of any letters as a header field has it (RFC 2047), in as many lines as it needs. */
export function encodedText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && text.length < LINE) return text
  const words: string[] = []
  let word = ''
  for (const letter of text) {
    if (Buffer.byteLength(word) + Buffer.byteLength(letter) > WORD_BYTES) {
      words.push(word)
      word = ''
    }
    word += letter
  }
  return [...words, word].map((one) => `=?UTF-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ')
}
