import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { learnFromMail, uploadExternal, verifyAutocrypt } from '#src/domain/correspondents/correspondents.ts'
import { ensureGuest, guestAt } from '#src/domain/guests/guests.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { DAY, friendsKey, openWorld, revoked, type World } from '../guard/friends.ts'
import { origin, type Person, person, refused } from './people.ts'

onEveryEngine('the plan of a mail', (engine) => {
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

  const now = () => house.clock.now()
  const account = async ({ email }: Person = ada) => (await findByAddress(house.ctx, email))!
  const plan = (body: object, by = ada): Promise<Reply> =>
    by.post('/mail/plan', JSON.stringify(body), { 'Content-Type': 'application/json' })
  const planned = async (...asked: Parameters<typeof plan>) => {
    const reply = await plan(...asked)
    assert.equal(reply.status, 200, reply.text)
    return reply.json
  }
  const learn = async (email: string, { prefers }: { prefers: boolean }, by = ada) => {
    const key = await friendsKey(email, { now: now() })
    const minimal = await openpgp.minimal({ certificate: key.certificate, address: email, now: now() })
    const preference = prefers ? 'prefer-encrypt=mutual; ' : ''
    await learnFromMail(house.ctx, {
      ...{ account: await account(by), origin, from: email, named: [by.email], sent: now(), gossip: [] },
      headers: [`addr=${email}; ${preference}keydata=${Buffer.from(minimal!).toString('base64')}`],
    })
    return key
  }
  const ways = (recipients: Record<string, unknown>[]) =>
    recipients.map(({ address, role, how, reason }) => [address, role, how, reason])

  it('says of everybody how it would reach him, and why not otherwise', async () => {
    const colleague = await person(house, 'ben')
    const [keyless, gone] = [
      await person(house, 'keyless', { hasKey: false }),
      await person(house, 'gone', { hasKey: false }),
    ]
    await house.ctx.db.updateTable('account').set({ suspended: 1 }).where('email', '=', gone.email).execute()
    const [wkd, bad, old] = ['wkd', 'bad', 'old'].map((name) => `${name}@friend.example`)
    const found = await friendsKey(wkd!, { now: now(), validSeconds: 30 * DAY })
    world.wkd(wkd!, found.certificate)
    world.wkd(bad!, await revoked(await friendsKey(bad!, { now: now() }), now()))
    const ends = await friendsKey(old!, { now: now() - 2 * DAY * 1000, validSeconds: DAY })
    world.wkd(old!, ends.certificate)
    const body = {
      from: `Ada <${ada.email}>`,
      to: [`Ben <${colleague.email}>`, wkd, colleague.email.toUpperCase()],
      cc: [keyless.email, 'stranger@nowhere.example', gone.email],
      bcc: [bad, old, wkd],
    }
    const answer = await planned(body)
    assert.deepEqual(ways(answer.recipients), [
      [colleague.email, 'to', 'encrypted', null],
      [wkd, 'to', 'encrypted', null],
      [keyless.email, 'cc', 'encrypted', 'no-key'],
      ['stranger@nowhere.example', 'cc', 'guest', 'no-key'],
      [gone.email, 'cc', 'clear-only', 'no-own-key'],
      [bad, 'bcc', 'clear-only', 'revoked'],
      [old, 'bcc', 'clear-only', 'expired'],
    ])
    const [ben, theirs, none, stranger, out, , past] = answer.recipients
    assert.deepEqual([ben.key.source, ben.key.trusted, ben.key.verified], ['tenant', true, true])
    assert.deepEqual(
      [theirs.key.source, theirs.key.fingerprint, theirs.key.preferEncrypt],
      ['wkd', found.info.fingerprint, null],
    )
    assert.equal(theirs.key.created, String(now() / 1000))
    assert.equal(theirs.key.expires, String(now() / 1000 + 30 * DAY))
    assert.match(theirs.key.algorithm, /^eddsaLegacy ed25519/)
    assert.deepEqual([none.key, none.guest], [null, null])
    assert.deepEqual(stranger.guest, { exists: false, hasPassword: false, refuses: false })
    assert.equal(past.key.fingerprint, ends.info.fingerprint, 'the key that has ended is shown')
    assert.match(past.explanation, /has expired.*in the clear only/)
    assert.match(stranger.explanation, /becomes a guest/)
    assert.match(none.explanation, /a key will be made for this colleague/)
    assert.match(out.explanation, /This colleague has no key, and cannot be given one/)
    assert.equal(none.recommendation, 'discourage')
    assert.deepEqual(
      [answer.canEncrypt, answer.recommendation, answer.newGuests, answer.newKeys],
      [false, 'disable', ['stranger@nowhere.example'], [keyless.email]],
    )
    assert.equal(answer.canSend, true)
    assert.equal(await guestAt(house.ctx, 'stranger@nowhere.example'), null, 'a plan makes nothing')
    assert.equal((await planned({ to: [keyless.email] })).recipients[0].key, null)
  })

  it('says who would sign, and whether his password is needed for it', async () => {
    const [{ email }, keyless] = [await person(house, 'to'), await person(house, 'plain', { hasKey: false })]
    const writer = await person(house, 'writer')
    const author = async (by: Person) => (await planned({ to: [email] }, by)).author
    const before = await author(writer)
    assert.deepEqual([before.address, before.canSign, before.needsPassword], [writer.email, true, true])
    assert.match(before.key.fingerprint, /^[0-9A-F]{40}$/)
    await writer.remember(10)
    assert.equal((await author(writer)).needsPassword, false)
    const without = await author(keyless)
    assert.deepEqual([without.key, without.canSign, without.needsPassword], [null, false, false])
    refused(await plan({ from: ada.email, to: [email] }, keyless), 403, 'SENDER_FOREIGN')
  })

  it('recommends by the rules of Autocrypt', async () => {
    const [both, coy] = ['both@friend.example', 'coy@friend.example']
    const key = await learn(both!, { prefers: true })
    await learn(coy!, { prefers: false })
    const [one, two] = (await planned({ to: [both, coy] })).recipients
    assert.deepEqual([one.key.source, one.key.preferEncrypt, one.key.verified], ['autocrypt', 'mutual', false])
    assert.equal(two.key.preferEncrypt, 'nopreference')
    assert.deepEqual([one.recommendation, two.recommendation], ['available', 'available'])
    assert.equal((await planned({ to: [both, coy], reply: true })).recommendation, 'encrypt')
    const uploaded = await friendsKey('up@friend.example', { now: now() })
    await uploadExternal(house.ctx, { account: await account(), file: uploaded.certificate, origin })
    assert.equal((await planned({ to: ['up@friend.example'] })).recommendation, 'available')
    assert.equal((await planned({ to: [both, 'nobody@nowhere.example'] })).recommendation, 'discourage')
    const fingerprint = key.info.fingerprint
    await verifyAutocrypt(house.ctx, { account: await account(), ids: [fingerprint], verified: true, origin })
    assert.equal((await planned({ to: [both] })).recipients[0].key.verified, true)
  })

  it('tells of guests only to colleagues of who invited them', async () => {
    const address = `known-${engine}@nowhere.example`
    await ensureGuest(house.ctx, { inviter: await account(), address, pin: false, origin })
    const guest = async (by: Person) => (await planned({ to: [address] }, by)).recipients[0]
    assert.deepEqual((await guest(ada)).guest, { exists: true, hasPassword: false, refuses: false })
    assert.deepEqual((await planned({ to: [address] })).newGuests, [])
    const far = await person(house, 'far')
    await house.ctx.db.updateTable('account').set({ tenant: 7 }).where('email', '=', far.email).execute()
    assert.equal((await guest(far)).guest.exists, false)
    // Of an account of another tenant it says what it says of a stranger.
    const keyless = await person(house, 'without', { hasKey: false })
    const other = await planned({ to: [keyless.email, 'nobody@nowhere.example'] }, far)
    assert.deepEqual(
      other.recipients.map(({ how, guest }: Record<string, unknown>) => [how, guest]),
      other.recipients.map(() => ['guest', { exists: false, hasPassword: false, refuses: false }]),
    )
  })

  it('takes addresses one by one, and five hundred at most', async () => {
    for (const body of [
      { to: ['no address'] },
      { to: ['a@b.example, c@d.example'] },
      { to: [''] },
      { cc: [{}] },
      { to: 'a@b.example' },
      { to: Array.from({ length: 501 }, (_, index) => `a${index}@b.example`) },
      { from: 'x', to: [] },
      { subject: 'x' },
      [],
    ])
      refused(await plan(body), 400, 'BAD_PARAMETER')
    const empty = await planned({})
    assert.deepEqual([empty.recipients, empty.canEncrypt], [[], false])
  })
})
