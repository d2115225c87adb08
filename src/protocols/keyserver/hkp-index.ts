import type { Shown } from '#src/domain/publishing/publishing.ts'
import { type Html, html } from '#src/lib/html.ts'
import type { KeyInfo } from '#src/lib/openpgp/types.ts'

/** Numbers of RFC 9580, section 9.1, by the names of the engine. */
const numbers: Record<string, number> = {
  rsaEncryptSign: 1,
  rsaEncrypt: 2,
  rsaSign: 3,
  elgamal: 16,
  dsa: 17,
  ecdh: 18,
  ecdsa: 19,
  eddsaLegacy: 22,
  x25519: 25,
  x448: 26,
  ed25519: 27,
  ed448: 28,
}

/** Those of people, where they are other ones; RSA has its length besides. */
const names: Record<string, string> = {
  rsaEncryptSign: 'RSA',
  rsaEncrypt: 'RSA',
  rsaSign: 'RSA',
  elgamal: 'ElGamal',
  dsa: 'DSA',
  ecdh: 'ECDH',
  ecdsa: 'ECDSA',
  eddsaLegacy: 'Ed25519',
  x25519: 'X25519',
  x448: 'X448',
  ed25519: 'Ed25519',
  ed448: 'Ed448',
}

function named({ algorithm, bits, curve }: KeyInfo): string {
  if (algorithm === 'ecdh' && curve === 'curve25519Legacy') return 'X25519'
  return [names[algorithm] ?? algorithm, bits ?? []].flat().join(' ')
}

/** Of a whole key: what it signs with, and behind it what is encrypted to. */
const kindOf = (keys: readonly KeyInfo[]): string => [...new Set(keys.map(named))].join(', ')

const inSeconds = (time: number | null): string => (time === null ? '' : String(Math.floor(time / 1000)))

/** r: revoked, e: expired. What has expired since the key was last looked at in full counts too. */
function flagsOf({ revoked, expires }: KeyInfo, now: number): string {
  return `${revoked ? 'r' : ''}${expires !== null && expires <= now ? 'e' : ''}`
}

// Everything that is not plainly harmless; the colon parts fields, and % begins an escape.
const escaped = (text: string): string =>
  [...Buffer.from(text.slice(0, 1000))]
    .map((byte) =>
      byte > 0x1f && byte < 0x7f && byte !== 0x25 && byte !== 0x3a
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')

/** The machine readable index: draft-gallagher-openpgp-hkp, section 4.2. */
export function indexForPrograms(keys: readonly Shown[], now: number): string {
  const lines = keys.flatMap(({ info }) => {
    const primary = info.keys[0]!
    const { algorithm, bits, created, expires } = primary
    const flags = flagsOf(primary, now)
    const pub = [info.fingerprint, numbers[algorithm] ?? '', bits ?? '', inSeconds(created), inSeconds(expires), flags]
    return [`pub:${pub.join(':')}`, ...info.userIds.map(({ text }) => `uid:${escaped(text)}:::`)]
  })
  return [`info:1:${keys.length}`, ...lines, ''].join('\n')
}

function entry({ info }: Shown, now: number): Html {
  const primary = info.keys[0]!
  const flags = flagsOf(primary, now)
  const state = flags.startsWith('r') ? ', revoked' : flags === 'e' ? ', expired' : ''
  const since = new Date(primary.created).toISOString().slice(0, 10)
  const names = info.userIds.map(({ text }) => html`<li>${text}</li>`)
  return html`<h2><a href="lookup?op=get&amp;search=0x${info.fingerprint}">${info.fingerprint}</a></h2>
<p>${kindOf(info.keys)}, made ${since}${state}</p>
<ul>${names}</ul>`
}

/** The same for somebody with a browser. */
export const indexForPeople = (keys: readonly Shown[], now: number): string =>
  html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Keys</title>
<h1>Keys</h1>
${keys.map((key) => entry(key, now))}
</html>
`.text
