import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, it } from 'node:test'
import { readPrivateKey } from 'openpgp'
import { atomically } from '#src/context.ts'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { takeHeader, uploadExternal } from '#src/domain/correspondents/correspondents.ts'
import { currentCertificate } from '#src/domain/keys/keys.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { writeHeader } from '#src/lib/autocrypt/header.ts'
import { signedMessage } from '#src/lib/mime/pgp-mime.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import type { GeneratedKey } from '#src/lib/openpgp/types.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { armored, friendsKey, openWorld, revoked, type World } from '../guard/friends.ts'
import { bodyOf, mailOf, messageIn, origin, type Person, person } from './people.ts'

const VKS = 'https://vks.example.net'
const SOURCES = `tenant=5,uploaded=4,${VKS}=1,autocrypt=2,wkd=3`

onEveryEngine('a mail that a stranger has signed', (engine) => {
  let house: House
  let world: World
  let ada: Person
  let count = 0
  before(async () => {
    world = await openWorld()
    house = await startHouse({ engine, settings: { ...world.settings, CHATELAINE_KEY_SOURCES: SOURCES } })
    ada = await person(house, 'ada')
  })
  after(async () => {
    await house.stop()
    await world.close()
  })
  afterEach(() => {
    world.instead = undefined
  })

  const now = () => house.clock.now()
  const account = async () => (await findByAddress(house.ctx, ada.email))!
  const stranger = () => `stranger${++count}@friend.example`
  const friend = (email: string) => friendsKey(email, { now: now() })
  /** Merely signed. */
  const signed = (from: string, { secret }: GeneratedKey, more: Record<string, string> = {}) => {
    const mail = mailOf({ From: from, To: ada.email, 'Content-Type': 'text/plain', ...more }, 'Hello\r\n')
    return signedMessage(mail, (data) => openpgp.signDetached({ data, signWith: secret, now: now() }), randomBytes)
  }
  const sealed = async (from: string, { secret }: GeneratedKey) => {
    const message = mailOf({ From: from, To: ada.email }, 'Hello\r\n')
    const recipients = [(await currentCertificate(house.ctx, ada.email))!.certificate]
    return openpgp.sealMail({
      ...{ message, recipients, hidden: [], signWith: secret },
      ...{ now: now(), chance: randomBytes(18) },
    })
  }
  /** What is said of its one signature, and who was asked for it. */
  const judged = async (mail: Uint8Array, reader = ada) => {
    const from = world.asked().length
    const opened = await reader.decrypt(mail)
    assert.equal(bodyOf(messageIn(opened)).toString(), 'Hello\r\n')
    const [{ status, signer, matchesSender, source, trusted, explanation }, ...more] = opened.json.signatures
    assert.deepEqual(more, [])
    return { facts: [status, signer, matchesSender, source, trusted], explanation, asked: world.asked().slice(from) }
  }
  const unknown = ['unknown-key', null, false, null, false]

  it('is known by the key that his own domain has for him, which is asked for once', async () => {
    const email = stranger()
    const key = await friend(email)
    world.wkd(email, key.certificate)
    const mails = [await sealed(email, key), await signed(email, key), await sealed(email, key)]
    const asked: number[] = []
    for (const mail of mails) {
      const seen = await judged(mail)
      assert.deepEqual(seen.facts, ['valid', email, true, 'wkd', true])
      asked.push(seen.asked.filter((path) => path.includes(wkdName(email))).length)
    }
    assert.deepEqual(asked, [1, 0, 0])
    // Once the answer is old it is asked for again: the key may have been revoked.
    house.clock.turn(1000)
    world.wkd(email, await revoked(key, now()))
    const { query } = house.ctx.database
    await query.updateTable('found_key').set({ expires: now() }).where('address', '=', email).execute()
    const { facts, explanation } = await judged(mails[0]!)
    assert.deepEqual(facts, ['key-revoked', email, false, 'wkd', true])
    assert.match(explanation, /revoked/)
  })

  it('is not known by a key that anybody may have left somewhere for him', async () => {
    const email = stranger()
    const [his, forged] = [await friend(email), await friend(email)]
    world.vks(email, armored(forged.certificate))
    const before = await judged(await signed(email, forged))
    assert.deepEqual(before.facts, ['valid', null, false, VKS, false])
    assert.match(before.explanation, /nobody has confirmed/)
    assert.ok(before.explanation.includes(VKS) && !/Signed by/.test(before.explanation))
    world.wkd(email, his.certificate)
    const { query } = house.ctx.database
    await query.deleteFrom('found_key').where('address', '=', email).execute()
    assert.deepEqual((await judged(await sealed(email, his))).facts, ['valid', email, true, 'wkd', true])
    assert.deepEqual((await judged(await sealed(email, forged))).facts, ['valid', null, false, VKS, false])
    // A key that both have is that of the one that is trusted, whichever is asked first.
    world.vks(email, armored(his.certificate))
    await query.deleteFrom('found_key').where('address', '=', email).execute()
    for (let reading = 0; reading < 2; reading++)
      assert.deepEqual((await judged(await signed(email, his))).facts, ['valid', email, true, 'wkd', true])
  })

  it('is not known by the key of anybody else, and nobody else is asked for', async () => {
    const [eve, bob] = [stranger(), stranger()]
    const key = await friend(eve)
    world.wkd(eve, key.certificate)
    const forged = await judged(await signed(bob, key, { 'Reply-To': eve, Sender: eve }))
    assert.deepEqual(forged.facts, unknown)
    assert.ok(forged.asked.some((path) => path.includes(wkdName(bob))))
    assert.ok(!forged.asked.some((path) => path.includes(wkdName(eve))))
    // Nor when her key is known.
    assert.deepEqual((await judged(await signed(eve, key))).facts, ['valid', eve, true, 'wkd', true])
    assert.deepEqual((await judged(await signed(bob, key, { Sender: eve }))).facts, unknown)
    const both = await judged(await signed(`${bob}, ${eve}`, key))
    assert.deepEqual(both.facts, ['valid', eve, false, 'wkd', true])
    const strangers = [stranger(), stranger()]
    assert.deepEqual((await judged(await signed(strangers.join(), await friend(strangers[0]!)))).asked, [])
  })

  it('is not asked for when he has an account here: his keys are known', async () => {
    const ben = await person(house, 'ben')
    const key = await friend(ben.email)
    world.vks(ben.email, armored(key.certificate))
    const { facts, asked } = await judged(await signed(ben.email, key))
    assert.deepEqual([facts, asked], [unknown, []])
    const own = await ben.encrypt(mailOf({ From: ben.email, To: ada.email }, 'Hello\r\n'))
    assert.deepEqual((await judged(own.bytes)).facts, ['valid', ben.email, true, 'tenant', true])
  })

  it('is not asked for when what he signed with is known', async () => {
    const [uploaded, verified] = [stranger(), stranger()]
    const keys = [await friend(uploaded), await friend(verified)] as const
    await uploadExternal(house.ctx, { account: await account(), file: keys[0].certificate, origin })
    const first = await judged(await signed(uploaded, keys[0]))
    assert.deepEqual([first.facts, first.asked], [['valid', uploaded, true, 'uploaded', true], []])
    const keydata = keys[1].certificate
    const value = writeHeader({ address: verified, keydata, prefersEncryption: false })!
    const header = { account: await account(), value, sent: String(now()), keep: true, confirmed: true, origin }
    await takeHeader(house.ctx, header)
    const second = await judged(await signed(verified, keys[1]))
    assert.deepEqual([second.facts, second.asked], [['valid', verified, true, 'autocrypt', true], []])
  })

  it('is not known by what his mails say of themselves', async () => {
    const email = stranger()
    const key = await friend(email)
    const value = writeHeader({ address: email, keydata: key.certificate, prefersEncryption: false })!
    const Autocrypt = value.replace(/^Autocrypt: /, '').trimEnd()
    const mail = await signed(email, key, { Autocrypt, Date: new Date(now()).toUTCString() })
    for (let reading = 0; reading < 2; reading++) assert.deepEqual((await judged(mail)).facts, unknown)
  })

  it('has a new subkey that only the world knows yet: the key is known all the same', async () => {
    const email = stranger()
    const key = await friend(email)
    await uploadExternal(house.ctx, { account: await account(), file: key.certificate, origin })
    const own = await readPrivateKey({ binaryKey: key.secret })
    const grown = await own.addSubkey({ type: 'ecc', curve: 'ed25519Legacy', sign: true, date: new Date(now()) })
    const secret = grown.write()
    world.wkd(email, grown.toPublic().write())
    for (const askers of [1, 0]) {
      const { facts, asked } = await judged(await signed(email, { ...key, secret }))
      assert.deepEqual(facts, ['valid', email, true, 'uploaded', true])
      assert.equal(asked.filter((path) => path.includes(wkdName(email))).length, askers)
    }
  })

  it('is told when his key was seen revoked elsewhere, whatever this copy says', async () => {
    const email = stranger()
    const key = await friend(email)
    world.wkd(email, key.certificate)
    assert.equal((await judged(await signed(email, key))).facts[0], 'valid')
    const { fingerprint } = key.info
    await house.ctx.database.query
      .insertInto('found_key')
      .values({
        ...{ source: 'revoked', address: fingerprint, fingerprint, certificate: null },
        ...{ fetched: now(), used: now(), expires: 8_640_000_000_000_000, claimed: 0 },
      })
      .execute()
    const { facts } = await judged(await signed(email, key))
    assert.deepEqual(facts, ['key-revoked', email, false, 'wkd', true])
  })

  it('can be read in any case, and soon: when the world is silent, wrong, or has been asked too often', async () => {
    const [silent, broken, greedy] = [stranger(), stranger(), stranger()]
    const begun = performance.now()
    world.instead = () => {}
    assert.deepEqual((await judged(await sealed(silent, await friend(silent)))).facts, unknown)
    assert.ok(performance.now() - begun < 4000, `${performance.now() - begun} ms`)
    const mess = randomBytes(100_000)
    world.instead = (_request, response) => void response.writeHead(200).end(mess)
    assert.deepEqual((await judged(await signed(broken, await friend(broken)))).facts, unknown)
    world.instead = undefined
    const reader = await person(house, 'reader')
    const { id } = (await findByAddress(house.ctx, reader.email))!
    await atomically(house.ctx, (ctx) =>
      takeHourly(ctx, { kind: 'key-lookup', subject: id, most: 600 }, 'rate.exceeded', 600),
    )
    const key = await friend(greedy)
    world.wkd(greedy, key.certificate)
    const refused = await judged(await signed(greedy, key), reader)
    assert.deepEqual([refused.facts, refused.asked], [unknown, []])
    // What comes too late, or was not asked for then, is there the next time.
    assert.equal((await judged(await signed(greedy, key))).facts[0], 'valid')
    assert.equal((await judged(await signed(greedy, key), reader)).facts[0], 'valid')
  })
})
