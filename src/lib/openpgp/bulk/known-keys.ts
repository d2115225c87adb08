import { hash } from 'node:crypto'
import type { Key, PrivateKey, SignaturePacket } from 'openpgp'
import { readRing, readUnlocked } from '../read.ts'

/** Bytes of certificates that one worker remembers; parsed, they take several times as much. */
const mostBytes = 4 * 1024 * 1024
const mostBytesOfOne = 64 * 1024

const known = new Map<string, { key: Key; bytes: number }>()
let total = 0

/**
 * The certificate in these bytes. The same bytes come again with every mail: a certificate that was seen lately is
 * neither parsed again nor are its self-signatures verified again, which costs ten times what encrypting to it does.
 * Never one with a revocation: what OpenPGP.js once found revoked it calls revoked for any time before, too.
 */
export async function knownCertificate(bytes: Uint8Array): Promise<Key> {
  if (bytes.length > mostBytesOfOne) return (await readRing(bytes)).toPublic()
  const label = hash('sha256', bytes, 'base64')
  const found = known.get(label)
  if (found) {
    // To the end of the queue.
    known.delete(label)
    known.set(label, found)
    return found.key
  }
  const key = (await readRing(bytes)).toPublic()
  if (!hasRevocation(key)) remember(label, key, bytes.length)
  return key
}

function remember(label: string, key: Key, bytes: number): void {
  // Two jobs may have read it at the same time.
  if (known.has(label)) return
  known.set(label, { key, bytes })
  total += bytes
  for (const [oldest, one] of known) {
    if (total <= mostBytes) return
    known.delete(oldest)
    total -= one.bytes
  }
}

function hasRevocation(key: Key): boolean {
  return [key, ...key.users, ...key.subkeys].some(({ revocationSignatures }) => revocationSignatures.length > 0)
}

type Signatures = { directSignatures: SignaturePacket[] }

/**
 * The unlocked secret key in these bytes, which are not remembered. Its self-signatures are those of the certificate that
 * belongs to it, packet for packet, and stay verified with that. Refuses what `readUnlocked` refuses.
 */
export async function knownSecret(bytes: Uint8Array): Promise<PrivateKey> {
  const secret = await readUnlocked(bytes)
  const known = await knownCertificate(secret.toPublic().write())
  const [own, theirs] = [secret, known] as unknown as [Signatures, Signatures]
  own.directSignatures = theirs.directSignatures
  for (const [index, user] of secret.users.entries()) {
    user.selfCertifications = known.users[index]!.selfCertifications
  }
  for (const [index, subkey] of secret.subkeys.entries()) {
    subkey.bindingSignatures = known.subkeys[index]!.bindingSignatures
  }
  return secret
}
