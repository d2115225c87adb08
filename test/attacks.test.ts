import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '../src/testing.ts'
import { addAuthenticator, METHODS, makeAccount, signIn } from './conformance/mailbox/client.ts'
import { asRoot, bearer, change, login, newPerson, type Person } from './conformance/openwifi/people.ts'

/** A request whose body is held back until it is let go; resolves with the status of its answer. */
function heldRequest(
  house: House,
  { method, path, headers, json }: { method: string; path: string; headers: Record<string, string>; json: unknown },
) {
  const { hostname, port } = new URL(house.url)
  const body = JSON.stringify(json)
  const lines = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const socket = connect(Number(port), hostname)
  const answer = new Promise<number>((resolve, reject) => {
    socket.once('data', (data) => {
      resolve(Number(data.toString().slice(9, 12)))
      socket.destroy()
    })
    socket.once('error', reject)
  })
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: x\r\n${lines}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  )
  return {
    async letGo(): Promise<number> {
      socket.write(body)
      return answer
    },
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 50))

onEveryEngine('attacks that were tried', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  it('a request held back until its sender is shut out does nothing', async () => {
    const partner = await newPerson(house, root, { role: 'partner' })
    const held = heldRequest(house, {
      method: 'POST',
      path: '/api/v1/user/0',
      headers: bearer(partner.token),
      json: { email: 'backdoor@example.org', userRole: 'partner', currentPassword: 'Back-Door-1' },
    })
    await settle()
    await house.call('DELETE', `/api/v1/user/${partner.id}`, { headers: bearer(root.token) })
    assert.equal(await held.letGo(), 403)
    const found = await house.call('GET', '/api/v1/user/backdoor@example.org?byEmail=true', {
      headers: bearer(root.token),
    })
    assert.equal(found.status, 404)
  })

  it('a stolen token held in a request does not survive a change of the password', async () => {
    const owner = await newPerson(house, root)
    const held = heldRequest(house, {
      method: 'PUT',
      path: `/api/v1/user/${owner.id}`,
      headers: bearer(owner.token),
      json: { currentPassword: 'Thiefs-Password-1' },
    })
    await settle()
    await change(house, root, owner.id, { currentPassword: 'Owners-New-Password-1' })
    assert.equal(await held.letGo(), 403)
    assert.equal((await login(house, owner.email, 'Owners-New-Password-1')).status, 200)
    assert.equal((await login(house, owner.email, 'Thiefs-Password-1')).status, 403)
  })

  it('the answer that a password was used before is no way to guess it', async () => {
    const owner = await newPerson(house, root)
    const guess = (currentPassword: string) =>
      house.call('PUT', `/api/v1/user/${owner.id}`, {
        json: { currentPassword, userTypeProprietaryInfo: { mfa: { enabled: true, method: 'no such' } } },
        headers: bearer(owner.token),
      })
    const answers = []
    for (let n = 0; n < 12; n++) answers.push((await guess(`Wrong-Guess-${n}a`)).json.ErrorCode)
    assert.equal(answers.at(-1), 10)
    const foreign = await house.call('PUT', `/api/v1/user/${root.id}`, {
      json: { currentPassword: 'Wrong-Guess-1a' },
      headers: bearer((await newPerson(house, root)).token),
    })
    assert.equal(foreign.json.ErrorCode, 7)
  })

  it('nobody lifts the demand for a new password that was made of himself', async () => {
    const someone = await newPerson(house, root)
    await change(house, root, someone.id, { changePassword: true })
    const { json } = await change(house, someone, someone.id, { changePassword: false })
    assert.equal(json.changePassword, true)
  })

  it('nobody has codes sent to one stranger after the other', async () => {
    const { secure } = await signIn(house, (await makeAccount(house)).email)
    const statuses = []
    for (let n = 0; n < 21; n++) {
      const json = { method: 'email', target: `stranger-${engine}-${n}@elsewhere.example` }
      const { id } = (await secure('POST', METHODS, { json })).json
      statuses.push((await secure('POST', `${METHODS}/${id}/sendtoken`)).status)
      await secure('DELETE', `${METHODS}/${id}`)
    }
    assert.deepEqual(statuses, [...Array(20).fill(200), 429])
  })

  it('notes do not grow without end', async () => {
    const someone = await newPerson(house, root)
    for (let n = 0; n < 3; n++) {
      const notes = Array.from({ length: 40 }, (_, i) => ({ note: `note ${n}-${i}` }))
      house.clock.turn(1000)
      assert.equal((await change(house, someone, someone.id, { notes })).status, 200)
    }
    const { json } = await house.call('GET', '/api/v1/oauth2?me=true', { headers: bearer(someone.token) })
    assert.equal(json.notes.length, 50)
    assert.equal(json.notes.at(-1).note.split('-')[0], 'note 2')
  })
})

onEveryEngine('attacks where the second step is mandatory', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory' } })
  })
  after(() => house.stop())

  it('who has only the password cannot take over a set-up that its owner has finished', async () => {
    const { email } = await makeAccount(house)
    const thief = await signIn(house, email)
    const stolen = await addAuthenticator(house, thief.call)
    const held = heldRequest(house, {
      method: 'POST',
      path: '/api/v1/account/security/2fa',
      headers: { Cookie: thief.cookie, 'X-Axigen-Session': thief.sessid },
      json: { methodId: stolen.id, totpToken: stolen.next() },
    })
    await settle()
    const owner = await signIn(house, email)
    const own = await addAuthenticator(house, owner.call)
    const json = { methodId: own.id, totpToken: own.next() }
    assert.equal((await owner.call('POST', '/account/security/2fa', { json })).status, 200)
    assert.equal(await held.letGo(), 401)
  })

  it('the first administrator can change the password, and then set up in the mailbox', async () => {
    const password = 'Second-Password-2'
    const changed = await login(house, house.rootEmail, house.rootPassword, { newPassword: password })
    assert.equal(changed.status, 403)
    const json = { username: house.rootEmail, password }
    const setup = await house.call('POST', '/api/v1/login/cookie', { json })
    assert.deepEqual([setup.status, setup.headers.get('x-axigen-2fa')], [200, 'mandatory'])
  })
})
