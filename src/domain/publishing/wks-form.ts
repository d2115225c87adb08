import { decodedBody, type Entity, entityOf, isMultipart, partsOf } from '#src/lib/mime/multipart.ts'

/** The media types of the Web Key Service: draft-koch-openpgp-webkey-service, section 4. */
const KEYS = 'application/pgp-keys'
const WORDS = 'application/vnd.gnupg.wks'

// A mail of the service has few parts; one with many is none of it.
const PARTS = 50
const DEPTH = 5

/** What a mail brings: a key to publish, or words of the protocol by their names. */
export type Brought = { kind: 'keys'; file: Uint8Array } | { kind: 'words'; words: Map<string, string> }

function* leaves(entity: Entity, left: { parts: number }, depth = 0): Generator<Entity> {
  if (!isMultipart(entity)) return yield entity
  if (depth >= DEPTH) return
  const parts = partsOf(entity, left.parts)
  left.parts -= parts.length
  for (const part of parts) yield* leaves(entityOf(part), left, depth + 1)
}

// Longer lines nobody writes, and more of them neither.
const LINE = 1100
const LINES = 50

/**
 * Lines `name: value`; the first of a name counts, and the second makes it nobody's word. Without a regular expression:
 * strangers write here, and one that trims blanks at the end takes the square of how many there are.
 */
function wordsOf(text: string): Map<string, string> {
  const words = new Map<string, string>()
  for (const line of text.split('\n', LINES)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    if (line.length > LINE || !/^[a-z]{1,40}$/.test(name)) continue
    words.set(name, words.has(name) ? '' : line.slice(colon + 1).trim())
  }
  return words
}

/** The first part of a readable mail that belongs to the service; null when there is none. */
export function brought(mail: Uint8Array): Brought | null {
  for (const leaf of leaves(entityOf(mail), { parts: PARTS })) {
    const { type } = leaf.contentType
    if (type === KEYS) return { kind: 'keys', file: decodedBody(leaf) }
    if (type === WORDS)
      return {
        kind: 'words',
        words: wordsOf(Buffer.from(decodedBody(leaf).subarray(0, LINES * LINE)).toString('latin1')),
      }
  }
  return null
}

/** What asks the owner of an address whether a key shall be published; its reader needs the key to read it. */
export const confirmationRequest = (facts: {
  sender: string
  address: string
  fingerprint: string
  nonce: string
}): string =>
  [
    'type: confirmation-request',
    `sender: ${facts.sender}`,
    `address: ${facts.address}`,
    `fingerprint: ${facts.fingerprint}`,
    `nonce: ${facts.nonce}`,
    '',
  ].join('\n')
