import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { sweepKeySessions, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { signOutEverywhere } from '#src/domain/sessions/sessions.ts'
import { firstJobsOver, type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { assertError, KEY_PASSWORD, newKeyOwner, newPerson, origin, type Person, signIn, tokenOf } from './person.ts'

onEveryEngine('the auth left with a session', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
    await firstJobsOver()
  })
  after(() => house.stop())

  const path = '/guard-json?action=auth-token'
  const store = (person: Person, body: Record<string, unknown>) =>
    person.call('POST', path, { json: { password: KEY_PASSWORD, ...body } })
  const look = async (person: Person) => (await person.call('GET', path)).json.data
  /** One operation with a key; true when it was let through. */
  const operate = async (person: Person): Promise<boolean> => {
    const signed = await person.signed()
    return unlockedSecrets(house.ctx, { signed, proof: 'stored', origin }).then(
      ({ all }) => all.length > 0,
      (error) => {
        if (isRefusal(error, 'key.password-missing')) return false
        throw error
      },
    )
  }

  it('is nothing at first', async () => {
    const person = await newKeyOwner(house, 'none@example.org')
    const reply = await person.call('GET', path)
    assert.equal(reply.text, '{"data":{}}')
    assert.equal(await operate(person), false)
  })

  it('is good for a single operation with -1, and when nothing is said', async () => {
    const person = await newKeyOwner(house, 'once@example.org')
    for (const body of [{ minutesValid: -1 }, {}]) {
      const { data } = (await store(person, body)).json
      assert.deepEqual(data.minutesValid, -1)
      assert.deepEqual(await look(person), data)
      assert.deepEqual(await look(person), data)
      assert.equal(await operate(person), true)
      assert.equal(await operate(person), false)
      assert.deepEqual(await look(person), {})
      const signed = await person.signed()
      await assert.rejects(unlockedSecrets(house.ctx, { signed, proof: { token: data.auth }, origin }))
    }
  })

  it('lets exactly one of many operations at the same instant use it up', async () => {
    const person = await newKeyOwner(house, 'parallel@example.org')
    await store(person, { minutesValid: -1 })
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => operate(person)))
    assert.equal(outcomes.filter(Boolean).length, 1)
  })

  it('stays until the session ends with 0', async () => {
    const person = await newKeyOwner(house, 'session@example.org')
    assert.equal((await store(person, { minutesValid: 0 })).json.data.minutesValid, 0)
    for (let times = 0; times < 3; times++) assert.equal(await operate(person), true)
    house.clock.turn(50 * 60_000)
    assert.equal(await operate(person), true)
    const elsewhere = await signIn(house, 'session@example.org')
    assert.deepEqual(await look(elsewhere), {})
    assert.equal(await operate(elsewhere), false)
    await person.call('GET', '/oxguard/login?action=logout')
    assert.deepEqual(await look(person), {})
    assert.equal(await operate(person), false)
  })

  it('stays for so many minutes', async () => {
    const person = await newKeyOwner(house, 'minutes@example.org')
    const { auth } = (await store(person, { minutesValid: 1 })).json.data
    house.clock.turn(59_000)
    assert.equal(await operate(person), true)
    house.clock.turn(2_000)
    assert.equal(await operate(person), false)
    assert.deepEqual(await look(person), {})
    const signed = await person.signed()
    await assert.rejects(unlockedSecrets(house.ctx, { signed, proof: { token: auth }, origin }))
    assert.ok((await sweepKeySessions(house.ctx)) >= 2)
  })

  it('takes a token of a login, and gives it back', async () => {
    const person = await newKeyOwner(house, 'put@example.org')
    const auth = await tokenOf(person)
    const put = await person.call('PUT', path, { json: { auth, minutesValid: 0 } })
    assert.deepEqual(put.json, { data: { auth, minutesValid: 0 } })
    const forged = await person.call('PUT', path, { json: { auth: `${auth.slice(0, -5)}AAAAA`, minutesValid: -1 } })
    assertError(forged, 'GUARD-0007', 'ERROR')
    assert.deepEqual(await look(person), { auth, minutesValid: 0 })
    assert.equal(await operate(person), true)
    assert.equal((await person.call('PUT', path, { json: { auth: '' } })).text, '{"data":{}}')
    assert.deepEqual(await look(person), {})
    await person.call('PUT', path, { json: { auth, minutesValid: -1 } })
    assert.deepEqual([await operate(person), await operate(person)], [true, false])
    // The client's own token was not made for one use, and lives on.
    const signed = await person.signed()
    assert.ok((await unlockedSecrets(house.ctx, { signed, proof: { token: auth }, origin })).current)
  })

  it('takes no token that is over, of another session or of another person, and keeps what is there', async () => {
    const person = await newKeyOwner(house, 'strict@example.org')
    const kept = (await store(person, { minutesValid: 0 })).json.data
    const brief = (await store(await signIn(house, 'strict@example.org'), { minutesValid: 1 })).json.data.auth
    const logged = await tokenOf(await signIn(house, 'strict@example.org'))
    const foreign = await tokenOf(await newKeyOwner(house, 'foreign@example.org'))
    const ended = await tokenOf(person)
    await house.ctx.db.deleteFrom('key_session').where('id', '=', ended.split('.')[1]!).execute()
    house.clock.turn(61_000)
    for (const auth of [brief, logged, foreign, ended, 'x', 'v1..', `v1.${'A'.repeat(22)}.${'A'.repeat(40)}`]) {
      const put = await person.call('PUT', path, { json: { auth, minutesValid: 5 } })
      assert.equal(put.status, 200)
      assertError(put, 'GUARD-0007', 'ERROR')
      assert.deepEqual(await look(person), kept)
    }
    for (const minutesValid of [-2, '-7', 0.5, '1e3x', true, [1]]) {
      const put = await person.call('PUT', path, { json: { auth: kept.auth, minutesValid } })
      assert.equal('error' in put.json, true)
      assert.deepEqual(await look(person), kept)
    }
    assert.equal(await operate(person), true)
  })

  it('outlives its key session nowhere: a token in hand and one left behind end together', async () => {
    const person = await newKeyOwner(house, 'limit@example.org')
    await store(person, { minutesValid: 0 })
    const { account } = await person.signed()
    await signOutEverywhere(house.ctx, { account, origin })
    const again = await signIn(house, 'limit@example.org')
    assert.deepEqual(await look(again), {})
    assert.equal(await operate(again), false)
    const left = await house.ctx.db
      .selectFrom('stored_auth')
      .innerJoin('session', 'session.id', 'stored_auth.session_id')
      .select('stored_auth.session_id')
      .where('session.account_id', '=', account.id)
      .execute()
    assert.deepEqual(left, [])
  })

  it('refuses other durations, wrong passwords and none', async () => {
    const person = await newKeyOwner(house, 'wrong@example.org')
    for (const minutesValid of [-2, 1.5, 'x']) assertError(await store(person, { minutesValid }), 'SVL-0010', 'ERROR')
    assertError(await store(person, { password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    assertError(await person.call('POST', path, { json: {} }), 'GRD-AUTH-0001', 'USER_INPUT')
    assert.deepEqual(await look(person), {})
    for (let tries = 0; tries < 4; tries++) await store(person, { password: 'wrong' })
    assertError(await store(person, {}), 'GRD-AUTH-0002', 'TRY_AGAIN')
    const nobody = await newPerson(house, 'keyless@example.org')
    assertError(await store(nobody, {}), 'GRD-KEY-0001', 'USER_INPUT')
  })

  it('is kept sealed', async () => {
    const person = await newKeyOwner(house, 'sealed@example.org')
    const { auth } = (await store(person, { minutesValid: 0 })).json.data
    const rows = await house.ctx.db.selectFrom('stored_auth').selectAll().execute()
    assert.ok(rows.length > 0)
    for (const row of rows) assert.equal(JSON.stringify(row).includes(auth), false)
  })
})
