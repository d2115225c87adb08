import { type HeaderField, view } from './message.ts'

/** The same field with a parameter in front of its others; whatever it had of that name is gone. */
export function withParameter(field: HeaderField, name: string, value: string): HeaderField {
  const text = lineOf(withoutParameters(field, [name]))
  const semicolon = text.indexOf(';')
  const end = semicolon === -1 ? text.length - 2 : semicolon
  return { ...field, raw: Buffer.from(`${text.slice(0, end)}; ${name}="${value}"${text.slice(end)}`, 'latin1') }
}

/** The same field without the parameters of these names. */
export function withoutParameters(field: HeaderField, names: readonly string[]): HeaderField {
  if (field.raw.length > LONGEST) return field
  // A parameter of such a name is one everywhere but in a quoted string, where nobody has it.
  const those = new RegExp(`;\\s*(${names.join('|')})\\*?\\d*\\*?\\s*=\\s*("[^"]*"|[^\\s;]*)`, 'gi')
  return { ...field, raw: Buffer.from(lineOf(field).replace(those, ''), 'latin1') }
}

/** A value in any letters as an extended parameter has it, `name*=…`: RFC 8187, section 3.2. */
export const extendedValue = (text: string): string =>
  `UTF-8''${encodeURIComponent(text).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}`

// Nobody reads a longer one: `parseContentType` does not either.
const LONGEST = 16_384

const lineOf = ({ raw }: HeaderField): string => `${view(raw).toString('latin1').trimEnd()}\r\n`
