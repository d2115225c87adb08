import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { settled } from './links.ts'
import {
  asRoot,
  bearer,
  change,
  complete,
  denied,
  login,
  me,
  newPerson,
  newSubscriber,
  PASSWORD,
  type Person,
  refused,
  scanned,
  sibling,
  signedIn,
  subscriberLogin,
  withMethod,
  withSiblings,
} from './people.ts'

const STEP = 30_000
const MINUTE = 60_000

onEveryEngine('OpenWiFi: enrolment of an authenticator', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: { ...withSiblings, CHATELAINE_TOTP_ISSUER: 'Example House' } })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const at = (path = '/totp') => ({
    picture: (by: Person, query = '') => house.call('GET', `/api/v1${path}${query}`, { headers: bearer(by.token) }),
    prove: (by: Person, index: unknown, value: string) =>
      house.call('PUT', `/api/v1${path}?index=${index}&value=${value}`, { headers: bearer(by.token) }),
  })
  const { picture, prove } = at()

  const scan = (reply: Reply) => {
    assert.equal(reply.status, 200, reply.text)
    return scanned(house, reply.text)
  }
  const wrong = (code: string) => (code === '000000' ? '000001' : '000000')

  async function enrolled(someone: Person): Promise<() => string> {
    const { code } = scan(await picture(someone, '?reset=true'))
    assert.equal((await prove(someone, 1, code())).status, 200)
    house.clock.turn(STEP)
    assert.equal((await prove(someone, 2, code())).status, 200)
    return code
  }

  it('shows a picture that authenticators read', async () => {
    const someone = await newPerson(house, root)
    const reply = await picture(someone)
    assert.equal(reply.headers.get('content-type'), 'image/svg+xml')
    assert.equal(reply.headers.get('content-disposition'), 'attachment; filename=qrcode.svg')
    assert.equal(reply.headers.get('cache-control'), 'no-store')
    const uri = new URL(scan(reply).otpauth)
    assert.equal(uri.protocol, 'otpauth:')
    assert.equal(uri.host, 'totp')
    assert.equal(decodeURIComponent(uri.pathname), `/Example House:${someone.email}`)
    assert.equal(uri.searchParams.get('issuer'), 'Example House')
    assert.match(uri.searchParams.get('secret')!, /^[A-Z2-7]{32}$/)
  })

  it('goes on with the one it began, and begins anew when asked to', async () => {
    const someone = await newPerson(house, root)
    const first = scan(await picture(someone)).otpauth
    assert.equal(scan(await picture(someone)).otpauth, first)
    assert.equal(scan(await picture(someone, '?reset=False')).otpauth, first)
    const together = await Promise.all(Array.from({ length: 4 }, () => picture(someone)))
    assert.deepEqual([...new Set(together.map((reply) => scan(reply).otpauth))], [first])
    const anew = scan(await picture(someone, '?reset=true'))
    assert.notEqual(anew.otpauth, first)
    assert.equal(scan(await picture(someone)).otpauth, anew.otpauth)
    const other = await newPerson(house, root)
    const several = await Promise.all(Array.from({ length: 4 }, () => picture(other)))
    assert.equal(new Set(several.map((reply) => scan(reply).otpauth)).size, 1)
  })

  it('asks for two different codes, and PUT /user may use it then', async () => {
    const someone = await newPerson(house, root)
    const { code } = scan(await picture(someone, '?reset=true'))
    const first = await prove(someone, 1, code())
    assert.deepEqual([first.status, first.json], [200, { moreCodes: true, nextIndex: 2 }])
    refused(await change(house, someone, someone.id, withMethod('authenticator')), 400, 1055)
    refused(await prove(someone, 2, code()), 400, 1088)
    house.clock.turn(STEP)
    const second = await prove(someone, 2, code())
    assert.deepEqual([second.status, second.json], [200, { moreCodes: false, nextIndex: 2 }])
    const on = await change(house, someone, someone.id, withMethod('authenticator'))
    assert.deepEqual(on.json.userTypeProprietaryInfo, {
      authenticatorSecret: '',
      mfa: { enabled: true, method: 'authenticator' },
      mobiles: [],
    })
    assert.match((await house.inbox.next(someone.email)).text, /authenticator/i)
    const { uuid } = (await login(house, someone.email, PASSWORD)).json
    denied(await complete(house, uuid, code()), 12)
    house.clock.turn(STEP)
    assert.ok((await complete(house, uuid, code())).json.access_token)
  })

  it('takes codes of two neighbouring steps, in either order, and neither later', async () => {
    for (const [one, two] of [
      [0, STEP],
      [0, -STEP],
    ] as const) {
      const someone = await newPerson(house, root)
      const { code } = scan(await picture(someone))
      const shown = (offset: number) => {
        house.clock.turn(offset)
        const value = code()
        house.clock.turn(-offset)
        return value
      }
      assert.equal((await prove(someone, 1, shown(one))).status, 200)
      assert.equal((await prove(someone, 2, shown(two))).status, 200)
      await change(house, someone, someone.id, withMethod('authenticator'))
      const { uuid } = (await login(house, someone.email, PASSWORD)).json
      denied(await complete(house, uuid, shown(one)), 12)
      denied(await complete(house, uuid, shown(two)), 12)
    }
  })

  it('is still there after its quarter of an hour', async () => {
    const someone = await newPerson(house, root)
    await enrolled(someone)
    house.clock.turn(20 * MINUTE)
    assert.equal((await change(house, someone, someone.id, withMethod('authenticator'))).status, 200)
  })

  it('refuses in the words of the protocol', async () => {
    const someone = await newPerson(house, root)
    refused(await prove(someone, 1, '123456'), 400, 1090)
    const { code } = scan(await picture(someone))
    for (const index of [0, 3, '', 'x', '01']) refused(await prove(someone, index, code()), 400, 1087)
    refused(await house.call('PUT', '/api/v1/totp', { headers: bearer(someone.token) }), 400, 1087)
    refused(await prove(someone, 2, code()), 400, 1089)
    for (const value of [wrong(code()), '', 'abcdef', '12345', '1234567'])
      refused(await prove(someone, 1, value), 400, 1086)
    assert.equal((await prove(someone, 1, code())).status, 200)
    house.clock.turn(STEP)
    refused(await prove(someone, 1, code()), 400, 1089)
    assert.equal((await prove(someone, 2, code())).status, 200)
    refused(await prove(someone, 2, code()), 400, 1090)
  })

  it('ends after a quarter of an hour, which a look at the picture does not lengthen', async () => {
    const someone = await newPerson(house, root)
    const { otpauth, code } = scan(await picture(someone))
    house.clock.turn(14 * MINUTE)
    assert.equal(scan(await picture(someone)).otpauth, otpauth)
    assert.equal((await prove(someone, 1, code())).status, 200)
    house.clock.turn(MINUTE + 1000)
    refused(await prove(someone, 2, code()), 400, 1090)
    assert.notEqual(scan(await picture(someone)).otpauth, otpauth)
  })

  it('ends after ten tries', async () => {
    const someone = await newPerson(house, root)
    const { otpauth, code } = scan(await picture(someone))
    for (let n = 0; n < 10; n++) refused(await prove(someone, 1, wrong(code())), 400, 1086)
    refused(await prove(someone, 1, code()), 400, 1090)
    assert.notEqual(scan(await picture(someone)).otpauth, otpauth)
    await enrolled(someone)
  })

  it('lets one of several right answers at the same instant in', async () => {
    const someone = await newPerson(house, root)
    const { code } = scan(await picture(someone))
    const firsts = await Promise.all(Array.from({ length: 3 }, () => prove(someone, 1, code())))
    assert.deepEqual(firsts.map(({ status }) => status).toSorted(), [200, 400, 400])
    house.clock.turn(STEP)
    const seconds = await Promise.all(Array.from({ length: 3 }, () => prove(someone, 2, code())))
    assert.deepEqual(seconds.map(({ status }) => status).toSorted(), [200, 400, 400])
  })

  it('belongs to its session', async () => {
    const someone = await newPerson(house, root)
    const again = await signedIn(house, someone.email, PASSWORD)
    const { otpauth, code } = scan(await picture(someone))
    refused(await prove(again, 1, code()), 400, 1090)
    assert.notEqual(scan(await picture(again)).otpauth, otpauth)
    denied(await house.call('GET', '/api/v1/totp'), 8)
    denied(await house.callInternal('GET', '/api/v1/totp', { headers: sibling() }), 7)
    assert.equal((await prove(someone, 1, code())).status, 200)
  })

  it('makes the newest the one that is asked for', async () => {
    const someone = await newPerson(house, root)
    const old = await enrolled(someone)
    await change(house, someone, someone.id, withMethod('authenticator'))
    house.clock.turn(STEP)
    const challenge = async () => (await login(house, someone.email, PASSWORD)).json.uuid
    const fresh = await enrolled(someone)
    house.clock.turn(STEP)
    assert.ok((await complete(house, await challenge(), old())).json.access_token)
    await change(house, someone, someone.id, withMethod('authenticator'))
    house.clock.turn(STEP)
    const uuid = await challenge()
    denied(await complete(house, uuid, old()), 12)
    assert.ok((await complete(house, uuid, fresh())).json.access_token)
    await settled(house)
    const letters = house.inbox.received.length
    const same = await change(house, someone, someone.id, withMethod('authenticator'))
    assert.equal(same.status, 200)
    await settled(house)
    assert.equal(house.inbox.received.length, letters)
  })

  it('keeps no more than ten methods', async () => {
    const someone = await newPerson(house, root)
    for (let n = 0; n < 10; n++) {
      await enrolled(someone)
      house.clock.turn(STEP)
    }
    refused(await picture(someone), 400, 1018)
  })

  it('is for subscribers at their own door', async () => {
    const someone = await newSubscriber(house, root)
    const own = at('/subtotp')
    denied(await picture(someone), 8)
    denied(await own.picture(root), 8)
    const { code } = scan(await own.picture(someone))
    assert.equal((await own.prove(someone, 1, code())).status, 200)
    house.clock.turn(STEP)
    assert.equal((await own.prove(someone, 2, code())).status, 200)
    house.clock.turn(STEP)
    const headers = bearer(someone.token)
    const on = await house.call('PUT', '/api/v1/submfa', { json: { type: 'authenticator' }, headers })
    assert.equal(on.json.type, 'authenticator')
    const { uuid, method } = (await subscriberLogin(house, someone.email, PASSWORD)).json
    assert.equal(method, 'authenticator')
    denied(await complete(house, uuid, code()), 12)
    const query = '?completeMFAChallenge=true'
    const done = await house.call('POST', `/api/v1/suboauth2${query}`, { json: { uuid, answer: code() } })
    assert.ok(done.json.access_token, done.text)
  })

  it('shows its secret nowhere else', async () => {
    const someone = await newPerson(house, root)
    await enrolled(someone)
    await change(house, someone, someone.id, withMethod('authenticator'))
    assert.equal((await me(house, someone)).json.userTypeProprietaryInfo.authenticatorSecret, '')
  })
})
