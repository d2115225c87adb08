import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import {
  asRoot,
  bearer,
  change,
  denied,
  login,
  me,
  newPerson,
  newSubscriber,
  openSmsPeer,
  PASSWORD,
  type Person,
  refused,
  type SmsPeer,
  sibling,
  subscriberLogin,
  withSiblings,
} from './people.ts'

const letters = {
  R: 'root',
  P: 'partner',
  A: 'admin',
  Y: 'system',
  C: 'csr',
  I: 'installer',
  N: 'noc',
  B: 'accounting',
  S: 'subscriber',
} as const
type Letter = keyof typeof letters
const everyRole = Object.values(letters)

/**
 * Who may do what to others. `y` yes, `-` no; where the target's role counts, those it may be done to (letters above).
 * `read`, `list`: users; `sub`, `subs`: one subscriber, and the list of them. `reset`: taking away second factors.
 * `keys`, `face`: the API keys and the picture of somebody else. `token`: asking whose somebody's token is.
 */
const matrix = `
            read list sub subs create    modify    grant     delete    leave reset     keys face mail sms secret level token
root        y    y    y   y    RPAYCINBS RPAYCINBS RPAYCINBS RPAYCINBS -     RPAYCINBS y    y    y    y   y      y     y
partner     y    y    y   y    PAYCINBS  PAYCINBS  PAYCINBS  PAYCINBS  y     -         -    -    y    y   -      -     y
admin       y    y    y   y    AYCINBS   AYCINBS   AYCINBS   AYCINBS   y     AYCINBS   -    -    y    y   -      y     y
system      -    -    y   y    YCINBS    YCINBS    YCINBS    YCINBS    y     -         -    -    -    -   -      -     y
csr         -    -    y   y    C         -         -         -         y     -         -    -    -    -   -      -     -
installer   -    -    -   -    I         -         -         -         y     -         -    -    -    -   -      -     -
noc         -    -    y   y    N         -         -         N         y     -         -    -    -    -   -      -     -
accounting  -    -    -   -    B         -         -         B         y     -         -    -    -    -   -      -     -
subscriber  -    -    -   -    -         -         -         -         y     -         -    -    -    -   -      -     -
service     y    y    y   y    -         -         -         -         -     -         -    -    y    y   reads  -     y
`

type Column =
  | 'read'
  | 'list'
  | 'sub'
  | 'subs'
  | 'create'
  | 'modify'
  | 'grant'
  | 'delete'
  | 'leave'
  | 'reset'
  | 'keys'
  | 'face'
  | 'mail'
  | 'sms'
  | 'secret'
  | 'level'
  | 'token'
type Line = { caller: string } & Record<Column, string>

function linesOf(text: string): Line[] {
  const [head = '', ...rest] = text.trim().split('\n')
  const names = ['caller', ...head.trim().split(/\s+/)]
  return rest.map((line) => {
    const cells = line.trim().split(/\s+/)
    assert.equal(cells.length, names.length, line)
    return Object.fromEntries(names.map((name, at) => [name, cells[at]])) as Line
  })
}

const lines = linesOf(matrix)
const meant = (cell: string): string[] => (cell === '-' ? [] : [...cell].map((letter) => letters[letter as Letter]))

