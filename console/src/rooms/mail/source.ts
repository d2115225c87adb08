/** A mail to be opened, as somebody brought it. */
export interface Source {
  mail: Blob
  /** to give it back under; null for what was pasted */
  name: string | null
  /** the armor alone, where no header stood around it */
  armor: string | null
}

/** An encrypted file, which is no mail. */
export class NoMail extends Error {
  override name = 'NoMail'
}

const ARMOR = /^\s*(-----BEGIN PGP (?:SIGNED )?MESSAGE-----[\s\S]*)$/

// Armor is text; what is longer than this is no mail that somebody has as armor alone.
const HEAD = 64

const asText = (armor: string): Blob => new Blob(['Content-Type: text/plain; charset=utf-8\r\n\r\n', armor, '\r\n'])

/** The same armor as the second part of a PGP/MIME mail (RFC 3156, section 4). */
export const asMime = (armor: string): Blob =>
  new Blob([
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="armor"\r\n\r\n',
    '--armor\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n',
    '--armor\r\nContent-Type: application/octet-stream\r\n\r\n',
    armor,
    '\r\n--armor--\r\n',
  ])

export function pasted(text: string): Source {
  const [, armor] = ARMOR.exec(text) ?? []
  return armor
    ? { mail: asText(armor), name: null, armor }
    : { mail: new Blob([text.trimStart()]), name: null, armor: null }
}

/** Throws `NoMail` for a file that is encrypted itself. */
export async function dropped(file: File): Promise<Source> {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer())
  // Every OpenPGP packet begins with the highest bit (RFC 9580, section 4.2), and no field of a header does.
  if ((head[0] ?? 0) >= 0x80 && !(head[0] === 0xef && head[1] === 0xbb)) throw new NoMail()
  if (/\.(gpg|pgp)$/i.test(file.name)) throw new NoMail()
  const isArmor = new TextDecoder().decode(head).trimStart().startsWith('-----BEGIN PGP')
  const { name } = file
  return isArmor ? { ...pasted(await file.text()), name } : { mail: file, name, armor: null }
}

/** Is text that came out of armor a part of a mail, whose header was lost around it? */
export const isPart = (text: string): boolean => /^(Content-[A-Za-z-]+|MIME-Version):\s/i.test(text)
