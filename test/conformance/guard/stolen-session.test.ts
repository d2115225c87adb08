import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { grouped } from '#src/lib/fingerprint.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { act, currentOf, done, masterOf, newKeyFor, ringsOf, upload, type WireRing } from './own-keys.ts'
import { assertError, KEY_PASSWORD, keyLogin, newKeyOwner, type Person, tokenOf } from './person.ts'

const THIEF = 'password of the thief'

const post = (person: Person, action: string, json: Record<string, unknown> = {}): Promise<Reply> =>
  person.call('POST', `/oxguard/login?action=${action}`, { json })
const idOf = (ring: WireRing): string => masterOf(ring).keyId

// What somebody can do who has another one's session and knows none of his passwords: above all, make a key of his own.
onEveryEngine('a stolen session with a key of the thief', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  async function planted(person: Person, more: Record<string, string> = {}): Promise<void> {
    await done(act(person, 'POST', 'create', { form: { name: 'x', password: THIEF, ...more } }))
  }
  const setCurrent = (person: Person, ring: WireRing) => act(person, 'PUT', `setCurrentKey&keyid=${idOf(ring)}`)
  // Of two that are written at once either may come first.
  const mailWith = (to: string, words: RegExp) => house.inbox.saying(to, words)
  const recoverable = async (person: Person, ring: WireRing) =>
    (await ringsOf(person)).find((one) => idOf(one) === idOf(ring))?.recoveryAvail
  const guess = (person: Person, ring: WireRing, password: string) =>
    act(person, 'POST', `getKey&keyid=${idOf(ring)}&keyType=private`, { form: { password } })

  it('does not get the next password of the owner’s key mailed elsewhere', async () => {
    const person = await newKeyOwner(house, 'mailed@example.org')
    const own = await currentOf(person)
    assert.equal(
      (await post(person, 'changesecondary', { password: KEY_PASSWORD, email: 'safe@example.com' })).text,
      'OK',
    )
    await planted(person, { email: 'thief@example.net' })
    assert.equal((await post(person, 'changesecondary', { password: THIEF, email: 'thief2@example.net' })).text, 'OK')
    assert.equal((await setCurrent(person, own)).json.error, undefined)
    assert.equal((await person.call('GET', '/oxguard/login?action=secondary')).text, 'safe@example.com')
    const evil = await post(person, 'changesecondary', { password: THIEF, email: 'thief2@example.net' })
    assertError(evil, 'PGP-CORE-0003', 'USER_INPUT')
    assert.equal((await post(person, 'reset')).text, 'ok')
    const mail = await mailWith('safe@example.com', /^[0-9a-z]{16}$/m)
    assert.match(await tokenOf(person, /^[0-9a-z]{16}$/m.exec(mail.text)![0]), /^v1\./)
    const toThief = house.inbox.received.filter(({ to }) => to.some((one) => one.startsWith('thief')))
    assert.equal(toThief.filter(({ text }) => /^[0-9a-z]{16}$/m.test(text)).length, 0)
  })

  it('gets no more guesses at the owner’s key by opening his own', async () => {
    const person = await newKeyOwner(house, 'guessed@example.org')
    const own = await currentOf(person)
    await planted(person)
    const codes: string[] = []
    for (let i = 0; i < 12; i++) {
      codes.push((await guess(person, own, `wrong ${i}`)).json.code)
      const thief = (await ringsOf(person)).find((ring) => idOf(ring) !== idOf(own))!
      assert.equal((await guess(person, thief, THIEF)).json.error, undefined)
    }
    const judged = codes.filter((code) => code === 'PGP-CORE-0003').length
    // The password of the thief's key was the first guess.
    assert.deepEqual([judged, new Set(codes.slice(judged))], [4, new Set(['GRD-AUTH-0002'])])
    // Nor by a new password of his own key.
    assert.equal((await post(person, 'reset')).text, 'primary')
    assert.equal((await guess(person, own, KEY_PASSWORD)).json.code, 'GRD-AUTH-0002')
    // The owner has to wait, as before, and then is in.
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Lockout')
    house.clock.turn(3_600_000)
    assert.match(await tokenOf(person), /^v1\./)
  })

  it('gets no guesses by giving his own key one password after the other', async () => {
    const person = await newKeyOwner(house, 'settings@example.org')
    await planted(person)
    const codes: string[] = []
    let last = THIEF
    for (let i = 0; i < 12; i++) {
      const next = `guess at the owner ${i}`
      const reply = await post(person, 'changepass', { oldpass: last, newpass: next })
      codes.push(reply.json.code ?? 'ok')
      if (!reply.json.code) last = next
    }
    const taken = codes.filter((code) => code === 'ok').length
    assert.deepEqual([taken, new Set(codes.slice(taken))], [4, new Set(['GRD-AUTH-0002'])])
    for (const made of [
      await act(person, 'POST', 'create', { form: { name: 'x', password: 'guess by a new key' } }),
      await upload(person, (await newKeyFor(house, person.email)).secret, { newPassword: 'guess by a file' }),
    ])
      assert.equal(made.json.code, 'GRD-AUTH-0002')
    assert.equal((await ringsOf(person)).length, 2)
  })

  it('is no guess to make many keys with one password', async () => {
    const person = await newKeyOwner(house, 'onepassword@example.org')
    for (let i = 0; i < 7; i++)
      await done(act(person, 'POST', 'create', { form: { name: 'x', password: KEY_PASSWORD } }))
    assert.match(await tokenOf(person), /^v1\./)
  })

  it('counts a guess without a ring against every ring, and forgives those that it opens', async () => {
    const person = await newKeyOwner(house, 'everyring@example.org')
    const own = await currentOf(person)
    await planted(person)
    for (let i = 0; i < 3; i++) assert.equal((await keyLogin(person, `wrong ${i}`)).json.auth, 'Bad Password')
    assert.match(await tokenOf(person, THIEF), /^v1\./)
    assert.equal((await guess(person, own, 'wrong')).json.code, 'PGP-CORE-0003')
    assert.equal((await guess(person, own, KEY_PASSWORD)).json.code, 'GRD-AUTH-0002')
    const kept = house.ctx.db
      .selectFrom('throttle')
      .select('key')
      .where('key', 'like', 'key:%')
      .where('pending', '>', 0)
    assert.deepEqual(await kept.execute(), [])
  })

  it('neither removes the second copy of the owner’s key nor brings it back', async () => {
    const person = await newKeyOwner(house, 'copies@example.org')
    const own = await currentOf(person)
    await planted(person)
    assert.equal((await post(person, 'deleterecovery', { password: THIEF })).text, 'OK')
    assert.equal(await recoverable(person, own), true)
    assert.equal((await post(person, 'deleterecovery', { password: KEY_PASSWORD })).text, 'OK')
    assert.equal(await recoverable(person, own), false)
    assert.equal((await post(person, 'restorerecovery', { password: THIEF })).text, 'OK')
    await setCurrent(person, own)
    await tokenOf(person)
    const changed = await post(person, 'changepass', { oldpass: KEY_PASSWORD, newpass: 'my own password' })
    assert.match(changed.json.auth, /^v1\./)
    assert.equal(await recoverable(person, own), false)
    assertError(await post(person, 'reset'), 'GRD-AUTH-0004', 'PERMISSION_DENIED')
    assert.equal((await post(person, 'restorerecovery', { password: 'my own password' })).text, 'OK')
    assert.equal(await recoverable(person, own), true)
    assert.equal((await post(person, 'reset')).text, 'primary')
  })

  it('does not put another key in the place of the owner’s without a word', async () => {
    const person = await newKeyOwner(house, 'swapped@example.org')
    const own = await currentOf(person)
    const made = await newKeyFor(house, person.email)
    await done(upload(person, made.secret, { newPassword: THIEF }))
    const name = grouped(made.info.fingerprint)
    assert.ok((await mailWith(person.email, /made elsewhere was added/)).text.includes(name))
    assert.ok((await mailWith(person.email, /Another key of yours is used from now on/)).text.includes(name))
    // Once more changes nothing, and nobody is told.
    await done(upload(person, made.secret, { newPassword: THIEF }))
    await setCurrent(person, own)
    assert.ok((await mailWith(person.email, /Another key/)).text.includes(grouped(masterOf(own).fingerprint)))
    await setCurrent(person, own)
    await post(person, 'changesecondary', { password: KEY_PASSWORD, email: 'x@example.com' })
    await mailWith(person.email, /would be mailed to was changed/)
    const told = (words: RegExp) =>
      house.inbox.received.filter(({ to, text }) => to.includes(person.email) && words.test(text)).length
    assert.deepEqual([told(/made elsewhere/), told(/Another key/)], [1, 2])
  })
})
