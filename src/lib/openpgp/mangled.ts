import { view } from './armor.ts'

/** A file that Windows wrote as UTF-16 (`gpg --export --armor > key.asc` in PowerShell), as the bytes that were meant. */
export function narrowed(bytes: Uint8Array): Uint8Array {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return bytesOf(view(bytes.subarray(2)).toString('utf16le'))
  if (first !== 0xfe || second !== 0xff) return bytes
  const swapped = Buffer.from(bytes.subarray(2, 2 + 2 * Math.floor((bytes.length - 2) / 2))).swap16()
  return bytesOf(swapped.toString('utf16le'))
}

/**
 * Undoes what copying out of a mail does to armor: marks of HTML, quoted-printable, quotation marks and spaces before
 * the lines. Only for text that could not be read as it is.
 */
export function mended(bytes: Uint8Array): Uint8Array {
  const text = view(bytes).toString('latin1')
  return bytesOf(withoutHeaders(unquoted(printable(withoutHtml(text)))))
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

const entities: Record<string, string> = { nbsp: ' ', gt: '>', lt: '<', amp: '&', quot: '"' }

function withoutHtml(text: string): string {
  if (!/<(br|p|div|pre|span)\b|&(#\d|#x[\da-f]|nbsp;|gt;)/i.test(text)) return text
  // A user id in a comment may stand in angle brackets too, so only what HTML knows is taken for a mark of it.
  const bare = text.replace(/<\/?(?:br|p|div|pre|span|tt|code|font|blockquote|body|html)\b[^<>]{0,500}>/gi, '\n')
  return bare.replace(/&(?:#(\d{1,3})|#x([\da-f]{1,2})|([a-z]{2,4}));/gi, (whole, decimal, hex, name) => {
    if (name) return entities[name.toLowerCase()] ?? whole
    return String.fromCharCode(decimal ? Number(decimal) : Number.parseInt(hex, 16))
  })
}

/** Armor has no `=` but in the last two lines, and quoted-printable writes each as `=3D`. */
function printable(text: string): string {
  if (!/=3D[A-Za-z0-9+/]{4}[ \t\r]*$|=3D[ \t\r]*$|[A-Za-z0-9+/]=\r?\n[A-Za-z0-9+/]/m.test(text)) return text
  const joined = text.replace(/=[ \t]*\r?\n/g, '')
  return joined.replace(/=([\dA-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

const unquoted = (text: string): string => text.replace(/^[>| \t\u00a0\u00c2]+/gm, '')

/** Once there are blank lines between them, headers would be taken for data. */
function withoutHeaders(text: string): string {
  const begun = text.replace(/(-----BEGIN PGP [A-Z ]{1,30}-----)[ \t\r]*$/gm, '$1\n')
  return begun.replace(/^(?:Version|Comment|Charset|Hash|MessageID): .*$/gim, '')
}
