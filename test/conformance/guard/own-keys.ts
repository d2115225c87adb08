import assert from 'node:assert/strict'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import type { CertificateInfo, GeneratedKey, GenerateInput, Ring } from '#src/lib/openpgp/types.ts'
import type { CallOptions, House, Reply } from '#src/testing.ts'
import { KEY_PASSWORD, type Person } from './person.ts'

export const DAY = 86_400_000

/** A key as the wire has it. */
export interface WireKey {
  keyId: string
  fingerprint: string
  creationTime: number
  validSeconds: number
  expired: boolean
  revoked: boolean
  usedForEncryption: boolean
  encryptable: boolean
  reason?: string
  userIds: string[]
  images: { id: number; image: string }[]
  masterKey: boolean
  hasPrivateKey: boolean
}

export interface WireRing {
  current: boolean
  published: boolean
  recoveryAvail: boolean
  publicRing: { ring: string; keys: WireKey[]; encryptable: boolean; reason?: string }
  privateRing?: { ring?: string; keys: WireKey[] }
}

export const act = (person: Person, method: string, action: string, options: CallOptions = {}): Promise<Reply> =>
  person.call(method, `/oxguard/keys?action=${action}`, options)

/** The same, and it is done; answers `data`. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into wire answers freely
export async function done(reply: Promise<Reply>): Promise<any> {
  const { status, json, text } = await reply
  assert.deepEqual([status, json.error], [200, undefined], text)
  return json.data
}

export const ringsOf = async (person: Person): Promise<WireRing[]> =>
  (await done(act(person, 'GET', 'getKeys'))).keyRings

export const currentOf = async (person: Person): Promise<WireRing> => {
  const rings = await ringsOf(person)
  const current = rings.filter((ring) => ring.current)
  assert.equal(current.length, 1)
  return current[0]!
}

export const masterOf = ({ publicRing }: WireRing): WireKey => publicRing.keys[0]!

export const decimal = (hex: string): string => BigInt.asIntN(64, BigInt(`0x${hex}`)).toString()

/** Armor as the engine reads it, at the time of the house. */
export async function readArmor(house: House, text: string): Promise<Ring> {
  const { rings } = await openpgp.inspect({ bytes: Buffer.from(text), now: house.clock.now() })
  assert.equal(rings.length, 1)
  return rings[0]!
}

export const infoOf = async (house: House, { publicRing }: WireRing): Promise<CertificateInfo> =>
  (await readArmor(house, publicRing.ring)).info

/** The secret part of a ring as it leaves the house, and unlocked. */
export async function secretOf(
  house: House,
  person: Person,
  { keyid = '', password = KEY_PASSWORD }: { keyid?: string; password?: string } = {},
): Promise<{ armor: string; ring: Ring; secret: Uint8Array }> {
  const query = `getKey&keyType=private${keyid && `&keyid=${keyid}`}`
  const { privateRing } = await done(act(person, 'POST', query, { form: { password } }))
  const ring = await readArmor(house, privateRing.ring)
  return { armor: privateRing.ring, ring, secret: await openpgp.unlock({ secret: ring.secret!, password }) }
}

export const newKeyFor = (house: House, email: string, more: Partial<GenerateInput> = {}): Promise<GeneratedKey> =>
  openpgp.generate({
    userIds: [{ name: 'Brought', email }],
    algorithm: 'curve25519',
    validSeconds: 0,
    now: house.clock.now(),
    ...more,
  })

/** Uploads a file of keys; secrets get KEY_PASSWORD. */
export function upload(person: Person, file: string | Uint8Array, fields: Record<string, string> = {}): Promise<Reply> {
  const body = new FormData()
  body.set('key', new Blob([Buffer.from(file as string)]), 'key.asc')
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  return act(person, 'POST', 'upload', { body })
}

/** A key of the person's that was made elsewhere, locked with `old password`, and is here under KEY_PASSWORD. */
export async function bring(house: House, person: Person, more: Partial<GenerateInput> = {}): Promise<GeneratedKey> {
  const made = await newKeyFor(house, person.email, more)
  const armor = await openpgp.exportLocked({ secret: made.secret, password: 'old password' })
  await done(upload(person, armor, { keyPassword: 'old password', newPassword: KEY_PASSWORD }))
  return made
}
