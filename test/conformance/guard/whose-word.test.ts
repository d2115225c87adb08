import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { atomically } from '#src/context.ts'
import { learnFromMail, takeHeader } from '#src/domain/correspondents/correspondents.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { writeGossip, writeHeader } from '#src/lib/autocrypt/header.ts'
import type { GeneratedKey } from '#src/lib/openpgp/types.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { armored, friendsKey, openWorld, type World } from './friends.ts'
import { assertError, KEY_PASSWORD, newKeyOwner, newPerson, origin, type Person } from './person.ts'

const sources = 'tenant=5,uploaded=4,shared=3,contacts=3,autocrypt=2,wkd=3,https://vks.example.net=1'

onEveryEngine('Whose word counts for a key', (engine) => {
  let house: House
  let world: World
  let me: Person
  let count = 0
  before(async () => {
    world = await openWorld()
    house = await startHouse({ engine, settings: { ...world.settings, CHATELAINE_KEY_SOURCES: sources } })
    me = await newKeyOwner(house, 'me@example.org')
  })
  after(async () => {
    await house.stop()
    await world.close()
  })

  const now = () => house.clock.now()
  const key = (email: string) => friendsKey(email, { now: now() })
  const friend = () => `friend${++count}@friend.example`
  const find = async (email: string, person = me) => {
    const reply = await person.call('GET', `/oxguard/keys?action=getRecipKey&email=${encodeURIComponent(email)}`)
    assert.equal(reply.json.error, undefined, reply.text)
    const { keySource, publicRing, reason } = reply.json.data
    return { source: keySource?.name, trusted: keySource?.trusted, id: publicRing?.keys[0].fingerprint, reason }
  }
  const change = (email: string, changes: { tenant?: number; suspended?: number; confirmed?: number }) =>
    house.ctx.database.query.updateTable('account').set(changes).where('email', '=', email).execute()
  const upload = async (person: Person, certificate: Uint8Array) => {
    const body = new FormData()
    body.set('key', new Blob([armored(certificate)]), 'key.asc')
    const reply = await person.call('POST', '/oxguard/keys?action=uploadExternalPublicKey', { body })
    return reply.json.data.externalPublicKeyRings[0].ids as string
  }
  const share = async (person: Person, { certificate }: GeneratedKey) => {
    const ids = encodeURIComponent(await upload(person, certificate))
    const query = `action=shareExternalPublicKey&keyids=${ids}&share=true`
    assert.deepEqual((await person.call('PUT', `/oxguard/keys?${query}`)).json, {})
  }
  const value = (field: string | null) => field!.replace(/^[\w-]+: /, '')
  const header = (address: string, { certificate }: GeneratedKey) =>
    value(writeHeader({ address, keydata: certificate, prefersEncryption: true }))
  const gossip = (address: string, { certificate }: GeneratedKey) =>
    value(writeGossip({ address, keydata: certificate }))
  const read = async (from: string, brings: { headers?: string[]; gossip?: string[]; named?: string[] }) =>
    learnFromMail(house.ctx, {
      ...{ account: (await me.signed()).account, origin, from, named: [], headers: [], gossip: [], sent: now() },
      ...brings,
    })

  it('prefers a trusted source to what a mail brought, wherever the list has them', async () => {
    const email = friend()
    const [own, forged] = [await key(email), await key(email)]
    world.wkd(email, own.certificate)
    await read(email, { headers: [header(email, forged)] })
    assert.deepEqual(await find(email), {
      ...{ source: 'wkd', trusted: true, id: own.info.fingerprint, reason: undefined },
    })
    // Said to be right by the user, it has its place in the list.
    const { account } = await me.signed()
    const taken = { value: header(email, forged), sent: String(now()), keep: true, confirmed: true }
    await takeHeader(house.ctx, { account, origin, ...taken })
    assert.equal((await find(email)).source, 'autocrypt')
  })

  it('takes what a mail brought where nobody better has a key, and hearsay last of all', async () => {
    const [direct, told] = [friend(), friend()]
    const keys = { direct: await key(direct), told: await key(told), vks: await key(told) }
    await read(direct, { headers: [header(direct, keys.direct)] })
    world.vks(direct, armored((await key(direct)).certificate))
    assert.deepEqual(await find(direct), {
      ...{ source: 'autocrypt', trusted: false, id: keys.direct.info.fingerprint, reason: undefined },
    })
    await read(friend(), { gossip: [gossip(told, keys.told)], named: [told] })
    assert.deepEqual(await find(told), {
      ...{ source: 'autocrypt', trusted: false, id: keys.told.info.fingerprint, reason: undefined },
    })
    world.vks(told, armored(keys.vks.certificate))
    await house.ctx.database.query.deleteFrom('found_key').execute()
    assert.equal((await find(told)).id, keys.vks.info.fingerprint)
  })

  it('takes no hearsay whose key does not bear the address', async () => {
    const told = friend()
    await read(friend(), { gossip: [gossip(told, await key('somebody@else.example'))], named: [told] })
    assert.equal((await find(told)).source, undefined)
  })

  it('lets nobody pass a key off as that of a colleague, not even when his own has ended', async () => {
    const colleague = await newKeyOwner(house, `colleague${++count}@example.org`)
    const other = await newPerson(house, `other${++count}@example.org`)
    const [fake, mailed] = [await key(colleague.email), await key(colleague.email)]
    await share(other, fake)
    await read(colleague.email, { headers: [header(colleague.email, mailed)] })
    const contact = { email1: colleague.email, last_name: 'x' }
    assert.equal((await me.call('PUT', '/contacts?action=new', { json: contact })).json.error, undefined)
    const [ring] = (await colleague.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings
    const { fingerprint } = ring.publicRing.keys[0]
    const form = { password: KEY_PASSWORD }
    const revoked = await colleague.call('POST', `/oxguard/keys?action=revoke&keyid=${fingerprint}`, { form })
    assert.equal(revoked.json.error, undefined, revoked.text)
    const found = await find(colleague.email)
    assert.deepEqual([found.source, found.id, found.reason], ['tenant', fingerprint, 'revoked'])
    const byId = await me.call('GET', `/oxguard/keys?action=getRecipKey&keyid=${fake.info.fingerprint}`)
    assertError(byId, 'GRD-KEY-0002', 'USER_INPUT')
    const keyless = await newPerson(house, `keyless${++count}@example.org`)
    await share(other, await key(keyless.email))
    await read(keyless.email, { headers: [header(keyless.email, await key(keyless.email))] })
    assert.equal((await find(keyless.email)).source, undefined)
    // What he uploads himself is his own affair.
    await upload(me, (await key(keyless.email)).certificate)
    assert.equal((await find(keyless.email)).source, 'uploaded')
  })

  it('counts shared keys of people who may come in, and for nobody who has an account', async () => {
    const sharer = await newPerson(house, `sharer${++count}@example.org`)
    const foreign = await newPerson(house, `foreign${++count}@example.org`)
    const email = friend()
    await share(sharer, await key(email))
    await share(sharer, await key(foreign.email))
    assert.equal((await find(email)).source, 'shared')
    await change(foreign.email, { tenant: 7 })
    assert.equal((await find(foreign.email)).source, undefined)
    for (const changes of [{ suspended: 1 }, { confirmed: 0 }, { tenant: 7 }]) {
      await change(sharer.email, changes)
      assert.equal((await find(email)).source, undefined, JSON.stringify(changes))
      await change(sharer.email, { suspended: 0, confirmed: 1, tenant: 1 })
    }
  })

  it('says nothing of the people of another tenant', async () => {
    const foreign = await newKeyOwner(house, `foreign${++count}@example.org`)
    await change(foreign.email, { tenant: 7 })
    const query = `action=autocryptRecommendation&emails=${encodeURIComponent(foreign.email)}`
    const advice = (await me.call('GET', `/oxguard/keys?${query}`)).json.data
    assert.equal(advice.recommendation, 'disable')
    assert.equal('fingerprint' in advice.recipients[0], false)
    // Not by the hourly number of lookups either.
    const greedy = await newPerson(house, `greedy${++count}@example.org`)
    const lookups = { kind: 'key-lookup', subject: (await greedy.signed()).account.id, most: 600 }
    await atomically(house.ctx, (ctx) => takeHourly(ctx, lookups, 'rate.exceeded', 600))
    for (const email of [foreign.email, friend()])
      assertError(await greedy.call('GET', `/oxguard/keys?action=getRecipKey&email=${email}`), 'SVL-0019', 'TRY_AGAIN')
  })
})
