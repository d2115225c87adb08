import type { Key } from 'openpgp'
import { armor, binaryOf, dearmor } from './armor.ts'
import { packetOf } from './bulk/bodies.ts'
import { knownCertificate, knownSecret } from './bulk/known-keys.ts'
import { signatureOver } from './bulk/signing.ts'
import { intendedReaders, resultsOn, type VerificationResult } from './bulk/verifying.ts'
import { readCleartext } from './cleartext.ts'
import { boundedMessage } from './envelope.ts'
import { judge } from './judge.ts'
import { tag } from './packets.ts'
import { messageOf, OpenPgpRefusal } from './refusals.ts'
import type { Operations, SignatureStatus, SignatureVerdict } from './types.ts'

/**
 * An armored detached signature over the bytes exactly as given (type 0x00), and the name of its hash for `micalg`.
 * Refuses the reason why the key cannot sign at `now`.
 */
export const signDetached: Operations['signDetached'] = async ({ data, signWith, now }) => {
  const key = await knownSecret(signWith)
  const verdict = await judge(key, 'sign', now)
  if (verdict !== true) throw new OpenPgpRefusal(verdict)
  const { body, hash } = await signatureOver([data], key, now)
  return { signature: armor('SIGNATURE', packetOf(tag.signature, body)), hash }
}

/** Verdicts on every signature of a detached signature block, armored or binary. Refuses `message.unreadable`. */
export const verifyDetached: Operations['verifyDetached'] = async ({
  data,
  signature,
  verifyWith,
  ...circumstances
}) => {
  const block = binaryOf(signature, ['SIGNATURE', 'MESSAGE'], 'message.unreadable')
  return judgeSignatures(data, block, await Promise.all(verifyWith.map(knownCertificate)), circumstances)
}

/**
 * Text under the cleartext signature framework (RFC 9580, section 7) and the verdicts on its signatures. The text is
 * what was signed: without dash escapes and trailing blanks, its lines ended by LF; `signed` are its bytes, for text in
 * another charset than UTF-8. Refuses `message.unreadable`.
 */
export const verifyCleartext: Operations['verifyCleartext'] = async ({ message, verifyWith, ...circumstances }) => {
  const { signed, rest } = readCleartext(message)
  const [block] = dearmor(rest, 1)
  // What stands between the text and its signature would be left out without a word.
  if (block?.kind !== 'SIGNATURE' || block.start !== 0)
    throw new OpenPgpRefusal('message.unreadable', 'no signature under the text')
  const keys = await Promise.all(verifyWith.map(knownCertificate))
  const text = new TextDecoder().decode(signed).replaceAll('\r\n', '\n')
  return { text, signed, signatures: await judgeSignatures(signed, block.data, keys, circumstances) }
}

type Circumstances = { now: number; readers?: readonly string[] }

async function judgeSignatures(data: Uint8Array, block: Uint8Array, keys: Key[], { now, readers }: Circumstances) {
  boundedMessage(block)
  return verdictsOf(await resultsOn(data, block, keys, now), keys, readers)
}

/**
 * The library's results as verdicts; never throws for a bad signature. `readers`: fingerprints of the keys that it was
 * encrypted to, of those that are at hand; none when it was not encrypted; not judged when they are left out.
 */
export async function verdictsOf(
  results: VerificationResult[],
  keys: Key[],
  readers?: readonly string[],
): Promise<SignatureVerdict[]> {
  const verdicts: SignatureVerdict[] = []
  for (const result of results) {
    const verdict = await verdictOf(result, keys)
    const isForOthers = verdict.status === 'valid' && readers && !(await isMeantFor(result, readers))
    verdicts.push(isForOthers ? { ...verdict, ...forOthers } : verdict)
  }
  return verdicts
}

const forOthers = { status: 'invalid', reason: 'meant for other readers', isForOthers: true } as const

/** Whoever was sent a signed message could else encrypt it to somebody new, as if it had been for him. */
async function isMeantFor(result: VerificationResult, readers: readonly string[]): Promise<boolean> {
  const meant = intendedReaders((await result.signature).packets[0])
  return meant.length === 0 || meant.some((fingerprint) => readers.includes(fingerprint))
}

async function verdictOf(result: VerificationResult, keys: Key[]): Promise<SignatureVerdict> {
  const key = keys.find((candidate) => candidate.getKeys(result.keyID).length > 0)
  const created = (await result.signature.catch(() => null))?.packets[0]?.created?.getTime() ?? null
  const about = {
    keyId: result.keyID.toHex().toUpperCase(),
    fingerprint: key?.getFingerprint().toUpperCase() ?? null,
    created,
  }
  if (!key) return { ...about, status: 'unknown-key' }
  try {
    await result.verified
    return { ...about, status: 'valid' }
  } catch (error) {
    return { ...about, ...(await whyNot(messageOf(error), key, created)) }
  }
}

// What the library says of the signature itself; everything else it says is about the key at the time of signing.
const aboutSignature =
  /digest did not match|verification failed|creation time is in the future|Signature is expired|Insecure message hash|not issued by|does not match issuer|Key is newer|notation|corresponding signature/i

async function whyNot(message: string, key: Key, created: number | null) {
  if (created === null || aboutSignature.test(message)) return { status: 'invalid' as const, reason: message }
  const verdict = await judge(key, 'sign', created)
  const status: SignatureStatus =
    verdict === 'key.revoked' ? 'key-revoked' : verdict === 'key.expired' ? 'key-expired' : 'invalid'
  return { status, reason: verdict === true ? message : verdict }
}
