import assert from 'node:assert/strict'
import { after, afterEach, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { learnFromMail, uploadExternal } from '#src/domain/correspondents/correspondents.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import type { GeneratedKey } from '#src/lib/openpgp/types.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { DAY, friendsKey, openWorld, revoked, type World } from '../guard/friends.ts'
import { mailOf, origin, type Person, person, refused } from './people.ts'

onEveryEngine('a mail to people elsewhere', (engine) => {
  let house: House
  let world: World
  let ada: Person
  before(async () => {
    world = await openWorld()
    house = await startHouse({ engine, settings: world.settings })
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
  const friend = (email: string, more: { validSeconds?: number } = {}) => friendsKey(email, { now: now(), ...more })
  const to = (...recipients: string[]) => mailOf({ From: ada.email, To: recipients.join(', ') }, 'Hello\r\n')
  const opens = async (mail: Uint8Array, key: GeneratedKey): Promise<string> => {
    const { message } = await openpgp.openMail({ message: mail, secrets: [key.secret], verifyWith: [], now: now() })
    return Buffer.concat(message).toString()
  }

  it('is encrypted with what the world, an upload or an unconfirmed Autocrypt header gives', async () => {
    const [wkd, uploaded, autocrypt] = ['wkd@friend.example', 'up@friend.example', 'ac@friend.example']
    const keys = await Promise.all([wkd, uploaded, autocrypt].map((email) => friend(email)))
    world.wkd(wkd, keys[0]!.certificate)
    await uploadExternal(house.ctx, { account: await account(), file: keys[1]!.certificate, origin })
    const minimal = await openpgp.minimal({ certificate: keys[2]!.certificate, address: autocrypt, now: now() })
    const header = `addr=${autocrypt}; keydata=${Buffer.from(minimal!).toString('base64')}`
    await learnFromMail(house.ctx, {
      ...{ account: await account(), origin, from: autocrypt, named: [ada.email], sent: now() },
      ...{ headers: [header], gossip: [] },
    })
    const sealed = await ada.encrypt(to(wkd, uploaded, autocrypt))
    assert.equal(sealed.status, 200, sealed.text)
    for (const key of keys) assert.match(await opens(sealed.bytes, key), /Hello/)
  })

  it('is no copy for whomever its sender writes into From', async () => {
    const friends = 'reads@friend.example'
    world.wkd(friends, (await friend(friends)).certificate)
    const colleague = await person(house, 'named')
    const sealed = await ada.encrypt(mailOf({ From: colleague.email, To: friends }, 'x'), 'sign=false')
    assert.equal(sealed.status, 200, sealed.text)
    refused(await colleague.decrypt(sealed.bytes), 403, 'NOT_FOR_YOU')
  })

  it('is refused as a whole, with the reason for each who cannot be written to', async () => {
    const [old, bad, none, good] = ['old', 'bad', 'none', 'good'].map((name) => `${name}@friend.example`)
    const expired = await friend(old!, { validSeconds: DAY })
    await uploadExternal(house.ctx, { account: await account(), file: expired.certificate, origin })
    house.clock.turn(2 * DAY * 1000)
    const again = await person(house, 'again')
    await uploadExternal(house.ctx, {
      account: (await findByAddress(house.ctx, again.email))!,
      file: expired.certificate,
      origin,
    })
    world.wkd(bad!, await revoked(await friend(bad!), now()))
    world.wkd(good!, (await friend(good!)).certificate)
    const keyless = await person(house, 'keyless', { hasKey: false })
    const recipients = [old!, bad!, none!, good!, keyless.email]
    const reply = await again.encrypt(mailOf({ From: again.email, To: recipients.join(', ') }, 'x'))
    refused(reply, 400, 'RECIPIENT_WITHOUT_KEY')
    assert.deepEqual(reply.json.recipients, [old, bad, none, keyless.email])
    assert.deepEqual(reply.json.reasons, {
      [old!]: 'expired',
      [bad!]: 'revoked',
      [none!]: 'no-key',
      [keyless.email]: 'no-key',
    })
  })

  it('does not wait long for many strangers who do not answer', async () => {
    world.instead = () => {}
    const writer = await person(house, 'writer')
    const many = Array.from({ length: 16 }, (_, index) => `slow${index}@friend.example`)
    const begun = performance.now()
    const reply = await writer.encrypt(mailOf({ From: writer.email, To: many.join(', ') }, 'x'))
    refused(reply, 400, 'RECIPIENT_WITHOUT_KEY')
    // Two rounds of eight, a second each.
    assert.ok(performance.now() - begun < 6000, `${performance.now() - begun} ms`)
  })
})
