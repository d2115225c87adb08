import assert from 'node:assert/strict'
import { after, afterEach, before, it } from 'node:test'
import { readKey } from 'openpgp'
import { atomically } from '#src/context.ts'
import { refreshKeys, sweepFoundKeys } from '#src/domain/discovery/discovery.ts'
import { isKnownRevoked } from '#src/domain/discovery/store.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { bloatedKey } from '#src/lib/openpgp/bloated-key.ts'
import type { GeneratedKey } from '#src/lib/openpgp/types.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { armored, DAY, friendsKey, openWorld, revoked, type World } from './friends.ts'
import { assertError, newKeyOwner, newPerson, type Person } from './person.ts'

const HOURS = 3_600_000
const longSessions = { CHATELAINE_SESSION_IDLE: '100000000', CHATELAINE_SESSION_LIFETIME: '100000000' }
const sources =
  'tenant=5,uploaded=4,shared=3,contacts=3,autocrypt=2,wkd=3,https://vks.example.net=1,hkps://hkp.example.net=0'

onEveryEngine('Guard finds keys of recipients', (engine) => {
  let house: House
  let world: World
  let me: Person
  before(async () => {
    world = await openWorld()
    house = await startHouse({
      engine,
      settings: { ...world.settings, CHATELAINE_KEY_SOURCES: sources, ...longSessions },
    })
    me = await newKeyOwner(house, 'me@example.org')
  })
  after(async () => {
    await house.stop()
    await world.close()
  })
  afterEach(() => {
    world.instead = undefined
  })

  const ask = (query: string, person = me) => person.call('GET', `/oxguard/keys?action=getRecipKey&${query}`)
  const find = async (email: string, more = '', person = me) => {
    const reply = await ask(`email=${encodeURIComponent(email)}${more}`, person)
    assert.equal(reply.json.error, undefined, reply.text)
    return reply.json.data
  }
  const now = () => house.clock.now()
  const friend = (email: string, more: { validSeconds?: number; more?: string[]; now?: number } = {}) =>
    friendsKey(email, { now: now(), ...more })
  const keyIdOf = ({ info }: GeneratedKey) => info.keyId
  const foundId = (data: { publicRing?: { keys: { keyId: string }[] } }) => data.publicRing?.keys[0]?.keyId
  const upload = (person: Person, file: string | Uint8Array) => {
    const body = new FormData()
    body.set('key', new Blob([Buffer.from(file as string)]), 'key.asc')
    return person.call('POST', '/oxguard/keys?action=uploadExternalPublicKey', { body })
  }
  /** Whatever was planned is due now. */
  const makeDue = () =>
    house.ctx.database.query
      .updateTable('found_key')
      .set({ expires: now() - 1 })
      .where('source', '!=', 'revoked')
      .execute()

  it('finds keys at home whose domain has letters of all kinds, in either form', async () => {
    const key = await friend('anna@bücher.example')
    assert.equal((await upload(me, armored(key.certificate))).json.error, undefined)
    for (const form of ['Anna@Bücher.example', 'anna@xn--bcher-kva.example']) {
      const found = await find(form)
      assert.equal(foundId(found), keyIdOf(key))
      assert.equal(found.keySource.name, 'uploaded')
    }
  })

  it('tells what is missing, and what is no address', async () => {
    assertError(await ask(''), 'SVL-0002', 'ERROR')
    assertError(await ask('email='), 'SVL-0002', 'ERROR')
    for (const email of ['nobody', '@example.org', 'a@[127.0.0.1]', 'a b@example.org', 'a@b@', 'x'.repeat(300)])
      assertError(await ask(`email=${encodeURIComponent(email)}`), 'SVL-0010', 'ERROR')
    assertError(await ask('email=a@friend.example&create=perhaps'), 'SVL-0010', 'ERROR')
    assertError(await ask('keyid=zzz'), 'SVL-0010', 'ERROR')
    assertError(await ask('keyid=0123456789ABCDEF'), 'GRD-KEY-0002', 'USER_INPUT')
  })

  it('finds a colleague first, whom nobody in the world is asked for', async () => {
    const colleague = await newKeyOwner(house, 'colleague@example.org')
    const from = world.asked().length
    const data = await find('Colleague@Example.org')
    const [own] = (await colleague.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings
    assert.equal(foundId(data), own.publicRing.keys[0].keyId)
    assert.match(data.publicRing.ring, /^-----BEGIN PGP PUBLIC KEY BLOCK-----/)
    const { publicRing: _, ...rest } = data
    assert.deepEqual(rest, {
      recipientEmail: 'Colleague@Example.org',
      newKey: false,
      guest: false,
      keySource: { name: 'tenant', trusted: true, trustLevel: 5 },
      preferredFormat: 'PGP/MIME',
      expired: false,
      revoked: false,
    })
    await newPerson(house, 'keyless@example.org')
    await find('keyless@example.org')
    assert.deepEqual(world.asked().slice(from), [])
  })

  it('says that a stranger would be a guest', async () => {
    for (const create of ['', '&create=false']) {
      const data = await find('nobody@friend.example', create)
      assert.deepEqual([data.newKey, data.guest, 'publicRing' in data], [true, true, false])
    }
  })

  it('makes a stranger a guest when it is to, and finds him from then on, where nobody has a key of his', async () => {
    const [one, two] = await Promise.all(
      ['&create=TRUE', '&create=true'].map((create) => find('Guest@Friend.example', create)),
    )
    assert.equal(foundId(one), foundId(two))
    assert.deepEqual([one.newKey, two.newKey].toSorted(), [false, true])
    const { publicRing, ...rest } = await find('guest@friend.example')
    assert.equal(foundId({ publicRing }), foundId(one))
    assert.deepEqual([publicRing.encryptable, publicRing.keys[0].validSeconds], [true, 0])
    assert.deepEqual(rest, {
      recipientEmail: 'guest@friend.example',
      newKey: false,
      guest: true,
      keySource: { name: 'guest', trusted: true, trustLevel: house.ctx.config.keyTrustLevel },
      preferredFormat: 'PGP/MIME',
      expired: false,
      revoked: false,
    })
    // Nobody finds it by its id: whose it is stands in its address alone.
    assertError(await ask(`keyid=${publicRing.keys[0].keyId}`), 'GRD-KEY-0002', 'USER_INPUT')
    const own = await friend('guest@friend.example')
    await upload(me, own.certificate)
    assert.deepEqual(
      [foundId(await find('guest@friend.example')), (await find('guest@friend.example')).guest],
      [keyIdOf(own), false],
    )
  })

  const kept = (email: string) =>
    house.ctx.database.query.selectFrom('found_key').selectAll().where('address', '=', email).execute()

  it('keeps of a key that says much of itself what it needs, and looks at that once', async () => {
    world.wkd('again@friend.example', await bloatedKey('again@friend.example', { now: now(), times: 200 }))
    const first = await find('again@friend.example')
    assert.equal(first.keySource.name, 'wkd')
    const row = (await kept('again@friend.example')).find(({ source }) => source === 'wkd')
    assert.ok(row!.certificate!.length < 8000, String(row!.certificate!.length))
    const { openpgp } = house.ctx.workers
    const { inspect } = openpgp
    await find('again@friend.example')
    openpgp.inspect = () => assert.fail('looked at again')
    try {
      assert.equal(foundId(await find('again@friend.example')), foundId(first))
      await me.call('GET', '/oxguard/keys?action=getExternalPublicKeys')
    } finally {
      openpgp.inspect = inspect
    }
  })

  it('judges what it has looked at anew when its time has come', async () => {
    const key = await friend('short@friend.example', { validSeconds: 3600 })
    world.wkd('short@friend.example', key.certificate)
    assert.equal((await find('short@friend.example')).expired, false)
    house.clock.turn(3_600_000)
    assert.equal((await find('short@friend.example')).expired, true)
  })

  it('keeps no key that is made to be large, but knows that it was revoked', async () => {
    const large = { now: now(), times: 4, note: 30_000 }
    world.wkd('large@friend.example', await bloatedKey('large@friend.example', large))
    assert.equal('publicRing' in (await find('large@friend.example')), false)
    assert.ok((await kept('large@friend.example')).every(({ certificate }) => certificate === null))
    const dead = await bloatedKey('larger@friend.example', { ...large, revoked: true })
    world.wkd('larger@friend.example', dead)
    await find('larger@friend.example')
    const fingerprint = (await readKey({ binaryKey: dead })).getFingerprint().toUpperCase()
    assert.equal(await isKnownRevoked(house.ctx, fingerprint), true)
  })

  it('forgets what was used longest ago when there is too much', async () => {
    const row = { source: 'wkd', fingerprint: '', certificate: null, fetched: now(), expires: now() + DAY, claimed: 0 }
    const ages = Array.from({ length: 50_001 }, (_, age) => age)
    while (ages.length > 0) {
      const some = ages.splice(0, 1000)
      const rows = some.map((age) => ({ ...row, address: `${age}@crowd.example`, used: age }))
      await house.ctx.database.query.insertInto('found_key').values(rows).execute()
    }
    while ((await sweepFoundKeys(house.ctx)) > 0);
    assert.equal((await kept('0@crowd.example')).length, 0)
    assert.equal((await kept('50000@crowd.example')).length, 1)
    await house.ctx.database.query.deleteFrom('found_key').where('address', 'like', '%@crowd.example').execute()
  })

  it('finds a key by WKD, keeps it, and asks one time for all who want it', async () => {
    const key = await friend('wkd@friend.example', { more: ['other@friend.example'] })
    world.wkd('wkd@friend.example', key.certificate)
    const from = world.asked().length
    const all = await Promise.all(Array.from({ length: 5 }, () => find('wkd@friend.example')))
    const about = world.asked().slice(from)
    assert.equal(about.filter((path) => path.includes('/.well-known/')).length, 1, about.join())
    for (const data of all) {
      assert.equal(foundId(data), keyIdOf(key))
      assert.deepEqual(data.keySource, { name: 'wkd', trusted: true, trustLevel: 3 })
      // What else the key says of itself is nobody's word but its own.
      assert.deepEqual(data.publicRing.keys[0].userIds, ['A Friend <wkd@friend.example>'])
    }
    const count = world.asked().length
    house.clock.turn(100 * HOURS)
    assert.equal(foundId(await find('wkd@friend.example')), keyIdOf(key))
    assert.equal(world.asked().length, count)
    house.clock.turn(200 * HOURS)
    assert.equal(foundId(await find('wkd@friend.example')), keyIdOf(key))
    assert.ok(world.asked().length > count)
  })

  it('takes armor where binary would be right, and the newest of several keys', async () => {
    const old = await friend('two@friend.example')
    const expiring = await friend('two@friend.example', { validSeconds: DAY })
    house.clock.turn(2 * DAY * 1000)
    const fresh = await friend('two@friend.example')
    world.wkd(
      'two@friend.example',
      armored(Buffer.concat([old, fresh, expiring].map(({ certificate }) => certificate))),
    )
    assert.equal(foundId(await find('two@friend.example')), keyIdOf(fresh))
  })

  it('takes no key that does not bear the address', async () => {
    const key = await friend('somebody-else@friend.example')
    for (const file of [key.certificate, armored(key.certificate), 'nonsense', Buffer.from([0x99, 0xff, 0xff, 4])]) {
      world.wkd('victim@friend.example', file)
      assert.equal((await find('victim@friend.example')).newKey, true)
      await makeDue()
    }
  })

  it('asks the sources in their order, and tells how far each is trusted', async () => {
    const email = 'order@friend.example'
    const [wkd, vks, hkp] = [await friend(email), await friend(email), await friend(email)]
    world.hkp(email, armored(hkp.certificate))
    assert.deepEqual((await find(email)).keySource, { name: 'hkps://hkp.example.net', trusted: false, trustLevel: 0 })
    world.vks(email, armored(vks.certificate))
    await makeDue()
    assert.deepEqual((await find(email)).keySource, { name: 'https://vks.example.net', trusted: false, trustLevel: 1 })
    world.wkd(email, wkd.certificate)
    await makeDue()
    assert.equal(foundId(await find(email)), keyIdOf(wkd))
    const uploaded = await friend(email)
    await upload(me, uploaded.certificate)
    const data = await find(email)
    assert.equal(foundId(data), keyIdOf(uploaded))
    assert.deepEqual(data.keySource, { name: 'uploaded', trusted: true, trustLevel: 4 })
    // What one person uploads is no other's key.
    const other = await newPerson(house, 'other-eyes@example.org')
    assert.equal((await find(email, '', other)).keySource.name, 'wkd')
  })

  it('goes on where a key at home has expired, and says why where nobody has another', async () => {
    const email = 'expired@friend.example'
    await upload(me, (await friend(email, { validSeconds: DAY })).certificate)
    house.clock.turn(2 * DAY * 1000)
    const left = await find(email)
    assert.deepEqual(
      [left.expired, left.revoked, left.reason, left.keySource.name],
      [true, false, 'expired', 'uploaded'],
    )
    assert.equal(left.publicRing.encryptable, false)
    const fresh = await friend(email)
    world.wkd(email, fresh.certificate)
    await makeDue()
    const data = await find(email)
    assert.deepEqual([foundId(data), data.expired, 'reason' in data], [keyIdOf(fresh), false, false])
  })

  it('remembers that a key was revoked, whoever still has it as it was', async () => {
    const email = 'revoked@friend.example'
    const key = await friend(email)
    await upload(me, key.certificate)
    assert.equal((await find(email)).revoked, false)
    const other = await newPerson(house, 'hears@example.org')
    house.clock.turn(1000)
    world.wkd(email, await revoked(key, now()))
    await makeDue()
    const seen = await find(email, '', other)
    assert.deepEqual([seen.revoked, seen.reason, seen.keySource.name], [true, 'revoked', 'wkd'])
    world.wkd(email, key.certificate)
    await makeDue()
    for (const data of [await find(email), await find(email, '', other)])
      assert.deepEqual([data.revoked, data.reason, data.publicRing.keys[0].keyId], [true, 'revoked', keyIdOf(key)])
  })

  it('learns in the background that a key was revoked, from where it came', async () => {
    const [wkd, vks] = ['bg-wkd@friend.example', 'bg-vks@friend.example']
    const [first, second] = [await friend(wkd), await friend(vks)]
    world.wkd(wkd, first.certificate)
    world.vks(vks, armored(second.certificate))
    assert.equal(foundId(await find(wkd)), keyIdOf(first))
    assert.equal(foundId(await find(vks)), keyIdOf(second))
    house.clock.turn(1000)
    world.wkd(wkd, await revoked(first, now()))
    // Servers are not asked for people again, only for keys.
    world.vks(second.info.fingerprint, armored(await revoked(second, now())))
    const from = world.asked().length
    for (let turn = 0; turn < 20; turn++) {
      await house.ctx.database.query
        .updateTable('found_key')
        .set({ expires: now() - 1 })
        .where('address', 'in', [wkd, vks])
        .where('fetched', '<', now())
        .execute()
      await refreshKeys(house.ctx)
    }
    const asked = world.asked().slice(from)
    assert.ok(asked.includes(`vks.example.net/vks/v1/by-fingerprint/${second.info.fingerprint}`), asked.join())
    assert.equal(
      asked.some((path) => path.includes('by-email/bg-vks')),
      false,
    )
    for (const email of [wkd, vks]) assert.equal((await find(email)).reason, 'revoked', email)
  })

  it('learns in the background what has become of an uploaded key', async () => {
    const email = 'bg-up@friend.example'
    const key = await friend(email)
    await upload(me, key.certificate)
    world.hkp(key.info.fingerprint, armored(await revoked(key, now())))
    while ((await sweepFoundKeys(house.ctx)) > 0);
    house.clock.turn(169 * HOURS)
    for (let turn = 0; turn < 20; turn++) await refreshKeys(house.ctx)
    const list = (await me.call('GET', '/oxguard/keys?action=getExternalPublicKeys')).json.data.externalPublicKeyRings
    const mine = list.find(
      ({ publicRing }: { publicRing: { keys: { keyId: string }[] } }) => publicRing.keys[0]!.keyId === keyIdOf(key),
    )
    assert.equal(mine.publicRing.keys[0].revoked, true)
    // For whom it is used stays as it was.
    assert.equal((await find(email)).reason, 'revoked')
  })

  it('does not let a stranger keep anybody waiting', async () => {
    let sent = 0
    const kinds: Record<string, NonNullable<World['instead']>> = {
      stalls: () => {},
      trickles: (_request, response) => {
        const timer = setInterval(() => response.write(Buffer.from([0x99])), 50)
        response.on('close', () => clearInterval(timer))
      },
      floods: (_request, response) => {
        const piece = Buffer.alloc(65_536, 0x99)
        const more = () => {
          while (!response.destroyed && sent < 2 ** 30) {
            sent += piece.length
            if (!response.write(piece)) return
          }
        }
        response.on('drain', more)
        more()
      },
      fails: (_request, response) => void response.writeHead(500).end(),
      'answers a page': (_request, response) =>
        void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>'),
      'leads astray': (_request, response) =>
        void response.writeHead(302, { Location: 'https://169.254.169.254/' }).end(),
    }
    for (const [kind, instead] of Object.entries(kinds)) {
      world.instead = instead
      const begun = performance.now()
      const data = await find(`${kind.replaceAll(' ', '-')}@friend.example`)
      assert.deepEqual([data.newKey, data.guest], [true, true], kind)
      assert.ok(performance.now() - begun < 2500, `${kind}: ${performance.now() - begun} ms`)
    }
    assert.ok(sent < 2 ** 26, `${sent} bytes`)
    // The next question is not asked again at once.
    const from = world.asked().length
    await find('stalls@friend.example')
    assert.equal(world.asked().length, from)
  })

  it('goes on with a key it has, while its source gives no answer', async () => {
    const email = 'stale@friend.example'
    const key = await friend(email)
    world.wkd(email, key.certificate)
    await find(email)
    world.instead = (_request, response) => void response.writeHead(503).end()
    house.clock.turn(250 * HOURS)
    assert.equal(foundId(await find(email)), keyIdOf(key))
    house.clock.turn(250 * HOURS)
    assert.equal((await find(email)).newKey, true)
  })

  it('lets nobody try out addresses without end', async () => {
    const greedy = await newPerson(house, 'greedy@example.org')
    const { account } = await greedy.signed()
    await atomically(house.ctx, (ctx) =>
      takeHourly(ctx, { kind: 'key-lookup', subject: account.id, most: 600 }, 'rate.exceeded', 600),
    )
    const reply = await ask('email=one-more@friend.example', greedy)
    assertError(reply, 'SVL-0019', 'TRY_AGAIN')
    assert.equal(reply.status, 429)
    // What is known already costs nothing.
    assert.equal((await find('wkd@friend.example', '', me)).newKey, false)
    assert.equal((await find('colleague@example.org', '', greedy)).newKey, false)
  })

  it('makes a key for a colleague who has none, if it is to, and he gets in by a new password', async () => {
    const without = await newPerson(house, 'without@example.org')
    const before = await find(without.email)
    assert.deepEqual([before.newKey, before.guest, 'publicRing' in before], [true, false, false])
    const both = await Promise.all([find(without.email, '&create=true'), find(without.email, '&create=true')])
    const [one, two] = both
    assert.equal(foundId(one), foundId(two))
    assert.deepEqual(
      both
        .map(({ newKey, guest }) => [newKey, guest])
        .toSorted()
        .at(-1),
      [true, false],
    )
    assert.equal(one.publicRing.encryptable, true)
    const { text } = await house.inbox.next(without.email)
    assert.match(text, new RegExp(one.publicRing.keys[0].fingerprint.slice(0, 4)))
    assert.match(text, /^[\w.-]+@[\w.-]+ wanted to write to you encrypted/)
    assert.doesNotMatch(text, /If this was not you/)
    const rings = (await without.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings
    assert.equal(rings.length, 1)
    assert.equal(rings[0].recoveryAvail, true)
    assert.equal((await find(without.email, '&create=true')).newKey, false)
    const reset = await without.call('GET', '/oxguard/login?action=reset')
    assert.match(reset.text, /PRIMARY/i)
  })

  it('makes none that nobody could ever open', async () => {
    const alone = await newPerson(house, 'alone@example.org')
    const { account } = await alone.signed()
    await house.ctx.database.query
      .insertInto('key_profile')
      .values({
        account_id: account.id,
        no_recovery: 1,
        encrypts: 0,
        signs: 0,
        inline: 0,
        last_reset: 0,
        at_rest: 0,
      })
      .execute()
    const data = await find(alone.email, '&create=true')
    assert.deepEqual([data.newKey, data.guest, 'publicRing' in data], [false, false, false])
    assert.deepEqual((await alone.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings, [])
  })

  it('shows the people of another tenant as strangers: what they have published', async () => {
    const foreign = await newKeyOwner(house, 'foreign@example.org')
    const setTenant = (tenant: number) =>
      house.ctx.database.query.updateTable('account').set({ tenant }).where('email', '=', foreign.email).execute()
    await setTenant(2)
    const data = await find(foreign.email)
    assert.equal(data.keySource?.name ?? 'none', 'wkd')
    await house.ctx.database.query.updateTable('key_ring').set({ published: 0 }).execute()
    assert.deepEqual([(await find(foreign.email)).newKey, (await find(foreign.email)).guest], [true, true])
    await setTenant(1)
  })

  it('finds by the id of a key, primary or not, among those known here', async () => {
    const key = await friend('byid@friend.example')
    await upload(me, key.certificate)
    const [primary, sub] = key.info.keys
    for (const id of [primary!.keyId, sub!.keyId, primary!.fingerprint, sub!.fingerprint, `0x${primary!.keyId}`]) {
      const { data } = (await ask(`keyid=${id}`)).json
      assert.deepEqual(
        [foundId(data), data.recipientEmail, data.keySource.name],
        [keyIdOf(key), 'byid@friend.example', 'uploaded'],
        id,
      )
    }
    const colleague = await newKeyOwner(house, 'byid@example.org')
    const [ring] = (await colleague.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings
    for (const { keyId } of ring.publicRing.keys) {
      const { data } = (await ask(`keyid=${keyId}`)).json
      assert.deepEqual([data.recipientEmail, data.keySource.name], ['byid@example.org', 'tenant'])
    }
    const stranger = await newPerson(house, 'no-eyes@example.org')
    assertError(await ask(`keyid=${primary!.keyId}`, stranger), 'GRD-KEY-0002', 'USER_INPUT')
    const raw = (await ask(`keyid=${primary!.keyId}`)).text
    assert.match(raw, /"masterKey":true,"id":-?\d+\}/)
  })
})
