import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { autocryptFor } from '#src/domain/correspondents/correspondents.ts'
import { writeHeader } from '#src/lib/autocrypt/header.ts'
import { openPgpPool } from '#src/lib/openpgp/pool.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { assertError, KEY_PASSWORD, newKeyOwner, newPerson, type Person, tokenOf } from './person.ts'

const openpgp = openPgpPool({ size: 1, queueLimit: 100 })
after(() => openpgp.close())
const DAY = 86_400_000

onEveryEngine('Autocrypt', (engine) => {
  let house: House
  let anna: Person
  let count = 0
  before(async () => {
    house = await startHouse({ engine })
    anna = await newKeyOwner(house, 'anna@example.org')
  })
  after(() => house.stop())

  const now = () => house.clock.now()
  const generate = (email: string) =>
    openpgp.generate({ userIds: [{ name: 'Else', email }], algorithm: 'curve25519', validSeconds: 0, now: now() })
  const stranger = () => `else${++count}@elsewhere.test`
  const headerOf = (address: string, keydata: Uint8Array, prefersEncryption = false) =>
    writeHeader({ address, prefersEncryption, keydata })!
  const put = (person: Person, header: string, { query = '&add=true', sent = String(now()) } = {}): Promise<Reply> =>
    person.call('PUT', `/oxguard/keys?action=putautocrypt${query}`, { form: { header, sent_date: sent } })
  const taken = (reply: Reply) => {
    assert.equal(reply.json.error, undefined, reply.text)
    return reply.json.data
  }
  const facts = (reply: Reply) => {
    const { added, updated, isNew, verified } = taken(reply)
    return { added, updated, isNew, verified }
  }
  const list = async (person: Person) =>
    (await person.call('GET', '/oxguard/keys?action=getExternalPublicKeys&keyType=autocrypt')).json.data
      .externalPublicKeyRings
  const shownOf = async (person: Person, email: string) =>
    (await list(person)).find((ring: { email: string }) => ring.email === email)
  const verify = (person: Person, keyids: string, verified = 'true') =>
    person.call('PUT', `/oxguard/keys?action=verifyAutoCryptKey&keyids=${keyids}&verified=${verified}`)
  const advise = async (person: Person, emails: string, more = '') => {
    const query = `action=autocryptRecommendation&emails=${encodeURIComponent(emails)}${more}`
    return (await person.call('GET', `/oxguard/keys?${query}`)).json.data
  }

  it('tells what is in a header, and keeps nothing unless asked to', async () => {
    const email = stranger()
    const { certificate, info } = await generate(email)
    const looked = await put(anna, headerOf(email, certificate, true), { query: '' })
    assert.deepEqual(facts(looked), { added: false, updated: false, isNew: true, verified: false })
    const { publicRing, preferEncrypt } = taken(looked)
    assert.deepEqual([taken(looked).email, preferEncrypt], [email, 'mutual'])
    assert.equal(publicRing.keys[0].fingerprint, info.fingerprint)
    assert.equal(await shownOf(anna, email), undefined)
    assert.deepEqual(facts(await put(anna, headerOf(email, certificate, true))), {
      added: true,
      updated: true,
      isNew: true,
      verified: false,
    })
    const shown = await shownOf(anna, email)
    assert.equal(shown.ids, info.fingerprint)
    assert.deepEqual(
      [shown.owned, shown.share, shown.verified, shown.preferEncrypt, shown.lastSeen, shown.gossip],
      [true, false, false, 'mutual', now(), false],
    )
    const again = await put(anna, headerOf(email, certificate, true), { query: '' })
    assert.deepEqual(facts(again), { added: false, updated: false, isNew: false, verified: false })
    const known = await autocryptFor(house.ctx, { account: (await anna.signed()).account, address: email })
    assert.deepEqual([known?.fingerprint, known?.verified, known?.gossip], [info.fingerprint, false, false])
  })

  it('takes a header with its name or without, folded or not, and any usual date', async () => {
    const email = stranger()
    const { certificate } = await generate(email)
    const field = headerOf(email, certificate)
    const bare = field.slice('Autocrypt: '.length)
    for (const header of [field, bare, bare.replace(/\r\n /g, ' '), bare.replace(/\r\n\s*/g, '')])
      assert.equal(taken(await put(anna, header, { query: '' })).email, email)
    const dates = [
      String(now()),
      String(Math.floor(now() / 1000)),
      new Date(now()).toUTCString(),
      new Date(now()).toISOString(),
      'Thu, 15 Jan 2026 13:00:00 +0100',
    ]
    for (const sent of dates) {
      assert.equal((await put(anna, field, { sent })).json.error, undefined, sent)
      assert.equal((await shownOf(anna, email)).lastSeen, now(), sent)
    }
  })

  it('goes by the newest header, and never by one from the future', async () => {
    const email = stranger()
    const [first, second] = [await generate(email), await generate(email)]
    const at = (days: number) => String(now() + days * DAY)
    const put1 = (sent: string) => put(anna, headerOf(email, first.certificate), { sent })
    const put2 = (sent: string) => put(anna, headerOf(email, second.certificate), { sent })
    assert.equal(taken(await put1(at(-2))).added, true)
    assert.deepEqual(facts(await put2(at(-3))), { added: false, updated: false, isNew: true, verified: false })
    assert.equal((await shownOf(anna, email)).ids, first.info.fingerprint)
    assert.equal(taken(await put2(at(-1))).added, true)
    assert.equal((await shownOf(anna, email)).ids, second.info.fingerprint)
    assert.equal(taken(await put1(at(-2))).updated, false)
    assertError(await put1(at(2)), 'SVL-0010', 'ERROR')
    assert.equal((await shownOf(anna, email)).ids, second.info.fingerprint)
    // A clock that is a little fast must not shut out the mails of tomorrow.
    assert.equal(taken(await put1(at(0.5))).added, true)
    assert.equal((await shownOf(anna, email)).lastSeen, now())
  })

  it('verifies a key by its fingerprint, and a change of key undoes that', async () => {
    const email = stranger()
    const [first, second] = [await generate(email), await generate(email)]
    await put(anna, headerOf(email, first.certificate), { sent: String(now() - 2) })
    const { fingerprint } = first.info
    assertError(await verify(anna, 'A'.repeat(40)), 'GRD-KEY-0002', 'USER_INPUT')
    assertError(await verify(anna, 'hello'), 'SVL-0010', 'ERROR')
    assertError(await verify(anna, fingerprint, 'maybe'), 'SVL-0010', 'ERROR')
    const done = await verify(anna, fingerprint)
    assert.deepEqual([done.status, done.json], [200, {}])
    assert.equal((await shownOf(anna, email)).verified, true)
    // The same key once more stays what it is.
    assert.deepEqual(facts(await put(anna, headerOf(email, first.certificate), { sent: String(now() - 1) })), {
      added: false,
      updated: true,
      isNew: false,
      verified: true,
    })
    assert.equal(taken(await put(anna, headerOf(email, second.certificate))).verified, false)
    assert.equal((await shownOf(anna, email)).verified, false)
    assertError(await verify(anna, fingerprint), 'GRD-KEY-0002', 'USER_INPUT')
    await verify(anna, second.info.fingerprint)
    await verify(anna, second.info.fingerprint.toLowerCase(), 'False')
    assert.equal((await shownOf(anna, email)).verified, false)
  })

  it('mails the user when the key that he verified was replaced, once, and not when he did it himself', async () => {
    const reader = await newPerson(house, 'told@example.org')
    const email = stranger()
    const keys = await Promise.all(Array.from({ length: 4 }, () => generate(email)))
    const header = (index: number) => headerOf(email, keys[index]!.certificate)
    const notices = async () => {
      const rows = house.ctx.db.selectFrom('message').select('id').where('recipient', '=', reader.email)
      return (await rows.execute()).length
    }
    await put(reader, header(0), { sent: String(now() - 9) })
    assert.equal(taken(await put(reader, header(1), { sent: String(now() - 8) })).added, true)
    await put(reader, header(1), { sent: String(now() - 7), query: '&confirmed=true' })
    // His own word for another key.
    assert.equal(
      taken(await put(reader, header(2), { sent: String(now() - 6), query: '&confirmed=true' })).verified,
      true,
    )
    const lookedAt = await put(reader, header(3), { sent: String(now() - 5), query: '' })
    assert.equal(taken(lookedAt).isNew, true)
    assert.equal(taken(await put(reader, header(3), { sent: String(now() - DAY) })).added, false)
    assert.equal(await notices(), 0)
    // Two mails at the same instant, and one more.
    await Promise.all([3, 3, 0].map((index) => put(reader, header(index), { sent: String(now() - 4) })))
    await put(reader, header(1), { sent: String(now() - 3) })
    assert.equal(await notices(), 1)
    const { text } = await house.inbox.next(reader.email)
    assert.ok(
      text.replace(/\s+/g, ' ').includes(`The key of ${email}, which you had marked as verified, was replaced`),
      text,
    )
    // Somebody verifies again, and it happens again.
    await verify(reader, keys[1]!.info.fingerprint)
    await put(reader, header(2), { sent: String(now() - 2) })
    assert.equal(await notices(), 2)
  })

  it('takes the word of a user who has confirmed a key, unless a newer one is known', async () => {
    const email = stranger()
    const [first, second] = [await generate(email), await generate(email)]
    const confirmed = (query: string, header: string, sent = String(now())) => put(anna, header, { query, sent })
    const one = headerOf(email, first.certificate)
    assert.deepEqual(facts(await confirmed('&confirmed=true', one)), {
      added: true,
      updated: true,
      isNew: true,
      verified: true,
    })
    const late = await confirmed('&add=true&confirmed=true', headerOf(email, second.certificate), String(now() - DAY))
    assert.deepEqual(facts(late), { added: false, updated: false, isNew: true, verified: false })
    await verify(anna, first.info.fingerprint, 'false')
    // An older mail with the very key that is known: the word counts.
    assert.equal(taken(await confirmed('&confirmed=TRUE', one, String(now() - DAY))).verified, true)
    assert.equal((await shownOf(anna, email)).verified, true)
    assertError(await confirmed('&add=1', one), 'SVL-0010', 'ERROR')
  })

  it('keeps a revocation that it has seen', async () => {
    const email = stranger()
    const { certificate, secret } = await generate(email)
    const dead = await openpgp.revoke({ secret, reason: 'compromised', now: now() })
    await put(anna, headerOf(email, certificate), { sent: String(now() - 2) })
    await put(anna, headerOf(email, dead.certificate), { sent: String(now() - 1) })
    await put(anna, headerOf(email, certificate))
    const shown = await shownOf(anna, email)
    assert.deepEqual([shown.publicRing.keys[0].revoked, shown.lastSeen], [true, now()])
    assert.equal((await advise(anna, email)).recommendation, 'disable')
    assert.equal(await autocryptFor(house.ctx, { account: (await anna.signed()).account, address: email }), null)
  })

  it('refuses what is no header, and changes nothing', async () => {
    const email = stranger()
    const { certificate, secret } = await generate(email)
    const two = Buffer.concat([certificate, (await generate(email)).certificate])
    const junk = Buffer.from('nothing of a key').toString('base64')
    const before = (await list(anna)).length
    const bad = [
      'hello',
      `addr=${email}; keydata=${junk}`,
      headerOf('other@elsewhere.test', certificate),
      headerOf(email, secret),
      headerOf(email, two),
      `addr=${email}; critical=1; keydata=${Buffer.from(certificate).toString('base64')}`,
      `addr=${email}; keydata=${Buffer.alloc(60_000, 7).toString('base64')}`,
    ]
    for (const header of bad) assertError(await put(anna, header), 'GRD-KEY-0009', 'USER_INPUT')
    const good = headerOf(email, certificate)
    for (const sent of ['tomorrow', '1e13', '99999999999999'])
      assertError(await put(anna, good, { sent }), 'SVL-0010', 'ERROR')
    const half = (form: Record<string, string>) =>
      anna.call('PUT', '/oxguard/keys?action=putautocrypt&add=true', { form })
    assertError(await half({ header: good }), 'SVL-0002', 'ERROR')
    assertError(await half({ sent_date: String(now()) }), 'SVL-0002', 'ERROR')
    const huge = await put(anna, 'x'.repeat(300_000))
    assert.deepEqual([huge.status, huge.json.code], [413, 'GRD-KEY-0007'])
    assert.equal((await list(anna)).length, before)
  })

  it('forgets a key that is deleted, and nobody else is touched by it', async () => {
    const email = stranger()
    const { certificate, info } = await generate(email)
    const ben = await newPerson(house, `ben${++count}@example.org`)
    for (const person of [anna, ben]) await put(person, headerOf(email, certificate))
    const remove = (person: Person, keyType = '&keyType=autocrypt') =>
      person.call('DELETE', `/oxguard/keys?action=deleteExternalPublicKey&keyids=${info.fingerprint}${keyType}`)
    assertError(await remove(anna, ''), 'GRD-KEY-0002', 'USER_INPUT')
    assert.deepEqual((await remove(anna)).json, {})
    assertError(await remove(anna), 'GRD-KEY-0002', 'USER_INPUT')
    assert.equal(await shownOf(anna, email), undefined)
    assert.ok(await shownOf(ben, email))
  })

  it('takes two headers at the same instant one after the other', async () => {
    const email = stranger()
    const [first, second] = [await generate(email), await generate(email)]
    await Promise.all([
      put(anna, headerOf(email, second.certificate), { sent: String(now()) }),
      put(anna, headerOf(email, first.certificate), { sent: String(now() - 1) }),
      put(anna, headerOf(email, first.certificate), { sent: String(now() - 2) }),
    ])
    assert.equal((await shownOf(anna, email)).ids, second.info.fingerprint)
  })

  it('knows a thousand people, and forgets those first who are known least', async () => {
    const me = await newPerson(house, `many${++count}@example.org`)
    const { id } = (await me.signed()).account
    const { certificate, info } = await generate('peer@elsewhere.test')
    const peer = (address: string, more = {}) => ({
      account_id: id,
      address,
      last_seen: now() - DAY,
      key_seen: now() - DAY,
      prefers_encryption: 0,
      fingerprint: info.fingerprint,
      certificate: Buffer.from(certificate),
      verified: 0,
      gossip_seen: 0,
      gossip_fingerprint: '',
      gossip: null,
      ...more,
    })
    const rows = Array.from({ length: 998 }, (_, index) => peer(`peer${index}@elsewhere.test`))
    const told = {
      key_seen: 0,
      certificate: null,
      fingerprint: '',
      gossip_seen: now(),
      gossip: Buffer.from(certificate),
    }
    rows.push(peer('old@elsewhere.test', { key_seen: 1, verified: 1 }), peer('told@elsewhere.test', told))
    const { query } = house.ctx.database
    for (let at = 0; at < rows.length; at += 100)
      await query
        .insertInto('autocrypt_peer')
        .values(rows.slice(at, at + 100))
        .execute()
    const email = stranger()
    const fresh = await generate(email)
    assert.equal(taken(await put(me, headerOf(email, fresh.certificate))).added, true)
    const left = await query.selectFrom('autocrypt_peer').select('address').where('account_id', '=', id).execute()
    const addresses = left.map(({ address }) => address)
    assert.equal(addresses.length, 1000)
    assert.deepEqual(
      ['old@elsewhere.test', email, 'told@elsewhere.test'].map((one) => addresses.includes(one)),
      [true, true, false],
    )
  })

  it('recommends what to do, for each and for all', async () => {
    const me = await newKeyOwner(house, `me${++count}@example.org`)
    const friend = await newKeyOwner(house, `friend${++count}@example.org`)
    const [keen, plain, unknown] = [stranger(), stranger(), stranger()]
    await put(me, headerOf(keen, (await generate(keen)).certificate, true))
    await put(me, headerOf(plain, (await generate(plain)).certificate))
    const say = async (emails: string[], more = '') => {
      const { recommendation, recipients } = await advise(me, emails.join(', '), more)
      return [recommendation, ...recipients.map((one: { recommendation: string }) => one.recommendation)]
    }
    assert.deepEqual(await say([keen, plain]), ['available', 'available', 'available'])
    assert.deepEqual(await say([keen, unknown]), ['disable', 'available', 'disable'])
    assert.deepEqual(await say([keen, plain], '&reply=true'), ['encrypt', 'encrypt', 'encrypt'])
    assert.deepEqual(await say([friend.email]), ['available', 'available'])
    const settings = { pgpdefault: true }
    await me.call('PUT', '/oxguard/login?action=settings', { json: settings })
    assert.deepEqual(await say([keen]), ['encrypt', 'encrypt'])
    assert.deepEqual(await say([keen, plain]), ['available', 'encrypt', 'available'])
    await friend.call('PUT', '/oxguard/login?action=settings', { json: settings })
    assert.deepEqual(await say([keen, friend.email]), ['encrypt', 'encrypt', 'encrypt'])
    const { recipients } = await advise(me, keen)
    assert.deepEqual([recipients[0].email, recipients[0].verified, recipients[0].gossip], [keen, false, false])
    assert.match(recipients[0].fingerprint, /^[0-9A-F]{40}$/)
    for (const emails of ['nobody', ',', `${keen},no address`]) {
      const reply = await me.call(
        'GET',
        `/oxguard/keys?action=autocryptRecommendation&emails=${encodeURIComponent(emails)}`,
      )
      assertError(reply, 'SVL-0010', 'ERROR')
    }
  })

  it('takes a key out and back in by a setup message', async () => {
    const email = `setup${++count}@example.org`
    const owner = await newKeyOwner(house, email)
    await owner.call('PUT', '/oxguard/login?action=settings', { json: { pgpdefault: true } })
    const setup = (form: Record<string, string>) => owner.call('POST', '/oxguard/keys?action=autocryptSetup', { form })
    assertError(await setup({}), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await setup({ password: 'wrong password' }), 'PGP-CORE-0003', 'USER_INPUT')
    const { message, code } = (await setup({ password: KEY_PASSWORD })).json.data
    assert.match(code, /^\d{4}(-\d{4}){8}$/)
    assert.match(message, /^From: <.*>\r\nTo: <.*>\r\nSubject: Autocrypt Setup Message\r\n/)
    assert.ok(!message.includes(code))
    const json = { auth: await tokenOf(owner), minutesValid: -1 }
    await owner.call('PUT', '/guard-json?action=auth-token', { json })
    assert.ok((await setup({})).json.data.code, 'the auth that was left with the session is enough')

    const [ring] = (await owner.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings
    const id = ring.publicRing.keys[0].fingerprint
    await owner.call('POST', `/oxguard/keys?action=delete&keyid=${id}`, { form: { password: KEY_PASSWORD } })
    await house.ctx.database.query.deleteFrom('key_ring').where('fingerprint', '=', id).execute()
    await owner.call('PUT', '/oxguard/login?action=settings', { json: { pgpdefault: false } })
    const bring = (form: Record<string, string>, person = owner) =>
      person.call('POST', '/oxguard/keys?action=importAutocryptSetup', { form })
    const good = { message, code, newPassword: 'another password' }
    const brought = await bring({ ...good, code: ` ${code.replaceAll('-', ' ')} ` })
    assert.equal(brought.json.data?.keyRings[0].publicRing.keys[0].fingerprint, id, brought.text)
    assert.equal(brought.json.data.keyRings[0].publicRing.keys[0].hasPrivateKey, true)
    assert.ok((await tokenOf(owner, 'another password')).length > 20)
    assert.equal((await owner.call('GET', '/oxguard/login?action=settings')).json.pgpdefault, true)

    assertError(await bring({ ...good, newPassword: 'short' }), 'GRD-AUTH-0003', 'USER_INPUT')
    assertError(await bring({ ...good, message: 'Subject: hi\r\n\r\nno' }), 'PGP-CORE-0006', 'ERROR')
    assertError(await bring(good, anna), 'SVL-0016', 'PERMISSION_DENIED')
    assertError(await bring({ message, code }), 'GRD-AUTH-0001', 'USER_INPUT')
  })

  it('delays who guesses at the code of a setup message', async () => {
    const owner = await newKeyOwner(house, `guess${++count}@example.org`)
    const form = { password: KEY_PASSWORD }
    const { message, code } = (await owner.call('POST', '/oxguard/keys?action=autocryptSetup', { form })).json.data
    const guess = (guessed: string) =>
      owner.call('POST', '/oxguard/keys?action=importAutocryptSetup', {
        form: { message, code: guessed, newPassword: 'another password' },
      })
    const wrong = code.replace(/\d$/, (last: string) => String((Number(last) + 1) % 10))
    let last = await guess(wrong)
    assertError(last, 'PGP-CORE-0003', 'USER_INPUT')
    assert.equal(last.json.error, 'The setup code is wrong.')
    for (let tries = 0; tries < 12 && last.json.code === 'PGP-CORE-0003'; tries++) last = await guess(wrong)
    assertError(last, 'GRD-AUTH-0002', 'TRY_AGAIN')
    const waits = await guess(code)
    assertError(waits, 'GRD-AUTH-0002', 'TRY_AGAIN')
    house.clock.turn(Number(waits.headers.get('retry-after')) * 1000)
    const done = await guess(code)
    assert.ok(done.json.data?.keyRings, done.text)
  })
})
