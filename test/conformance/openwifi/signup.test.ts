import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { choose, DEAD, forgot, headingOf, linkTo, open, SAVED, settled } from './links.ts'
import {
  asRoot,
  bearer,
  denied,
  login,
  newPerson,
  newSubscriber,
  PASSWORD,
  type Person,
  refused,
  sibling,
  subscriberLogin,
  withSiblings,
} from './people.ts'

const HOUR = 3_600_000

onEveryEngine('OpenWiFi: signing up', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: withSiblings })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const query = (wanted: Record<string, string>) =>
    new URLSearchParams({ signupUUID: 'a-device', owner: 'an-operator', operatorName: 'Example Net', ...wanted })
  const signUp = (wanted: Record<string, string>) =>
    house.callInternal('POST', `/api/v1/signup?${query(wanted)}`, { headers: sibling() })

  it('is begun by a provisioning service and completed by the link (owprov)', async () => {
    const reply = await signUp({ email: 'New.Subscriber@example.org' })
    assert.equal(reply.status, 200, reply.text)
    const email = 'new.subscriber@example.org'
    const { id, ...record } = reply.json
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.deepEqual(
      {
        email: record.email,
        userRole: record.userRole,
        owner: record.owner,
        signingUp: record.signingUp,
        waitingForEmailCheck: record.waitingForEmailCheck,
        validated: record.validated,
        changePassword: record.changePassword,
      },
      {
        email,
        userRole: 'subscriber',
        owner: 'an-operator',
        signingUp: 'Example Net:a-device',
        waitingForEmailCheck: true,
        validated: false,
        changePassword: true,
      },
    )
    denied(await subscriberLogin(house, email, ''), 2)
    refused(await signUp({ email }), 400, 1092)
    const link = await linkTo(house, email)
    assert.equal(link.action, 'signup_verification')
    assert.match(link.mail.text, /works once, and for 1 hour/)
    const form = await open(house, link)
    assert.equal(headingOf(form), 'Complete your sign-up')
    assert.match(form.text, /action="actionLink\?action=signup_completion"/)
    const completion = { action: 'signup_completion', id: link.id }
    assert.equal(headingOf(await choose(house, completion, PASSWORD)), SAVED)
    const after = (await house.callInternal('GET', `/api/v1/subuser/${id}`, { headers: sibling() })).json
    assert.deepEqual(
      [after.validated, after.waitingForEmailCheck, after.changePassword, after.signingUp],
      [true, false, false, 'Example Net:a-device'],
    )
    assert.equal((await subscriberLogin(house, email, PASSWORD)).status, 200)
    denied(await login(house, email, PASSWORD), 2)
    refused(await signUp({ email }), 400, 1093)
    assert.equal(headingOf(await choose(house, completion, 'Another-Password-1')), DEAD)
  })

  it('is over after an hour, and found again by the forgotten password', async () => {
    const email = 'late@example.org'
    await signUp({ email })
    const link = await linkTo(house, email)
    house.clock.turn(HOUR)
    assert.equal(headingOf(await open(house, link)), DEAD)
    assert.equal(headingOf(await choose(house, { action: 'signup_completion', id: link.id }, PASSWORD)), DEAD)
    refused(await signUp({ email }), 400, 1092)
    await forgot(house, email, 'suboauth2')
    assert.equal(headingOf(await choose(house, await linkTo(house, email), PASSWORD)), SAVED)
    assert.equal((await subscriberLogin(house, email, PASSWORD)).status, 200)
  })

  it('needs everything that is asked for, and an address that is free', async () => {
    for (const name of ['email', 'signupUUID', 'owner', 'operatorName'])
      refused(await signUp({ email: 'free@example.org', [name]: '' }), 400, 1018)
    refused(await signUp({ email: 'no address' }), 400, 1040)
    refused(await signUp({ email: root.email }), 400, 1061)
    const subscriber = await newSubscriber(house, root)
    refused(await signUp({ email: subscriber.email }), 400, 1091)
    await settled(house)
    assert.ok(!house.inbox.received.some(({ to }) => to.includes('free@example.org')))
  })

  it('makes one subscriber of several requests at the same instant', async () => {
    const replies = await Promise.all([1, 2, 3].map(() => signUp({ email: 'twin@example.org' })))
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 400, 400])
    await settled(house)
    assert.equal(house.inbox.received.filter(({ to }) => to.includes('twin@example.org')).length, 1)
  })

  it('is for who may make subscribers, and has no other methods', async () => {
    const path = `/api/v1/signup?${query({ email: 'outside@example.org' })}`
    denied(await house.call('POST', path), 8)
    denied(await house.call('POST', path, { headers: sibling() }), 8)
    denied(await house.callInternal('POST', path), 8)
    denied(await house.call('POST', path, { headers: bearer((await newPerson(house, root)).token) }), 7)
    const taken = `/api/v1/signup?${query({ email: 'new.subscriber@example.org' })}`
    denied(await house.call('POST', taken, { headers: bearer((await newPerson(house, root)).token) }), 7)
    const admin = await newPerson(house, root, { role: 'admin' })
    assert.equal((await house.call('POST', path, { headers: bearer(admin.token) })).status, 200)
    for (const method of ['GET', 'PUT', 'DELETE'])
      refused(await house.callInternal(method, path, { headers: sibling() }), 400, 1004)
  })

  it('tells the provisioning service that began it, also one that comes later', async () => {
    const calls: { line: string; key: unknown; name: unknown }[] = []
    const provisioning = createServer((message, response) => {
      const { 'x-api-key': key, 'x-internal-name': name } = message.headers
      calls.push({ line: `${message.method} ${message.url}`, key, name })
      response.end('{}')
    })
    await new Promise<void>((resolve) => provisioning.listen(0, '127.0.0.1', resolve))
    try {
      const { status } = await signUp({ email: 'told@example.org', signupUUID: 'device-7' })
      assert.equal(status, 200)
      const link = await linkTo(house, 'told@example.org')
      await choose(house, link, PASSWORD)
      // Nobody is there to be told; the call waits.
      await new Promise((resolve) => setTimeout(resolve, 100))
      assert.equal(calls.length, 0)
      const { port } = provisioning.address() as { port: number }
      const uri = `http://127.0.0.1:${port}`
      const announced = await house.callInternal('POST', '/api/v1/systemServices', {
        headers: sibling(),
        json: { type: 'owprov', publicURI: uri, privateURI: uri, key: 'the-key-of-provisioning' },
      })
      assert.equal(announced.status, 200, announced.text)
      house.clock.turn(60_000)
      house.ctx.carriers.wake()
      for (let waited = 0; waited < 5000 && !calls.some(({ line }) => line.includes('device-7')); waited += 20)
        await new Promise((resolve) => setTimeout(resolve, 20))
      const told = calls.filter(({ line }) => line.includes('device-7'))
      assert.deepEqual(told, [
        {
          line: 'PUT /api/v1/signup?signupUUID=device-7&operation=emailVerified',
          key: 'the-key-of-provisioning',
          name: house.url,
        },
      ])
    } finally {
      provisioning.close()
    }
  })
})
