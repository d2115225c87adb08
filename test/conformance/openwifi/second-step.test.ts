import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  asRoot,
  authenticatorOf,
  change,
  complete,
  denied,
  login,
  me,
  newPerson,
  PASSWORD,
  type Person,
  refused,
  signedIn,
  withMethod,
} from './people.ts'

onEveryEngine('OpenWiFi: the second step', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const resend = (uuid: unknown) => house.call('POST', '/api/v1/oauth2?resendMFACode=true', { json: { uuid } })

  /** Somebody with an authenticator that is asked for at sign-in. */
  async function guarded(more: Record<string, unknown> = {}): Promise<[Person, () => string]> {
    const someone = await newPerson(house, root, more)
    const code = await authenticatorOf(house, someone)
    const reply = await change(house, someone, someone.id, withMethod('authenticator'))
    assert.deepEqual(reply.json.userTypeProprietaryInfo.mfa, { enabled: true, method: 'authenticator' })
    return [someone, code]
  }

  async function challenged(someone: Person, more: Record<string, unknown> = {}): Promise<string> {
    const reply = await login(house, someone.email, someone.password, more)
    assert.equal(reply.status, 200, reply.text)
    assert.equal(reply.json.access_token, undefined)
    return reply.json.uuid
  }

  it('asks with the words that clients look for, and no token (surface 11)', async () => {
    const [someone, code] = await guarded()
    const reply = await login(house, someone.email, PASSWORD)
    const { uuid, ...rest } = reply.json
    const created = Math.floor(house.clock.now() / 1000)
    assert.deepEqual(rest, { created, method: 'authenticator', question: 'mfa challenge' })
    assert.match(uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    denied(await resend(uuid), 11)
    denied(await complete(house, uuid, '000000'), 12)
    const done = await complete(house, uuid, code())
    assert.equal(done.status, 200, done.text)
    assert.equal(done.json.errorCode, 0)
    assert.equal((await me(house, { token: done.json.access_token })).status, 200)
    denied(await complete(house, uuid, code()), 12)
  })

  it('takes no code of an authenticator twice', async () => {
    const [someone, code] = await guarded()
    assert.equal((await complete(house, await challenged(someone), code())).status, 200)
    const again = await challenged(someone)
    denied(await complete(house, again, code()), 12)
    house.clock.turn(30_000)
    assert.equal((await complete(house, again, code())).status, 200)
  })

  it('lets exactly one of several answers at the same instant in, and its token works', async () => {
    const [someone, code] = await guarded()
    const uuid = await challenged(someone)
    const replies = await Promise.all(Array.from({ length: 4 }, () => complete(house, uuid, code())))
    const [winner, ...more] = replies.filter(({ status }) => status === 200)
    assert.ok(winner && more.length === 0, replies.map(({ text }) => text).join())
    for (const reply of replies) if (reply !== winner) denied(reply, 12)
    assert.equal((await me(house, { token: winner.json.access_token })).status, 200)
  })

  it('is over after five wrong answers', async () => {
    const [someone, code] = await guarded()
    const uuid = await challenged(someone)
    for (let wrong = 0; wrong < 5; wrong++) denied(await complete(house, uuid, '000000'), 12)
    denied(await complete(house, uuid, code()), 12)
    assert.equal((await complete(house, await challenged(someone), code())).status, 200)
  })

  it('makes an account wait whose second step fails again and again, over many challenges', async () => {
    const [someone, code] = await guarded()
    for (let round = 0; round < 2; round++) {
      const uuid = await challenged(someone)
      for (let wrong = 0; wrong < 5; wrong++) denied(await complete(house, uuid, '000000'), 12)
    }
    const waiting = await complete(house, await challenged(someone), code())
    denied(waiting, 10)
    const seconds = Number(waiting.headers.get('retry-after'))
    assert.ok(seconds > 0)
    house.clock.turn(seconds * 1000)
    assert.equal((await complete(house, await challenged(someone), code())).status, 200)
  })

  it('ends with its time, and with the password that it stood on', async () => {
    const [someone, code] = await guarded()
    const late = await challenged(someone)
    house.clock.turn(601_000)
    denied(await complete(house, late, code()), 12)
    const uuid = await challenged(someone)
    assert.equal((await change(house, root, someone.id, { currentPassword: 'Other-Password-1' })).status, 200)
    denied(await complete(house, uuid, code()), 12)
  })

  it('ends when its owner is suspended in the middle', async () => {
    const [someone, code] = await guarded()
    const uuid = await challenged(someone)
    await change(house, root, someone.id, { suspended: true })
    denied(await complete(house, uuid, code()), 12)
  })

  it('refuses what names no challenge', async () => {
    for (const uuid of [undefined, '', 'no-such', '00000000-0000-4000-8000-000000000000']) {
      denied(await complete(house, uuid as string, '000000'), 12)
      denied(await resend(uuid), 11)
    }
    const [someone] = await guarded()
    denied(await complete(house, await challenged(someone), undefined), 12)
  })

  it('mails codes, a new one each time, and only the last one counts', async () => {
    const someone = await newPerson(house, root)
    const reply = await change(house, someone, someone.id, withMethod('email'))
    assert.deepEqual(reply.json.userTypeProprietaryInfo.mfa, { enabled: true, method: 'email' })
    const first = await login(house, someone.email, PASSWORD)
    assert.equal(first.json.method, 'email')
    const old = await house.inbox.code(someone.email)
    const sent = await resend(first.json.uuid)
    assert.deepEqual(sent.json, { Code: 0, Details: 'Command completed.', Operation: 'POST' })
    const code = await house.inbox.code(someone.email)
    if (old !== code) denied(await complete(house, first.json.uuid, old), 12)
    const done = await complete(house, first.json.uuid, code)
    assert.equal(done.status, 200, done.text)
    assert.equal((await me(house, { token: done.json.access_token })).status, 200)
    denied(await resend(first.json.uuid), 11)
  })

  it('takes a mailed code in its own challenge only', async () => {
    const someone = await newPerson(house, root)
    await change(house, someone, someone.id, withMethod('email'))
    const one = await challenged(someone)
    const code = await house.inbox.code(someone.email)
    const other = await challenged(someone)
    if ((await house.inbox.code(someone.email)) !== code) denied(await complete(house, other, code), 12)
    assert.equal((await complete(house, one, code)).status, 200)
  })

  it('mails no more than five codes an hour, and says when the next may go', async () => {
    const someone = await newPerson(house, root)
    await change(house, someone, someone.id, withMethod('email'))
    const uuid = await challenged(someone)
    for (let more = 1; more < 5; more++) assert.equal((await resend(uuid)).status, 200)
    const refusedResend = await resend(uuid)
    denied(refusedResend, 10)
    assert.ok(Number(refusedResend.headers.get('retry-after')) > 0)
    denied(await login(house, someone.email, PASSWORD), 10)
    house.clock.turn(3_601_000)
    assert.equal((await login(house, someone.email, PASSWORD)).status, 200)
  })

  it('sets a forced new password only once the second step is passed', async () => {
    const [someone, code] = await guarded()
    await change(house, root, someone.id, { changePassword: true })
    denied(await login(house, someone.email, PASSWORD), 1)
    const uuid = await challenged(someone, { newPassword: 'Other-Password-1' })
    denied(await login(house, someone.email, 'Other-Password-1'), 2)
    denied(await login(house, someone.email, PASSWORD), 1)
    denied(await complete(house, uuid, '000000'), 12)
    const done = await complete(house, uuid, code())
    assert.equal(done.status, 200, done.text)
    const own = await me(house, { token: done.json.access_token })
    assert.equal(own.json.changePassword, false)
    denied(await login(house, someone.email, PASSWORD), 2)
    assert.equal((await login(house, someone.email, 'Other-Password-1')).json.method, 'authenticator')
  })

  it('is switched by its owner, and off by those who may change him', async () => {
    const [someone] = await guarded({ role: 'csr' })
    const admin = await newPerson(house, root, { role: 'admin' })
    assert.equal((await change(house, admin, someone.id, withMethod('authenticator'))).status, 200)
    denied(await change(house, admin, someone.id, withMethod('email')), 7)
    const off = await change(house, admin, someone.id, { userTypeProprietaryInfo: { mfa: { enabled: false } } })
    assert.deepEqual(off.json.userTypeProprietaryInfo.mfa, { enabled: false, method: '' })
    assert.ok((await login(house, someone.email, PASSWORD)).json.access_token)
    const on = await change(house, someone, someone.id, withMethod('authenticator'))
    assert.equal(on.json.userTypeProprietaryInfo.mfa.enabled, true)
    const peer = await newPerson(house, root, { role: 'csr' })
    denied(await change(house, peer, someone.id, { userTypeProprietaryInfo: { mfa: { enabled: false } } }), 7)
  })

  it('is not switched to what was not proven', async () => {
    const someone = await newPerson(house, root)
    refused(await change(house, someone, someone.id, withMethod('authenticator')), 400, 1055)
    refused(await change(house, someone, someone.id, withMethod('pigeon')), 400, 1045)
    refused(await change(house, someone, someone.id, withMethod('sms')), 400, 1084)
    const none = { userTypeProprietaryInfo: { mfa: { enabled: true } } }
    refused(await change(house, someone, someone.id, none), 400, 1045)
    assert.ok((await login(house, someone.email, PASSWORD)).json.access_token)
  })

  it('changes nothing of a record whose second step cannot be switched', async () => {
    const someone = await newPerson(house, root)
    const json = { name: 'Changed', currentPassword: 'Other-Password-1', ...withMethod('authenticator') }
    refused(await change(house, someone, someone.id, json), 400, 1055)
    const own = await me(house, someone)
    assert.equal(own.status, 200)
    assert.notEqual(own.json.name, 'Changed')
    assert.equal((await login(house, someone.email, PASSWORD)).status, 200)
  })

  it('is reset by root, by admin below root, and by oneself', async () => {
    const reset = (by: Person, id: string) =>
      house.call('PUT', `/api/v1/user/${id}?resetMFA=true`, {
        json: {},
        headers: { Authorization: `Bearer ${by.token}` },
      })
    const admin = await newPerson(house, root, { role: 'admin' })
    const partner = await newPerson(house, root, { role: 'partner' })
    const [someone] = await guarded()
    denied(await reset(partner, someone.id), 7)
    denied(await reset(admin, root.id), 7)
    const done = await reset(admin, someone.id)
    assert.equal(done.status, 200, done.text)
    assert.equal(done.json.id, someone.id)
    assert.deepEqual(done.json.userTypeProprietaryInfo, {
      authenticatorSecret: '',
      mfa: { enabled: false, method: '' },
      mobiles: [],
    })
    assert.equal(done.json.notes.at(-1).note, `MFA Reset by ${admin.email}`)
    assert.equal(done.json.notes.at(-1).createdBy, admin.email)
    denied(await me(house, someone), 8)
    const again = await signedIn(house, someone.email, someone.password)
    refused(await change(house, again, again.id, withMethod('authenticator')), 400, 1055)
    const [other] = await guarded()
    assert.equal((await reset(other, other.id)).status, 200)
    refused(await reset(root, 'no-such-id'), 404, 404)
  })
})

onEveryEngine('OpenWiFi: the second step without carriers', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('does not let in whose code cannot be sent', async () => {
    const root = await asRoot(house)
    const someone = await newPerson(house, root)
    await change(house, someone, someone.id, withMethod('email'))
    const { carriers } = house.ctx as { carriers: { mailer: unknown } }
    const { mailer } = carriers
    carriers.mailer = null
    denied(await login(house, someone.email, PASSWORD), 12)
    refused(await change(house, root, root.id, withMethod('email')), 400, 1085)
    carriers.mailer = mailer
    assert.equal((await login(house, someone.email, PASSWORD)).json.method, 'email')
  })
})
