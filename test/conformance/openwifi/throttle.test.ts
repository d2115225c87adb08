import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, denied, login, newPerson, PASSWORD, type Person } from './people.ts'

onEveryEngine('OpenWiFi: guessing and flooding', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  it('does not lock the root account for a few wrong logins (surface 21)', async () => {
    for (let run = 0; run < 30; run++) {
      denied(await login(house, house.rootEmail, 'openwifi'), 2)
      assert.equal((await login(house, house.rootEmail, root.password)).status, 200)
      house.clock.turn(5000)
    }
    for (let wrong = 0; wrong < 4; wrong++) denied(await login(house, house.rootEmail, 'Wrong-1-wrong'), 2)
    assert.equal((await login(house, house.rootEmail, root.password)).status, 200)
  })

  it('makes whoever guesses wait, says how long, and then lets the right password in', async () => {
    const someone = await newPerson(house, root)
    for (let wrong = 0; wrong < 5; wrong++) denied(await login(house, someone.email, 'Wrong-1-wrong'), 2)
    const waiting = await login(house, someone.email, PASSWORD)
    denied(waiting, 10)
    const seconds = Number(waiting.headers.get('retry-after'))
    assert.ok(seconds > 0 && seconds <= 60, String(seconds))
    house.clock.turn(seconds * 1000)
    assert.equal((await login(house, someone.email, PASSWORD)).status, 200)
  })

  it('delays unknown accounts as it delays known ones', async () => {
    for (let wrong = 0; wrong < 5; wrong++) denied(await login(house, 'ghost@example.org', 'Wrong-1-wrong'), 2)
    denied(await login(house, 'ghost@example.org', 'Wrong-1-wrong'), 10)
  })

  it('bounds the guesses that come all at once', async () => {
    const someone = await newPerson(house, root)
    const replies = await Promise.all(Array.from({ length: 60 }, () => login(house, someone.email, 'Wrong-1-wrong')))
    const judged = replies.filter(({ json }) => json.ErrorCode === 2).length
    // Twenty may be in the air, and up to the fifth failure each makes room for one more.
    assert.ok(judged < 25, `${judged} were judged`)
    denied(await login(house, someone.email, PASSWORD), 10)
  })
})

onEveryEngine('OpenWiFi: calls per second', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_SIGN_IN_RATE: '10' } })
  })
  after(() => house.stop())

  it('takes ten calls of a path in a second from one client', async () => {
    const ask = () => house.call('POST', '/api/v1/oauth2?requirements=true', { json: {} })
    for (let call = 0; call < 10; call++) assert.equal((await ask()).status, 200)
    const eleventh = await ask()
    denied(eleventh, 10)
    assert.equal(eleventh.headers.get('retry-after'), '1')
    denied(await house.call('GET', '/api/v1/oauth2?me=true'), 10)
    const other = await house.call('DELETE', '/api/v1/oauth2/some', { headers: bearer('some') })
    assert.equal(other.status, 204)
    house.clock.turn(1000)
    assert.equal((await ask()).status, 200)
    for (let call = 1; call < 10; call++) await house.call('DELETE', '/api/v1/oauth2/x', { headers: bearer('x') })
    assert.equal((await house.call('DELETE', '/api/v1/oauth2/x', { headers: bearer('x') })).status, 204)
    denied(await house.call('DELETE', '/api/v1/oauth2/x', { headers: bearer('x') }), 10)
  })
})
