import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { keepBody } from '#src/domain/bodies/bodies.ts'
import { ensureGuest, type Guest, guestAt, initialOf, keepItem } from '#src/domain/guests/guests.ts'
import { unlockedSecrets } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { act, currentOf, decimal, masterOf, ringsOf } from './own-keys.ts'
import { assertError, KEY_PASSWORD, newKeyOwner, newPerson, origin, type Person, tokenOf } from './person.ts'
import { assertWord, DESK, desk, deskSettings } from './support-desk.ts'

onEveryEngine('guests at the support desk of Guard', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: deskSettings })
  })
  after(() => house.stop())

  const accountOf = async (email: string) => (await findByAddress(house.ctx, email))!
  const newGuest = async (address: string): Promise<Guest> => {
    const inviter = await accountOf(house.rootEmail)
    return (await ensureGuest(house.ctx, { inviter, address, pin: false, origin })).guest
  }
  /** A mail that is kept for a guest; answers its id. */
  async function mailFor(guest: Guest, words: string): Promise<string> {
    const id = `item-${words.replaceAll(' ', '-')}`
    const now = house.clock.now()
    const recipients = [new Uint8Array(guest.certificate)]
    const data = Buffer.from(words)
    const armored = await house.ctx.workers.openpgp.encrypt({ data, recipients, now, armor: true })
    const body = await keepBody(house.ctx, Buffer.from(armored))
    const sender = { address: house.rootEmail, name: '' }
    await house.ctx.db
      .transaction()
      .execute((db) =>
        keepItem({ ...house.ctx, db }, { id, guest, kind: 'received', sender, subject: words, body, bytes: 1 }),
      )
    return armored
  }
  const itemsOf = async (accountId: string) =>
    house.ctx.db.selectFrom('guest_item').selectAll().where('account_id', '=', accountId).execute()
  const upgrade = (guest: Guest, userId: string) =>
    desk(house, 'upgrade_guest', { form: { email: guest.address, cid: '1', user_id: userId } })
  async function read(person: Person, password: string, armored: string): Promise<string> {
    const { all } = await unlockedSecrets(house.ctx, { signed: await person.signed(), proof: { password }, origin })
    const message = Buffer.from(armored)
    const now = house.clock.now()
    const { data } = await house.ctx.workers.openpgp.decrypt({ message, secrets: all, verifyWith: [], now })
    return Buffer.from(data).toString()
  }
  const mailedPassword = async (to: string): Promise<string> => {
    for (;;) {
      const password = /^[0-9a-z]{16}$/m.exec((await house.inbox.next(to)).text)?.[0]
      if (password) return password
    }
  }

  it('makes a guest a user who reads his old mail', async () => {
    const guest = await newGuest('guest@example.net')
    const old = await mailFor(guest, 'before the upgrade')
    const first = await initialOf(house.ctx, guest)
    const person = await newPerson(house, 'new-user@example.org')
    const account = await accountOf(person.email)
    await assertWord(upgrade(guest, account.id), 'OK')
    assert.equal(await mailedPassword(person.email), first)
    const told = house.inbox.received.filter(({ to }) => to.includes(person.email)).map(({ text }) => text)
    assert.match(
      told.join('\n'),
      /sent to guest@example\.net as a guest into your account[\s\S]*opens with a password of its own/,
    )
    assert.doesNotMatch(told.join('\n'), /old one no longer works|made elsewhere/)
    assert.equal(await guestAt(house.ctx, guest.address), null)
    await assert.rejects(mailFor(guest, 'a moment too late'), (error) => isRefusal(error, 'server.busy'))
    const ring = await currentOf(person)
    assert.equal(masterOf(ring).hasPrivateKey, true)
    assert.equal((await itemsOf(account.id)).length, 1)
    assert.equal((await itemsOf(guest.account.id)).length, 0)
    assert.equal(await read(person, first!, old), 'before the upgrade')
    // And from now on by the user's own unlock key, as every other ring.
    const rows = house.ctx.db.selectFrom('key_ring').select('unlock_salt').where('account_id', '=', account.id)
    assert.equal((await rows.executeTakeFirstOrThrow()).unlock_salt, '')
    const changed = { oldpass: first, newpass: 'my own password' }
    const { auth } = (await person.call('POST', '/oxguard/login?action=changepass', { json: changed })).json
    assert.match(auth, /^v1\./)
    assert.equal(await read(person, 'my own password', old), 'before the upgrade')
    const upgraded = house.ctx.db.selectFrom('audit').selectAll().where('event', '=', 'guest.upgraded')
    const [event] = await upgraded.execute()
    assert.deepEqual([event?.account_id, event?.actor_id], [account.id, `support:${DESK.name}`])
  })

  it('leaves a user his own current key, and lets each key be changed by its password', async () => {
    const guest = await newGuest('second@example.net')
    const old = await mailFor(guest, 'to the second')
    const first = (await initialOf(house.ctx, guest))!
    const person = await newKeyOwner(house, 'has-key@example.org')
    const own = masterOf(await currentOf(person)).fingerprint
    await assertWord(upgrade(guest, (await accountOf(person.email)).id), 'OK')
    assert.equal((await ringsOf(person)).length, 2)
    assert.equal(masterOf(await currentOf(person)).fingerprint, own)
    await tokenOf(person)
    const moved = (await ringsOf(person)).find(({ current }) => !current)!
    // The very first use of the password changes the key: it is sealed anew on the way.
    const query = `revoke&keyid=${decimal(masterOf(moved).keyId)}`
    assertError(await act(person, 'POST', query, { form: { password: KEY_PASSWORD } }), 'PGP-CORE-0003', 'USER_INPUT')
    const revoked = await act(person, 'POST', query, { form: { password: first } })
    assert.equal(revoked.json.error, undefined, revoked.text)
    assert.equal(await read(person, first, old), 'to the second')
  })

  it('upgrades once, of two at the same instant', async () => {
    const guest = await newGuest('twice@example.net')
    await mailFor(guest, 'once only')
    const people = [await newPerson(house, 'one@example.org'), await newPerson(house, 'two@example.org')]
    const accounts = await Promise.all(people.map(({ email }) => accountOf(email)))
    const replies = await Promise.all(accounts.map(({ id }) => upgrade(guest, id)))
    assert.equal(replies.filter(({ text }) => text === 'OK').length, 1)
    assertError(replies.find(({ text }) => text !== 'OK')!, 'GRD-USER-0001', 'USER_INPUT')
    const rings = await Promise.all(people.map(ringsOf))
    assert.deepEqual(rings.map(({ length }) => length).toSorted(), [0, 1])
    const items = await Promise.all(accounts.map(({ id }) => itemsOf(id)))
    assert.deepEqual(
      items.map(({ length }) => length),
      rings.map(({ length }) => length),
    )
  })

  it('knows whom it may upgrade to', async () => {
    const guest = await newGuest('third@example.net')
    const other = await newGuest('fourth@example.net')
    const { id } = await accountOf(house.rootEmail)
    for (const userId of [other.account.id, guest.account.id, '12', '99999999999'])
      assertError(await upgrade(guest, userId), 'GRD-USER-0001', 'USER_INPUT')
    const form = { email: guest.address, cid: '2', user_id: id }
    assertError(await desk(house, 'upgrade_guest', { form }), 'GRD-USER-0001', 'USER_INPUT')
    const nobody = { email: 'nobody@example.net', cid: '1', user_id: id }
    assertError(await desk(house, 'upgrade_guest', { form: nobody }), 'GRD-USER-0001', 'USER_INPUT')
    assert.ok(await guestAt(house.ctx, guest.address))
  })

  it('mails a new password to a guest', async () => {
    const guest = await newGuest('fifth@example.net')
    await assertWord(desk(house, 'reset_password', { form: { email: guest.address } }), 'PRIMARY')
    const { text } = await house.inbox.next(guest.address)
    assert.match(text, /^The support desk of [\s\S]*\n[0-9a-z]{16}\n/)
    assert.ok(text.includes(`\n${house.url}/guest\n`), text)
    assert.equal(await initialOf(house.ctx, guest), null)
  })

  it('gives a guest whose keys are deleted a new one, and keeps the old', async () => {
    const guest = await newGuest('sixth@example.net')
    const old = await mailFor(guest, 'still readable')
    const first = (await initialOf(house.ctx, guest))!
    await assertWord(desk(house, 'delete_user', { form: { email: guest.address, cid: '1' } }), 'OK')
    const now = (await guestAt(house.ctx, guest.address))!
    assert.equal(now.account.id, guest.account.id)
    assert.notDeepEqual(now.certificate, guest.certificate)
    assert.equal(now.hasPassword, false)
    assert.notEqual(await initialOf(house.ctx, now), first)
    assert.equal((await itemsOf(guest.account.id)).length, 1)
    // What was encrypted for the key of before, at this very moment, nobody could read.
    await assert.rejects(mailFor(guest, 'too late'), (error) => isRefusal(error, 'server.busy'))
    const url = await assertWord(desk(house, 'expose_key', { form: { email: guest.address, cid: '1' } }), /^http/)
    const { pathname, search } = new URL(url)
    const headers = { 'X-Key-Password': encodeURIComponent(first) }
    const { bytes } = await house.call('GET', pathname + search, { headers })
    const { openpgp } = house.ctx.workers
    const { rings } = await openpgp.inspect({ bytes, now: house.clock.now() })
    const secret = await openpgp.unlock({ secret: rings[0]!.secret!, password: first })
    const message = Buffer.from(old)
    const opened = await openpgp.decrypt({ message, secrets: [secret], verifyWith: [], now: house.clock.now() })
    assert.equal(Buffer.from(opened.data).toString(), 'still readable')
  })
})
