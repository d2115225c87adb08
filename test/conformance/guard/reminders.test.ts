import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { judgeEnds, remindOfEnds } from '#src/domain/keys/keys.ts'
import { firstJobsOver, type House, onEveryEngine, type Received, startHouse } from '#src/testing.ts'
import { act, bring, currentOf, DAY, done, masterOf } from './own-keys.ts'
import { KEY_PASSWORD, newKeyOwner, newPerson, type Person, signIn } from './person.ts'

const form = { password: KEY_PASSWORD }

onEveryEngine('reminders of keys that end', (engine) => {
  let house: House
  const houses: House[] = []
  const open = async (settings: Record<string, string> = {}): Promise<House> => {
    const opened = await startHouse({ engine, settings })
    houses.push(opened)
    return opened
  }
  before(async () => {
    house = await open()
    await firstJobsOver()
  })
  after(async () => {
    for (const one of houses) await one.stop()
  })

  const letters = (house: House, to: string): Received[] =>
    house.inbox.received.filter((mail) => mail.to.includes(to) && /about to expire/.test(mail.subject))
  /** What is queued, sent or not. */
  const queued = async ({ ctx }: House, to: string): Promise<number> =>
    (await ctx.db.selectFrom('message').select('id').where('recipient', '=', to).execute()).length
  const reminded = async (house: House, to: string): Promise<number> => {
    const before = await queued(house, to)
    // Three nodes at the same instant.
    await Promise.all([remindOfEnds(house.ctx), remindOfEnds(house.ctx), remindOfEnds(house.ctx)])
    return (await queued(house, to)) - before
  }
  const letter = async (house: House, to: string): Promise<Received> => {
    for (;;) {
      const mail = await house.inbox.next(to)
      if (/about to expire/.test(mail.subject)) return mail
    }
  }
  const linkIn = ({ text }: Received): string => {
    const link = new URL(/^http\S+$/m.exec(text)![0])
    return link.pathname + link.search
  }
  const press = (house: House, link: string, password1 = '') => {
    const id = new URL(link, 'http://x').searchParams.get('id')!
    return house.call('POST', '/api/v1/actionLink?action=key_expiring', { form: { id, password1 } })
  }
  const endsAt = async (house: House, person: Person): Promise<number> => {
    const { ctx } = house
    const account = await findByAddress(ctx, person.email)
    const rings = await ctx.db.selectFrom('key_ring').selectAll().where('account_id', '=', account!.id).execute()
    return rings.find(({ is_current }) => is_current === 1)!.expires
  }
  const ownerFor = async (house: House, email: string, validDays: number): Promise<Person> => {
    const person = await newKeyOwner(house, email)
    await done(act(person, 'PUT', 'renew', { form: { ...form, validDays: String(validDays) } }))
    return person
  }

  it('come 30 and 7 days before, once each, and the link renews with one click', async () => {
    const person = await ownerFor(house, 'reminded@example.org', 40)
    assert.equal(await reminded(house, person.email), 0)
    house.clock.turn(9.9 * DAY)
    assert.equal(await reminded(house, person.email), 0)
    house.clock.turn(0.2 * DAY)
    assert.equal(await reminded(house, person.email), 1)
    assert.equal(await reminded(house, person.email), 0)
    const first = await letter(house, person.email)
    const end = await endsAt(house, person)
    assert.match(first.text, /Its fingerprint: ([0-9A-F]{4} ){9}[0-9A-F]{4}\n/)
    assert.match(first.text, /is valid until .*2026/)
    assert.match(first.text, /in one step/)
    house.clock.turn(20 * DAY)
    assert.equal(await reminded(house, person.email), 0)
    house.clock.turn(3 * DAY)
    assert.equal(await reminded(house, person.email), 1)
    const second = linkIn(await letter(house, person.email))
    // The link before it is void.
    assert.match((await house.call('GET', linkIn(first))).text, /does not work any more/)
    const page = await house.call('GET', second)
    assert.match(page.text, /<button type="submit">Renew the key<\/button>/)
    assert.equal(page.text.includes('type="password"'), false)
    assert.equal(await endsAt(house, person), end)
    const pages = await Promise.all([press(house, second), press(house, second)])
    assert.deepEqual(pages.map(({ text }) => /The key is renewed/.test(text)).toSorted(), [false, true])
    assert.equal(await endsAt(house, person), house.clock.now() + 730 * DAY)
    assert.match((await press(house, second)).text, /does not work any more/)
    assert.equal(await reminded(house, person.email), 0)
    const again = await signIn(house, person.email)
    const ring = await currentOf(again)
    const { creationTime, validSeconds } = masterOf(ring)
    assert.equal(creationTime + validSeconds * 1000, house.clock.now() + 730 * DAY)
    // The key password still opens it.
    await done(act(again, 'POST', 'getKey&keyType=private', { form }))
    assert.equal(letters(house, person.email).length, 2)
    // And in its time it begins anew.
    house.clock.turn(701 * DAY)
    assert.equal(await reminded(house, person.email), 1)
  })

  it('do not come for a key that is none any more, or whose owner has just chosen its end', async () => {
    const settled = await ownerFor(house, 'settled@example.org', 5)
    const replaced = await ownerFor(house, 'replaced@example.org', 40)
    await done(act(replaced, 'POST', 'create', { form: { name: 'New', ...form } }))
    const revoked = await ownerFor(house, 'revoked@example.org', 40)
    const { keyId } = masterOf(await currentOf(revoked))
    await done(act(revoked, 'POST', `revoke&keyid=${keyId}`, { form }))
    const shut = await ownerFor(house, 'shut@example.org', 40)
    await house.ctx.db.updateTable('account').set({ suspended: 1 }).where('email', '=', shut.email).execute()
    const forever = await ownerFor(house, 'forever@example.org', 0)
    const people = [settled, replaced, revoked, shut, forever]
    for (const { email } of people) assert.equal(await reminded(house, email), 0, email)
    house.clock.turn(12 * DAY)
    for (const { email } of people) assert.equal(await reminded(house, email), 0, email)
  })

  it('are for rings of old versions too, once somebody has looked when they end', async () => {
    const person = await newPerson(house, 'old@example.org')
    const made = await bring(house, person, { validSeconds: (20 * DAY) / 1000 })
    const ring = house.ctx.db.updateTable('key_ring').where('fingerprint', '=', made.info.fingerprint)
    await ring.set({ expires: -1 }).execute()
    assert.equal(await reminded(house, person.email), 0)
    assert.equal(await judgeEnds(house.ctx), 1)
    assert.equal(await judgeEnds(house.ctx), 0)
    assert.equal(await endsAt(house, person), house.clock.now() + 20 * DAY)
    assert.equal(await reminded(house, person.email), 1)
    // It lives no longer than the key.
    const link = linkIn(await letter(house, person.email))
    house.clock.turn(20 * DAY - 1)
    assert.match((await house.call('GET', link)).text, /Renew the key/)
    house.clock.turn(1)
    assert.match((await house.call('GET', link)).text, /does not work any more/)
  })

  it('ask for the key password where there is no second copy', async () => {
    const strict = await open({ CHATELAINE_NO_RECOVERY: 'on' })
    const person = await ownerFor(strict, 'password@example.org', 40)
    const end = await endsAt(strict, person)
    strict.clock.turn(11 * DAY)
    assert.equal(await reminded(strict, person.email), 1)
    const mail = await letter(strict, person.email)
    assert.match(mail.text, /with the password of the key/)
    assert.doesNotMatch(mail.text, /in one step/)
    const link = linkIn(mail)
    const page = await strict.call('GET', link, { headers: { 'Accept-Language': 'de' } })
    assert.match(page.text, /Schlüsselpasswort<input type="password"/)
    assert.match(page.text, /keine Kopie, die er selbst öffnen könnte/)
    assert.match((await press(strict, link)).text, /not the password of the key/)
    assert.match((await press(strict, link, 'wrong')).text, /not the password of the key/)
    assert.equal(await endsAt(strict, person), end)
    const renewed = await press(strict, link, KEY_PASSWORD)
    const until = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
    const day = until.format(strict.clock.now() + 730 * DAY)
    assert.match(day, /^\d+ [A-Z][a-z]+ 20\d\d$/)
    assert.ok(renewed.text.includes('The key is renewed') && renewed.text.includes(`It is valid until ${day}.`))
    assert.equal(await endsAt(strict, person), strict.clock.now() + 730 * DAY)
    const { privateRing } = await done(
      act(await signIn(strict, person.email), 'POST', 'getKey&keyType=private', { form }),
    )
    assert.ok(privateRing.ring)
  })

  it('come on the days that the operator names, and on no others', async () => {
    const quiet = await open({ CHATELAINE_KEY_REMINDER_DAYS: '3' })
    const person = await ownerFor(quiet, 'quiet@example.org', 40)
    quiet.clock.turn(36 * DAY)
    assert.equal(await reminded(quiet, person.email), 0)
    quiet.clock.turn(DAY)
    assert.equal(await reminded(quiet, person.email), 1)
  })
})
