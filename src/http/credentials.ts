import { decodeText } from './body.ts'

/** What an Authorization header holds: a name and a password (RFC 7617, UTF-8), or a token (RFC 6750). */
export type Credentials = { name: string; password: string } | { token: string }

const BASIC = /^basic +([\w+/-]+=*) *$/i
const BEARER = /^bearer +(\S+) *$/i

/** Null for a header that holds neither. Refuses with 'input.unreadable' what is no UTF-8. */
export function credentialsOf(headers: Headers): Credentials | null {
  const authorization = headers.get('authorization') ?? ''
  const [, token] = BEARER.exec(authorization) ?? []
  if (token !== undefined) return { token }
  const [, encoded] = BASIC.exec(authorization) ?? []
  if (encoded === undefined) return null
  const pair = decodeText(Buffer.from(encoded, 'base64'))
  const colon = pair.indexOf(':')
  return colon < 0 ? null : { name: pair.slice(0, colon), password: pair.slice(colon + 1) }
}