onEveryEngine('OpenWiFi roles', (engine) => {
  let house: House
  let root: Person
  let sms: SmsPeer
  before(async () => {
    sms = await openSmsPeer()
    house = await startHouse({
      engine,
      settings: { ...withSiblings, ...sms.settings, CHATELAINE_MESSAGES_PER_HOUR: '1000' },
    })
    root = await asRoot(house)
  })
  after(async () => {
    await house.stop()
    await sms.close()
  })

  /** Calls as somebody of a role, or as a sibling service, which has a listener of its own. */
  type As = (method: string, path: string, options?: CallOptions) => Promise<Reply>

  async function callerOf(caller: string): Promise<{ ask: As; self: Person | null }> {
    if (caller === 'service')
      return {
        self: null,
        ask: (method, path, options) =>
          house.callInternal(method, `/api/v1${path}`, { ...options, headers: { ...options?.headers, ...sibling() } }),
      }
    const self = await newPerson(house, root, { role: caller })
    return {
      self,
      ask: (method, path, options) =>
        house.call(method, `/api/v1${path}`, {
          ...options,
          headers: { ...options?.headers, ...bearer(self.token) },
        }),
    }
  }

  let made = 0
  /** Somebody of a role without a password, for others to do things to. */
  async function somebody(role: string, door = '/user'): Promise<string> {
    const email = `target-${++made}@example.org`
    const reply = await house.call('POST', `/api/v1${door}/0`, {
      json: { id: '0', email, userRole: role },
      headers: bearer(root.token),
    })
    assert.equal(reply.status, 200, reply.text)
    return reply.json.id
  }

  const record = async (id: string) =>
    (await house.call('GET', `/api/v1/user/${id}`, { headers: bearer(root.token) })).json

  function judged(reply: Reply, isAllowed: boolean, what: string): void {
    if (isAllowed) assert.equal(reply.status, 200, `${what}: ${reply.text}`)
    else assert.deepEqual([reply.status, reply.json.ErrorCode], [403, 7], `${what}: ${reply.text}`)
  }

  /** One role at a time: who of them may be the target of `act`. */
  async function reached(cell: string, act: (role: string) => Promise<Reply>): Promise<void> {
    const allowed = meant(cell)
    for (const role of everyRole) judged(await act(role), allowed.includes(role), role)
  }

  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )

  for (const line of lines) {
    const { caller } = line
    const isService = caller === 'service'

    it(`${caller} reads: ${line.read} ${line.list}, subscribers ${line.sub} ${line.subs}`, async () => {
      const { ask } = await callerOf(caller)
      const [user, subscriber] = [await somebody('noc'), await somebody('subscriber', '/subuser')]
      judged(await ask('GET', `/user/${user}`), line.read === 'y', 'read')
      judged(await ask('GET', '/users'), line.list === 'y', 'list')
      judged(await ask('GET', `/users?select=${user}`), line.list === 'y', 'list of one')
      judged(await ask('GET', '/users?idOnly=true'), line.list === 'y', 'list of ids')
      judged(await ask('GET', `/subuser/${subscriber}`), line.sub === 'y', 'one subscriber')
      judged(await ask('GET', '/subusers'), line.subs === 'y', 'subscribers')
      judged(await ask('GET', '/subusers?countOnly=true'), line.subs === 'y', 'count of subscribers')
      refused(await ask('GET', `/user/${subscriber}`), 404, 404)
      refused(await ask('GET', `/subuser/${user}`), 404, 404)
    })

    it(`${caller} creates: ${line.create}`, async () => {
      const { ask } = await callerOf(caller)
      const create = (role: string, door: string) =>
        ask('POST', `${door}/0`, { json: { id: '0', email: `by-${caller}-${++made}@example.org`, userRole: role } })
      await reached(line.create, (role) => create(role, '/user'))
      const maySubscribers = isService || line.create.includes('S')
      judged(await create('subscriber', '/subuser'), maySubscribers, 'a subscriber')
    })

    it(`${caller} modifies: ${line.modify}`, async () => {
      const { ask } = await callerOf(caller)
      await reached(line.modify, async (role) => {
        const id = await somebody(role)
        const before = await record(id)
        const body = {
          description: 'changed',
          currentPassword: 'Set-By-Other-1',
          suspended: true,
          notes: [{ note: 'n' }],
        }
        const reply = await ask('PUT', `/user/${id}`, { json: body })
        if (reply.status !== 200) assert.deepEqual(await record(id), before)
        return reply
      })
      const subscriber = await somebody('subscriber', '/subuser')
      const renamed = await ask('PUT', `/subuser/${subscriber}`, { json: { name: 'changed' } })
      judged(renamed, isService || line.modify.includes('S'), 'a subscriber')
    })

    it(`${caller} grants: ${line.grant}`, async () => {
      const { ask } = await callerOf(caller)
      await reached(line.grant, async (role) => {
        const id = await somebody(role === 'csr' ? 'noc' : 'csr')
        const reply = await ask('PUT', `/user/${id}`, { json: { userRole: role } })
        assert.equal((await record(id)).userRole === role, reply.status === 200)
        return reply
      })
    })

    it(`${caller} deletes: ${line.delete}, leaves: ${line.leave}`, async () => {
      const { ask, self } = await callerOf(caller)
      await reached(line.delete, async (role) => {
        const id = await somebody(role)
        const reply = await ask('DELETE', `/user/${id}`)
        assert.equal((await record(id)).id === id, reply.status !== 200)
        return reply
      })
      const subscriber = await somebody('subscriber', '/subuser')
      judged(await ask('DELETE', `/subuser/${subscriber}`), isService || line.delete.includes('S'), 'a subscriber')
      if (self) judged(await ask('DELETE', `/user/${self.id}`), line.leave === 'y', 'leave')
    })

    it(`${caller} resets factors: ${line.reset}`, async () => {
      const { ask, self } = await callerOf(caller)
      await reached(line.reset, async (role) => ask('PUT', `/user/${await somebody(role)}?resetMFA=true`, { json: {} }))
      if (self) judged(await ask('PUT', `/user/${self.id}?resetMFA=true`, { json: {} }), true, 'own')
    })

    it(`${caller} and others’ keys ${line.keys} and picture ${line.face}`, async () => {
      const { ask, self } = await callerOf(caller)
      const id = await somebody('csr')
      const json = { name: 'key1', expiresOn: Math.floor(house.clock.now() / 1000) + 1000 }
      if (isService) {
        refused(await ask('GET', `/apiKey/${id}`), 404, 404)
        refused(await ask('POST', `/apiKey/${id}`, { json }), 404, 404)
      } else {
        const key = await house.call('POST', `/api/v1/apiKey/${id}`, { json, headers: bearer(root.token) })
        const isAllowed = line.keys === 'y'
        judged(await ask('GET', `/apiKey/${id}`), isAllowed, 'see')
        judged(await ask('POST', `/apiKey/${id}`, { json: { ...json, name: 'key2' } }), isAllowed, 'make')
        judged(
          await ask('PUT', `/apiKey/${id}`, { json: { id: key.json.id, description: 'x' } }),
          isAllowed,
          'describe',
        )
        judged(await ask('DELETE', `/apiKey/${id}?keyUuid=${key.json.id}`), isAllowed, 'remove')
        judged(await ask('POST', `/apiKey/${self!.id}`, { json }), true, 'own')
      }
      const picture = { body: png, headers: { 'Content-Type': 'image/png' } }
      judged(await ask('POST', `/avatar/${id}`, picture), line.face === 'y', 'set a picture')
      await house.call('POST', `/api/v1/avatar/${id}`, { body: png, headers: bearer(root.token) })
      judged(await ask('DELETE', `/avatar/${id}`), line.face === 'y', 'remove a picture')
      if (!self) return
      judged(await ask('POST', `/avatar/${self.id}`, picture), true, 'own')
      assert.equal((await ask('GET', `/avatar/${self.id}`)).status, 200)
      assert.equal((await ask('GET', `/avatar/${root.id}`)).status, 404)
    })

    it(`${caller} writes: mail ${line.mail}, SMS ${line.sms}`, async () => {
      const { ask } = await callerOf(caller)
      const mail = { from: 'root@example.org', subject: 's', text: 't', recipients: ['else@example.org'] }
      judged(await ask('POST', '/email', { json: mail }), line.mail === 'y', 'mail')
      judged(await ask('POST', '/sms', { json: { to: '+41446681800', text: 't' } }), line.sms === 'y', 'sms')
    })

    it(`${caller} operates: secrets ${line.secret}, levels ${line.level}`, async () => {
      const { ask } = await callerOf(caller)
      await house.call('PUT', '/api/v1/systemSecret/a.key?value=b', { headers: bearer(root.token) })
      const [isReader, isKeeper] = [line.secret !== '-', line.secret === 'y']
      judged(await ask('GET', '/systemSecret/a.key'), isReader, 'read a secret')
      judged(await ask('GET', '/systemSecret/0?all=true'), isReader, 'read all secrets')
      judged(await ask('PUT', '/systemSecret/a.key?value=c'), isKeeper, 'set a secret')
      judged(await ask('DELETE', '/systemSecret/a.key'), isKeeper, 'remove a secret')
      const subsystems = [{ tag: 'none-such', value: 'debug' }]
      judged(
        await ask('POST', '/system', { json: { command: 'setloglevel', subsystems } }),
        line.level === 'y',
        'level',
      )
      judged(
        await ask('POST', '/system', { json: { command: 'reload', subsystems: [] } }),
        line.level === 'y',
        'reload',
      )
      judged(await ask('POST', '/system', { json: { command: 'getloglevels' } }), true, 'see the levels')
      judged(await ask('GET', '/system?command=resources'), true, 'resources')
    })

    it(`${caller} checks others’ tokens: ${line.token}`, async () => {
      const { ask, self } = await callerOf(caller)
      const [other, subscriber] = [await newPerson(house, root), await newSubscriber(house, root)]
      const json = { name: 'key1', expiresOn: Math.floor(house.clock.now() / 1000) + 1000 }
      const key = await house.call('POST', `/api/v1/apiKey/${other.id}`, { json, headers: bearer(other.token) })
      assert.equal(key.status, 200, key.text)
      judged(await ask('GET', `/validateToken?token=${other.token}`), line.token === 'y', 'a token')
      judged(await ask('GET', `/validateSubToken?token=${subscriber.token}`), line.token === 'y', 'a subscriber’s')
      judged(await ask('GET', `/validateApiKey?apikey=${key.json.apiKey}`), line.token === 'y', 'an API key')
      if (self) judged(await ask('GET', `/validateToken?token=${self.token}`), true, 'own')
    })

    if (!isService)
      it(`${caller} keeps himself, but not his role or standing`, async () => {
        const { ask, self } = await callerOf(caller)
        const path = `/user/${self!.id}`
        judged(await ask('GET', path), true, 'read')
        judged(await ask('GET', `/user/${self!.email}?byEmail=true`), true, 'read by address')
        judged(await ask('PUT', path, { json: { name: 'Me', userRole: caller, suspended: false } }), true, 'name')
        const elsewhere = caller === 'csr' ? 'noc' : 'csr'
        for (const wish of [{ userRole: elsewhere }, { suspended: true }, { blackListed: true }])
          judged(await ask('PUT', path, { json: wish }), false, JSON.stringify(wish))
        judged(await ask('PUT', path, { json: { currentPassword: 'Chosen-By-Me-1' } }), true, 'password')
        assert.equal((await login(house, self!.email, 'Chosen-By-Me-1')).status, 200)
      })
  }

  it('a subscriber reaches nothing of users with his own token', async () => {
    const { id, token } = await newSubscriber(house, root)
    const paths = ['/users', '/subusers', `/subuser/${id}`, '/preferences', '/systemSecret/0?all=true', `/apiKey/${id}`]
    for (const path of [...paths, '/oauth2?me=true', `/validateToken?token=${token}`])
      denied(await house.call('GET', `/api/v1${path}`, { headers: bearer(token) }), 8)
    for (const path of ['/submfa', '/subpreferences', '/suboauth2?me=true'])
      denied(await house.call('GET', `/api/v1${path}`, { headers: bearer(root.token) }), 8)
  })

  // What ends every session of somebody at once, and what he can do afterwards.
  const ends: [string, (id: string, door: string) => Promise<Reply>, number][] = [
    ['suspension', (id, door) => put(door, id, { suspended: true }), 15],
    ['black-listing', (id, door) => put(door, id, { blackListed: true }), 15],
    ['a password that somebody else set', (id, door) => put(door, id, { currentPassword: 'Set-By-Root-1' }), 2],
    ['deletion', (id, door) => house.call('DELETE', `/api/v1${door}/${id}`, { headers: bearer(root.token) }), 2],
  ]
  const put = (door: string, id: string, json: unknown) =>
    house.call('PUT', `/api/v1${door}/${id}`, { json, headers: bearer(root.token) })

  async function isOver(someone: Person, [door, validate]: readonly [string, string]): Promise<void> {
    const headers = bearer(someone.token)
    const own = await house.call('GET', `/api/v1${door}?me=true`, { headers })
    denied(own, 8)
    const check = `/api/v1${validate}?token=${someone.token}`
    refused(await house.callInternal('GET', check, { headers: sibling() }), 404, 404)
    const refresh = { json: { refreshToken: someone.refresh }, headers }
    denied(await house.call('POST', `/api/v1${door}?grant_type=refresh_token`, refresh), 14)
  }

  const userDoor = ['/oauth2', '/validateToken'] as const
  const subscriberDoor = ['/suboauth2', '/validateSubToken'] as const

  for (const [cause, bring, afterwards] of ends)
    it(`${cause} ends every session at once, with its refresh token`, async () => {
      const someone = await newPerson(house, root)
      const again = await login(house, someone.email, PASSWORD)
      const other = { ...someone, token: again.json.access_token, refresh: again.json.refresh_token }
      const subscriber = await newSubscriber(house, root)
      // Asked before, so that an answer that is kept would show.
      for (const { token } of [someone, other])
        assert.equal(
          (await house.callInternal('GET', `/api/v1/validateToken?token=${token}`, { headers: sibling() })).status,
          200,
        )
      assert.equal((await bring(someone.id, '/user')).status, 200)
      assert.equal((await bring(subscriber.id, '/subuser')).status, 200)
      for (const one of [someone, other]) await isOver(one, userDoor)
      await isOver(subscriber, subscriberDoor)
      denied(await login(house, someone.email, PASSWORD), afterwards)
      denied(await subscriberLogin(house, subscriber.email, PASSWORD), afterwards)
    })

  it('another role ends every session at once, and so does nothing that changes nothing', async () => {
    const someone = await newPerson(house, root)
    assert.equal((await change(house, root, someone.id, { userRole: 'CSR', suspended: false })).status, 200)
    assert.equal((await me(house, someone)).status, 200)
    assert.equal((await change(house, root, someone.id, { userRole: 'noc' })).status, 200)
    await isOver(someone, userDoor)
    assert.equal((await login(house, someone.email, PASSWORD)).status, 200)
  })

  it('a new password of one’s own ends all sessions but the one it was set in', async () => {
    const someone = await newPerson(house, root)
    const again = await login(house, someone.email, PASSWORD)
    const other = { ...someone, token: again.json.access_token, refresh: again.json.refresh_token }
    assert.equal((await change(house, someone, someone.id, { currentPassword: 'Chosen-By-Me-1' })).status, 200)
    await isOver(other, userDoor)
    assert.equal((await me(house, someone)).status, 200)
  })

  it('a new password at a sign-in ends the sessions there were', async () => {
    const someone = await newPerson(house, root)
    assert.equal((await login(house, someone.email, PASSWORD, { newPassword: 'Chosen-By-Me-1' })).status, 200)
    await isOver(someone, userDoor)
  })

  it('being let in again brings no old session back', async () => {
    const someone = await newPerson(house, root)
    await change(house, root, someone.id, { suspended: true })
    await change(house, root, someone.id, { suspended: false })
    await isOver(someone, userDoor)
    assert.equal((await login(house, someone.email, PASSWORD)).status, 200)
  })

  it('API keys fall with their owner, and have his role of the moment', async () => {
    const someone = await newPerson(house, root, { role: 'admin' })
    const json = { name: 'key1', expiresOn: Math.floor(house.clock.now() / 1000) + 1000 }
    const key = await house.call('POST', `/api/v1/apiKey/${someone.id}`, { json, headers: bearer(someone.token) })
    const withKey = (path: string) => house.call('GET', `/api/v1${path}`, { headers: { 'X-API-KEY': key.json.apiKey } })
    assert.equal((await withKey('/users')).status, 200)
    await change(house, root, someone.id, { userRole: 'csr' })
    denied(await withKey('/users'), 7)
    assert.equal((await withKey('/oauth2?me=true')).json.userRole, 'csr')
    await change(house, root, someone.id, { suspended: true })
    denied(await withKey('/oauth2?me=true'), 8)
    await change(house, root, someone.id, { suspended: false })
    assert.equal((await withKey('/oauth2?me=true')).status, 200)
    await house.call('DELETE', `/api/v1/user/${someone.id}`, { headers: bearer(root.token) })
    denied(await withKey('/oauth2?me=true'), 8)
  })
})
