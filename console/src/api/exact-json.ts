// Strings as they are, so that digits in them stay theirs, and numbers that may not fit into a double.
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<=[:,[\s])-?\d{16,}(?=[,}\]\s])/g

/**
 * Reads JSON whose ids are 64-bit numbers: what is called an id becomes its digits, and so does every whole number of
 * sixteen digits or more. Not with the reviver's source text, which older browsers do not give.
 */
export const parseExact = (text: string): unknown =>
  JSON.parse(
    text.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"${token}"`)),
    (name, value: unknown) => (typeof value === 'number' && /id$/i.test(name) ? String(value) : value),
  )
