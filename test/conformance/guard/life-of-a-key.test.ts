import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readMessage } from 'openpgp'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { selfSignedCertificate } from '#src/lib/self-signed.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { ask, type Server, signIn } from './ox-client.ts'
import { KEY_PASSWORD, newAccount, PASSWORD } from './person.ts'

const ANNA = 'anna@one.example'
const BOB = 'bob@two.example'
const HOUR = 3_600_000

interface Place extends Server {
  domain: string
  folder: string
  port: number
}

/** Where a server is going to be, with a certificate for its domain's names. */
async function place(domain: string): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-place-'))
  const names = [domain, `openpgpkey.${domain}`, '127.0.0.1']
  const { key, cert } = await selfSignedCertificate({ names, now: Date.now(), days: 2 })
  writeFileSync(join(folder, 'key.pem'), key)
  writeFileSync(join(folder, 'cert.pem'), cert)
  const port = await freePort()
  return { domain, folder, port, url: `https://127.0.0.1:${port}`, ca: cert }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

interface Ring {
  keys: { keyId: string; masterKey: boolean; revoked: boolean; validSeconds: number }[]
}

interface Found {
  publicRing: Ring
  keySource: { name: string; trusted: boolean }
  newKey: boolean
  revoked: boolean
  expired: boolean
}

