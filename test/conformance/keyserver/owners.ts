import assert from 'node:assert/strict'
import { readKey, readPrivateKey } from 'openpgp'
import { changeAccount, deleteAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import type { CertificateInfo, GeneratedKey } from '#src/lib/openpgp/types.ts'
import type { House } from '#src/testing.ts'
import { KEY_PASSWORD, newPerson, origin, type Person } from '../guard/person.ts'

/** A key of the test's own, with these user ids; made at the house's time. */
export const madeKey = (house: House, ...emails: string[]): Promise<GeneratedKey> =>
  openpgp.generate({
    userIds: emails.map((email) => ({ name: 'Some Body', email })),
    algorithm: 'curve25519',
    validSeconds: 0,
    now: house.clock.now(),
  })

/** Takes a key file in; the answer must be no error. */
export async function bring(person: Person, file: Uint8Array | string): Promise<void> {
  const body = new FormData()
  body.set('key', new Blob([Buffer.from(file as string)]), 'key.asc')
  body.set('keyPassword', 'its own password')
  body.set('newPassword', KEY_PASSWORD)
  const reply = await person.call('POST', '/oxguard/keys?action=upload', { body })
  assert.equal(reply.json.error, undefined, reply.text)
}

/** Somebody with a secret key that the test made. */
export async function ownerOf(
  house: House,
  email: string,
  key?: GeneratedKey,
): Promise<{ person: Person; key: GeneratedKey }> {
  const person = await newPerson(house, email)
  const own = key ?? (await madeKey(house, email))
  await bring(person, await openpgp.exportLocked({ secret: own.secret, password: 'its own password' }))
  return { person, key: own }
}

async function desk(house: House, email: string) {
  const caller = await findByAddress(house.ctx, house.rootEmail)
  const account = await findByAddress(house.ctx, email)
  return { caller: caller!, account: account! }
}

export async function suspend(house: House, email: string, suspended: boolean): Promise<void> {
  const { caller, account } = await desk(house, email)
  const wish = { caller, id: account.id, changes: { suspended }, population: account.population, origin }
  await changeAccount(house.ctx, wish as Parameters<typeof changeAccount>[1])
}

export async function removeAccount(house: House, email: string): Promise<void> {
  const { caller, account } = await desk(house, email)
  const wish = { caller, id: account.id, population: account.population, origin }
  await deleteAccount(house.ctx, wish as Parameters<typeof deleteAccount>[1])
}

/** What a key file says, judged at the house's time. */
export async function readKeys(house: House, bytes: Uint8Array): Promise<CertificateInfo[]> {
  const { rings } = await openpgp.inspect({ bytes, now: house.clock.now() })
  return rings.map(({ info }) => info)
}

export const textsOf = ({ userIds }: CertificateInfo): string[] => userIds.map(({ text }) => text)

/** A certificate on which somebody else vouches for every user id. */
export async function vouchedFor(house: House, key: GeneratedKey): Promise<Uint8Array> {
  const other = await madeKey(house, 'voucher@example.com')
  const by = await readPrivateKey({ binaryKey: other.secret })
  const signed = await (await readKey({ binaryKey: key.certificate })).signAllUsers([by], new Date(house.clock.now()))
  return signed.write()
}

/** How many signatures a key file has that are not its own. */
export async function foreignSignatures(bytes: Uint8Array): Promise<number> {
  const key = await readKey({ binaryKey: bytes })
  return key.users.reduce((sum, { otherCertifications }) => sum + otherCertifications.length, 0)
}
