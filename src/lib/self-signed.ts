import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

export type SelfSigned = { key: string; cert: string }

const hour = 3_600_000
const day = 24 * hour
const dnsName = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i

/**
 * A key (ECDSA P-256) and a certificate for it that speaks for the given host names and addresses. `now` is in epoch
 * milliseconds. It can serve and nothing else: whoever trusts it does not trust whatever it might sign.
 */
export async function selfSignedCertificate(wish: { names: string[]; now: number; days: number }): Promise<SelfSigned> {
  const names = wish.names.map(readName)
  const [first] = names
  if (first === undefined) throw new Error('A certificate needs at least one name')

  // Needed once in the life of an installation, and slow to load.
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: first.slice(0, 64) }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // Devices on a home network are often some minutes behind.
    notBeforeDate: new Date(wish.now - hour),
    notAfterDate: new Date(wish.now + wish.days * day),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  })
  return { key: made.private, cert: made.cert }
}

function readName(name: string): string {
  // A name taken from a url brings the brackets of an IPv6 address along.
  const bare = name.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare)) return bare
  const ascii = domainToASCII(name)
  if (!dnsName.test(ascii)) throw new Error(`Not a host name or address: ${JSON.stringify(name)}`)
  return ascii
}