/** Two servers of two domains, which know of each other only what the Web Key Directory tells. */
onEveryEngine('the life of a key, over the wire', (engine) => {
  let one: Place
  let two: Place
  let houses: House[] = []
  before(async () => {
    one = await place('one.example')
    two = await place('two.example')
    // One clock for both: a key of the other server must not be from the future.
    const at = Date.now()
    const open = (here: Place, there: Place) =>
      startHouse({
        engine,
        at,
        settings: {
          CHATELAINE_LISTEN: `127.0.0.1:${here.port}`,
          CHATELAINE_TLS: here.folder,
          CHATELAINE_KEY_LOOKUP_INTERNAL: `openpgpkey.${there.domain}=127.0.0.1:${there.port}`,
          CHATELAINE_KEY_LOOKUP_CA: join(there.folder, 'cert.pem'),
          CHATELAINE_KEY_LOOKUP_HOURS: '1',
        },
      })
    houses = [await open(one, two), await open(two, one)]
    await newAccount(houses[0]!, ANNA)
    await newAccount(houses[1]!, BOB)
  })
  after(async () => {
    for (const house of houses) await house.stop()
    for (const { folder } of [one, two]) rmSync(folder, { recursive: true, force: true })
  })

  const anna = () => signIn(one, ANNA, PASSWORD)
  const bob = () => signIn(two, BOB, PASSWORD)
  const found = async (): Promise<Found> => (await bob()).keys('GET', `action=getRecipKey&email=${ANNA}`)
  /** What is found when it was asked for again; a job may be about that just now, with an answer from before. */
  const foundLater = async (isSo: (key: Found) => boolean): Promise<Found> => {
    let key = await found()
    for (let tries = 0; tries < 20 && !isSo(key); tries++) {
      for (const { clock } of houses) clock.turn(2 * HOUR)
      key = await found()
      if (!isSo(key)) await sleep(100)
    }
    return key
  }
  const write = async (text: string) =>
    (await bob()).encrypt(`From: ${BOB}\r\nTo: ${ANNA}\r\nSubject: hi\r\n\r\n${text}\r\n`, KEY_PASSWORD)
  const read = async (mail: Buffer) => (await (await anna()).decrypt(mail, KEY_PASSWORD)).json
  const readAnswer = async (mail = answer) => (await (await bob()).decrypt(mail, KEY_PASSWORD)).json
  const seen = ({ signatures }: { signatures: Record<string, unknown>[] }) =>
    signatures.map(({ status, signer, matchesSender, source, trusted }) => [
      status,
      signer,
      matchesSender,
      source,
      trusted,
    ])
  const encryptedTo = async (mail: Buffer): Promise<string[]> => {
    const armored = /-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----/.exec(mail.toString())![0]
    return (await readMessage({ armoredMessage: armored })).getEncryptionKeyIDs().map((id) => id.toHex().toUpperCase())
  }
  const endOf = ({ keys }: Ring) => keys.find(({ masterKey }) => masterKey)!.validSeconds
  const subkeys = ({ keys }: Ring) => keys.filter(({ masterKey }) => !masterKey)

  let keyId = ''
  let first: Buffer
  let second: Buffer
  let answer: Buffer

  it('is made, and can be found at once', async () => {
    const { publicRing } = await (await anna()).keys('POST', 'action=create', { name: 'Anna', password: KEY_PASSWORD })
    await (await bob()).keys('POST', 'action=create', { name: 'Bob', password: KEY_PASSWORD })
    keyId = publicRing.keys[0].keyId
    const { fingerprint } = publicRing.keys[0]
    const now = houses[0]!.clock.now()
    for (const path of [
      `/.well-known/openpgpkey/one.example/hu/${wkdName(ANNA)}`,
      `/pks/lookup?op=get&search=${ANNA}`,
      `/pks/lookup?op=get&search=0x${fingerprint}`,
      `/vks/v1/by-email/${ANNA}`,
      `/vks/v1/by-fingerprint/${fingerprint}`,
      `/vks/v1/by-keyid/${keyId}`,
    ]) {
      const { status, bytes } = await ask(one, 'GET', path)
      assert.equal(status, 200, path)
      assert.equal((await openpgp.inspect({ bytes, now })).rings[0]!.info.fingerprint, fingerprint, path)
    }
  })

  it('is found by the other server through the Web Key Directory', async () => {
    const { publicRing, keySource, newKey, revoked, expired } = await found()
    assert.equal(publicRing.keys[0]!.keyId, keyId)
    assert.deepEqual([keySource.name, keySource.trusted], ['wkd', true])
    assert.deepEqual([newKey, revoked, expired], [false, false, false])
  })

  it('opens what was encrypted there', async () => {
    const sealed = await write('the first')
    assert.equal(sealed.status, 200, sealed.text)
    first = sealed.bytes
    assert.match((await read(first)).message, /the first/)
  })

  it('is what each knows the other by, when one opens what the other has signed', async () => {
    const sealed = await (await anna()).encrypt(
      `From: ${ANNA}\r\nTo: ${BOB}\r\nSubject: re\r\n\r\nthe answer\r\n`,
      KEY_PASSWORD,
    )
    assert.equal(sealed.status, 200, sealed.text)
    answer = sealed.bytes
    assert.deepEqual(seen(await readAnswer()), [['valid', ANNA, true, 'wkd', true]])
    assert.deepEqual(seen(await read(first)), [['valid', BOB, true, 'wkd', true]])
    const forged = Buffer.from(answer.toString().replace(`From: ${ANNA}`, 'From: eve@one.example'))
    // The header is signed as well (RFC 9788): whatever is written outside, the signer is who is shown.
    const shown = await readAnswer(forged)
    assert.deepEqual(seen(shown), [['valid', ANNA, true, 'wkd', true]])
    assert.match(shown.message, new RegExp(`^From: ${ANNA}`, 'm'))
    assert.doesNotMatch(shown.message, /eve@one\.example/)
  })

  it('is renewed, which the other server learns when it asks again', async () => {
    const before = endOf((await found()).publicRing)
    const form = { password: KEY_PASSWORD, validDays: '1000' }
    const { publicRing } = await (await anna()).keys('PUT', `action=renew&keyid=0x${keyId}`, form)
    assert.ok(endOf(publicRing) > before)
    assert.equal(endOf((await found()).publicRing), before)
    const isNew = (key: Found) => endOf(key.publicRing) !== before
    assert.equal(endOf((await foundLater(isNew)).publicRing), endOf(publicRing))
  })

  it('gets a new subkey, which the other server encrypts to; old mails and new ones open', async () => {
    const old = subkeys((await found()).publicRing).map((key) => key.keyId)
    const form = { password: KEY_PASSWORD }
    await (await anna()).keys('PUT', `action=rotate&retire=true&keyid=0x${keyId}`, form)
    const hasMore = (key: Found) => subkeys(key.publicRing).length > old.length
    const now = subkeys((await foundLater(hasMore)).publicRing)
    const fresh = now.find((key) => !old.includes(key.keyId))!
    assert.ok(now.filter((key) => old.includes(key.keyId)).every(({ revoked }) => revoked))
    assert.equal(fresh.revoked, false)
    second = (await write('the second')).bytes
    assert.ok((await encryptedTo(first)).includes(old[0]!))
    const recipients = await encryptedTo(second)
    assert.ok(recipients.includes(fresh.keyId) && !recipients.includes(old[0]!), String(recipients))
    assert.match((await read(first)).message, /the first/)
    assert.match((await read(second)).message, /the second/)
  })

  it('is revoked, and the other server sees it revoked and encrypts to it no more', async () => {
    const form = { password: KEY_PASSWORD, reason: 'key_compromised' }
    await (await anna()).keys('POST', `action=revoke&keyid=0x${keyId}`, form)
    const { publicRing, revoked } = await foundLater((key) => key.revoked)
    assert.equal(revoked, true)
    assert.equal(publicRing.keys[0]!.keyId, keyId)
    const refused = await write('the third')
    assert.ok(refused.status >= 400 && refused.status < 500, refused.text)
    assert.match((await read(second)).message, /the second/)
    const [signature] = seen(await readAnswer())
    assert.deepEqual(signature, ['key-revoked', ANNA, false, 'wkd', true])
  })

  it('is seen revoked when it was deleted', async () => {
    await (await anna()).keys('POST', `action=delete&keyid=0x${keyId}`, { password: KEY_PASSWORD })
    for (const { clock } of houses) clock.turn(2 * HOUR)
    const { bytes } = await ask(one, 'GET', `/.well-known/openpgpkey/one.example/hu/${wkdName(ANNA)}`)
    const { rings } = await openpgp.inspect({ bytes, now: houses[0]!.clock.now() })
    assert.deepEqual(
      rings.map(({ info }) => [info.keyId, info.keys[0]!.revoked]),
      [[keyId, true]],
    )
    assert.equal((await found()).revoked, true)
  })
})
