import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, change, denied, login, me, newPerson, PASSWORD, type Person, refused } from './people.ts'

const MEMBERS = [
  'avatar',
  'blackListed',
  'changePassword',
  'creationDate',
  'currentLoginURI',
  'currentPassword',
  'description',
  'email',
  'id',
  'lastEmailCheck',
  'lastLogin',
  'lastPasswordChange',
  'lastPasswords',
  'locale',
  'location',
  'modified',
  'name',
  'notes',
  'oauthType',
  'oauthUserInfo',
  'owner',
  'securityPolicy',
  'securityPolicyChange',
  'signingUp',
  'suspended',
  'userRole',
  'userTypeProprietaryInfo',
  'validated',
  'validationDate',
  'validationEmail',
  'validationURI',
  'waitingForEmailCheck',
]

onEveryEngine('OpenWiFi: users', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const get = (path: string, by: Person = root) => house.call('GET', `/api/v1${path}`, { headers: bearer(by.token) })
  const post = (json: unknown, by: Person = root, path = '/user/0') =>
    house.call('POST', `/api/v1${path}`, { json, headers: bearer(by.token) })
  const remove = (id: string, by: Person = root) =>
    house.call('DELETE', `/api/v1/user/${id}`, { headers: bearer(by.token) })

  it('keeps the newest notes, as far as there is room for them', async () => {
    const { id } = await newPerson(house, root)
    const notes = async () => ((await get(`/user/${id}`)).json.notes as { note: string }[]).map(({ note }) => note)
    const write = async (note: string) => {
      house.clock.turn(1000)
      assert.equal((await change(house, root, id, { notes: [{ note }] })).status, 200)
    }
    const long = (n: number) => String(n).padEnd(4000, 'x')
    const longOnes = Array.from({ length: 8 }, (_, n) => long(n))
    for (const note of longOnes) await write(note)
    assert.deepEqual(await notes(), longOnes.slice(-4))
    await write('short')
    assert.deepEqual(await notes(), [...longOnes.slice(-4), 'short'])
    await write('y'.repeat(4000))
    assert.deepEqual(await notes(), [...longOnes.slice(-3), 'short', 'y'.repeat(4000)])
    const at = house.clock.now()
    // At one moment, and even where those that are there are said to be newer: the last one written stays.
    house.clock.turn(-500_000)
    await write('back in time')
    house.clock.turn(at - house.clock.now())
    assert.ok((await notes()).includes('back in time'))
    const many = Array.from({ length: 50 }, (_, n) => ({ note: `${n} `.padEnd(4000, 'z') }))
    house.clock.turn(1000)
    assert.equal((await change(house, root, id, { notes: many })).status, 200)
    const left = await notes()
    assert.ok(left.every((note) => note.endsWith('z')) && left.includes(many[49]!.note))
    assert.equal(left.length, 4)
    for (let n = 0; n < 60; n++) await write(`${n}`)
    assert.deepEqual(
      await notes(),
      Array.from({ length: 50 }, (_, n) => `${n + 10}`),
    )
    const wide = '😀'.repeat(2000)
    for (let n = 0; n < 12; n++) await write(wide)
    assert.equal((await notes()).at(-1), wide)
    const rows = await house.ctx.db.selectFrom('account_note').select('note').where('account_id', '=', id).execute()
    assert.ok(rows.reduce((sum, { note }) => sum + [...note].length, 0) <= 16_384)
    const other = await newPerson(house, root, { notes: [{ note: 'another’s' }] })
    await write('once more')
    assert.equal((await get(`/user/${other.id}`)).json.notes.length, 1)
  })

  it('makes, shows, changes and deletes a user (surface 8)', async () => {
    const now = Math.floor(house.clock.now() / 1000)
    const made = await post({
      id: '0',
      email: 'New.User@Example.org',
      name: 'New User',
      description: 'made by a test',
      currentPassword: 'OpenWifi%123',
      changePassword: true,
      userRole: 'CSR',
      notes: [{ note: 'hello', created: 5, createdBy: 'somebody else' }],
      emailValidation: true,
    })
    assert.equal(made.status, 200, made.text)
    const { id, ...record } = made.json
    assert.deepEqual(Object.keys(made.json), MEMBERS)
    assert.deepEqual(record, {
      avatar: '',
      blackListed: false,
      changePassword: true,
      creationDate: now,
      currentLoginURI: '',
      currentPassword: '',
      description: 'made by a test',
      email: 'new.user@example.org',
      lastEmailCheck: now,
      lastLogin: 0,
      lastPasswordChange: now,
      lastPasswords: [],
      locale: '',
      location: '',
      modified: now,
      name: 'New User',
      notes: [{ created: now, createdBy: root.email, note: 'hello' }],
      oauthType: '',
      oauthUserInfo: '',
      owner: '',
      securityPolicy: '',
      securityPolicyChange: 0,
      signingUp: '',
      suspended: false,
      userRole: 'csr',
      userTypeProprietaryInfo: { authenticatorSecret: '', mfa: { enabled: false, method: '' }, mobiles: [] },
      validated: true,
      validationDate: now,
      validationEmail: '',
      validationURI: '',
      waitingForEmailCheck: false,
    })
    assert.deepEqual((await get(`/user/${id}`)).json, made.json)
    assert.deepEqual((await get(`/user/${id.toUpperCase()}?withExtendedInfo=true`)).json, made.json)
    assert.deepEqual((await get('/user/New.User@example.org?byEmail=true')).json, made.json)
    const changed = await change(house, root, id, { name: 'Renamed' })
    assert.deepEqual([changed.status, changed.json.id, changed.json.name], [200, id, 'Renamed'])
    const gone = await remove(id)
    assert.deepEqual([gone.status, gone.text], [200, ''])
    refused(await get(`/user/${id}`), 404, 404)
    refused(await remove(id), 404, 404)
    refused(await change(house, root, id, { name: 'x' }), 404, 404)
  })

  it('turns down what cannot become a user', async () => {
    const good = { email: 'bad@example.org', userRole: 'csr', currentPassword: PASSWORD }
    refused(await post(good, root, '/user/1'), 400, 1038)
    refused(await post({ ...good, userRole: 'king' }), 400, 1039)
    refused(await post({ ...good, userRole: undefined }), 400, 1039)
    refused(await post({ ...good, email: 'no address' }), 400, 1040)
    refused(await post({ ...good, email: undefined }), 400, 1040)
    refused(await post({ ...good, currentPassword: 'simple' }), 400, 1047)
    refused(await post({ ...good, email: 'ROOT@example.org' }), 400, 1061)
    const empty = await house.call('POST', '/api/v1/user/0', {
      headers: { ...bearer(root.token), 'Content-Type': 'application/json' },
    })
    refused(empty, 400, 1003)
    refused(await get('/user/bad@example.org?byEmail=true'), 404, 404)
  })

  it('makes one user of two that come at the same instant', async () => {
    const json = { email: 'twin@example.org', userRole: 'csr', currentPassword: PASSWORD }
    const replies = await Promise.all([post(json), post(json), post(json)])
    assert.equal(replies.filter(({ status }) => status === 200).length, 1)
    for (const reply of replies) if (reply.status !== 200) refused(reply, 400, 1061)
  })

  it('makes users without a password, who cannot sign in', async () => {
    const made = await post({ email: 'nopassword@example.org', userRole: 'csr', currentPassword: '' })
    assert.equal(made.status, 200, made.text)
    assert.equal(made.json.name, 'nopassword@example.org')
    assert.equal(made.json.lastPasswordChange, 0)
    denied(await login(house, 'nopassword@example.org', ''), 2)
    await remove(made.json.id)
  })

  it('takes no word for what the server alone knows', async () => {
    const forged = {
      id: '11111111-1111-4111-8111-111111111111',
      validated: false,
      waitingForEmailCheck: true,
      creationDate: 1,
      lastLogin: 1,
      lastPasswordChange: 1,
      modified: 1,
      avatar: '7',
      oauthType: 'internal',
      securityPolicy: 'x',
      lastPasswords: ['x'],
      signingUp: 'x:y',
      owner: 'somebody',
    }
    const { id, ...made } = (
      await post({ ...forged, email: 'forged@example.org', userRole: 'csr', currentPassword: PASSWORD })
    ).json
    const untouched = (record: Record<string, unknown>) => {
      assert.deepEqual([record.validated, record.waitingForEmailCheck, record.lastLogin], [true, false, 0])
      assert.deepEqual([record.avatar, record.oauthType, record.securityPolicy], ['', '', ''])
      assert.equal(record.creationDate, Math.floor(house.clock.now() / 1000))
    }
    assert.notEqual(id, forged.id)
    assert.equal(made.owner, '')
    untouched(made)
    const changed = await change(house, root, id, { ...forged, email: 'other@example.org', owner: 'an-entity' })
    untouched(changed.json)
    assert.equal(changed.json.email, 'forged@example.org')
    assert.equal(changed.json.owner, 'an-entity')
    assert.equal((await change(house, root, id, { owner: 'another' })).json.owner, 'an-entity')
    await remove(id)
  })

  it('gives an owner by the query for root, and the caller’s own for everybody else', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    await change(house, root, admin.id, { owner: 'entity-1' })
    const json = (email: string) => ({ email, userRole: 'csr', currentPassword: PASSWORD, owner: 'body' })
    const byRoot = await post(json('o1@example.org'), root, '/user/0?entity=entity-9')
    const byAdmin = await post(json('o2@example.org'), admin, '/user/0?entity=entity-9')
    assert.deepEqual([byRoot.json.owner, byAdmin.json.owner], ['entity-9', 'entity-1'])
  })

  it('adds notes, and stamps them itself', async () => {
    const someone = await newPerson(house, root)
    await change(house, root, someone.id, { notes: [{ note: 'one', created: 0, createdBy: 'x' }] })
    house.clock.turn(1000)
    const { notes } = (await change(house, someone, someone.id, { notes: [{ note: 'two' }, { note: '' }] })).json
    const now = Math.floor(house.clock.now() / 1000)
    assert.deepEqual(notes, [
      { created: now - 1, createdBy: root.email, note: 'one' },
      { created: now, createdBy: someone.email, note: 'two' },
    ])
  })

  it('answers a change of oneself with one’s record, an unchanged role included (surface 10)', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const json = { id: admin.id, name: 'Me', description: 'mine', userRole: 'admin' }
    const reply = await change(house, admin, admin.id, json)
    assert.deepEqual([reply.status, reply.json.name, reply.json.description], [200, 'Me', 'mine'])
    assert.deepEqual((await me(house, admin)).json, reply.json)
    assert.equal((await change(house, root, root.id, { userRole: 'ROOT', name: '' })).json.name, '')
  })

  it('keeps people from raising themselves or reaching above', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const partner = await newPerson(house, root, { role: 'partner' })
    const csr = await newPerson(house, root)
    const other = await newPerson(house, root)
    denied(await change(house, root, root.id, { userRole: 'admin' }), 7)
    denied(await change(house, admin, admin.id, { userRole: 'root' }), 7)
    denied(await change(house, admin, csr.id, { userRole: 'root' }), 7)
    denied(await change(house, admin, csr.id, { userRole: 'partner' }), 7)
    denied(await change(house, partner, csr.id, { userRole: 'root' }), 7)
    denied(await change(house, admin, partner.id, { name: 'x' }), 7)
    denied(await change(house, admin, root.id, { name: 'x' }), 7)
    denied(await change(house, csr, other.id, { name: 'x' }), 7)
    denied(await change(house, csr, other.id, { currentPassword: PASSWORD }), 7)
    denied(await change(house, csr, csr.id, { suspended: true }), 7)
    refused(await change(house, root, csr.id, { userRole: 'king' }), 400, 1039)
    assert.equal((await change(house, admin, csr.id, { userRole: 'noc' })).json.userRole, 'noc')
    const wish = (role: string) => ({ email: `${role}@x.org`, userRole: role, currentPassword: PASSWORD })
    denied(await post(wish('root'), admin), 7)
    denied(await post(wish('partner'), admin), 7)
    denied(await post(wish('root'), partner), 7)
    denied(await post(wish('admin'), other), 7)
    denied(await remove(root.id), 7)
    denied(await remove(admin.id, other), 7)
    denied(await get(`/user/${admin.id}`, other), 7)
    assert.equal((await get(`/user/${other.id}`, other)).status, 200)
    assert.equal((await remove(other.id, other)).status, 200)
    denied(await me(house, other), 8)
  })

  it('sets passwords by the rule, by the history, and keeps the session of who changes his own', async () => {
    const someone = await newPerson(house, root)
    const elsewhere = await login(house, someone.email, PASSWORD)
    refused(await change(house, someone, someone.id, { currentPassword: '' }), 400, 1047)
    refused(await change(house, someone, someone.id, { currentPassword: 'simple' }), 400, 1047)
    refused(await change(house, someone, someone.id, { currentPassword: PASSWORD }), 400, 1041)
    house.clock.turn(1000)
    const reply = await change(house, someone, someone.id, { currentPassword: 'Other-Password-1' })
    assert.equal(reply.json.lastPasswordChange, Math.floor(house.clock.now() / 1000))
    assert.equal((await me(house, someone)).status, 200)
    denied(await me(house, { token: elsewhere.json.access_token }), 8)
    denied(await login(house, someone.email, PASSWORD), 2)
    assert.equal((await login(house, someone.email, 'Other-Password-1')).status, 200)
  })

  it('ends sessions and their renewal at once', async () => {
    const renewed = ({ token, refresh }: Person) =>
      house.call('POST', '/api/v1/oauth2?grant_type=refresh_token', {
        json: { refreshToken: refresh },
        headers: bearer(token),
      })
    const acts: Record<string, (person: Person) => Promise<unknown>> = {
      suspended: ({ id }) => change(house, root, id, { suspended: true }),
      blackListed: ({ id }) => change(house, root, id, { blackListed: 'true' }),
      role: ({ id }) => change(house, root, id, { userRole: 'noc' }),
      password: ({ id }) => change(house, root, id, { currentPassword: 'Other-Password-1' }),
      signInWithNewPassword: ({ email }) => login(house, email, PASSWORD, { newPassword: 'Other-Password-1' }),
      deleted: ({ id }) => remove(id),
    }
    for (const [name, act] of Object.entries(acts)) {
      const someone = await newPerson(house, root)
      const checked = await get(`/validateToken?token=${someone.token}`)
      assert.equal(checked.status, 200, name)
      await act(someone)
      denied(await me(house, someone), 8)
      denied(await renewed(someone), 14)
      refused(await get(`/validateToken?token=${someone.token}`), 404, 404)
    }
  })
})

onEveryEngine('OpenWiFi: the list of users', (engine) => {
  let house: House
  let root: Person
  const people: Person[] = []
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
    for (const name of ['Ann 100%', 'ann_b', 'Bob', 'x\\y']) {
      house.clock.turn(1000)
      people.push(await newPerson(house, root, { name }))
    }
  })
  after(() => house.stop())

  const list = async (query: string, by: Person = root) => {
    const reply = await house.call('GET', `/api/v1/users${query}`, { headers: bearer(by.token) })
    assert.equal(reply.status, 200, reply.text)
    return reply.json.users
  }
  const names = async (query: string) => (await list(query)).map(({ name }: { name: string }) => name)

  it('has everybody with id and email, oldest first, in pages (surface 9)', async () => {
    const all = await list('?offset=0&limit=500&withExtendedInfo=true')
    assert.deepEqual(
      all.map(({ id }: { id: string }) => id),
      [root.id, ...people.map(({ id }) => id)],
    )
    assert.deepEqual(Object.keys(all[1]), MEMBERS)
    assert.deepEqual(await names('?offset=1&limit=2'), ['Ann 100%', 'ann_b'])
    assert.deepEqual(await list('?limit=0'), [])
    assert.deepEqual(await list('?offset=50'), [])
    assert.equal((await list('?limit=many&offset=-1')).length, 5)
    assert.equal((await list('?limit=99999999999999999999')).length, 5)
    assert.deepEqual(await list('?offset=99999999999999999999'), [])
  })

  it('gives ids alone, or those that are named', async () => {
    const [ann, , bob] = people
    assert.deepEqual(await list('?idOnly=true&limit=2'), [root.id, ann?.id])
    assert.equal((await list('?idOnly=false'))[0].email, root.email)
    const chosen = await list(`?select=${bob?.id},no-such,${ann?.id},&idOnly=true&limit=0`)
    assert.deepEqual(
      chosen.map(({ name }: { name: string }) => name),
      ['Bob', 'Ann 100%'],
    )
  })

  it('searches for what was typed, wildcards of SQL included', async () => {
    assert.deepEqual(await names('?nameSearch=ANN'), ['Ann 100%', 'ann_b'])
    assert.deepEqual(await names('?nameSearch=%25'), ['Ann 100%'])
    assert.deepEqual(await names('?nameSearch=_'), ['ann_b'])
    assert.deepEqual(await names('?nameSearch=%5C'), ['x\\y'])
    assert.deepEqual(await names(`?nameSearch=${encodeURIComponent("' or 1=1 --")}`), [])
    assert.deepEqual(await names('?emailSearch=ROOT@'), ['First administrator'])
    assert.deepEqual(await names('?emailSearch=person-&nameSearch=bo'), ['Bob'])
  })

  it('is for root, partner and admin', async () => {
    for (const role of ['partner', 'admin']) {
      const caller = await newPerson(house, root, { role })
      assert.ok((await list('', caller)).length > 4)
    }
    for (const role of ['csr', 'subscriber', 'system', 'installer', 'noc', 'accounting']) {
      const caller = await newPerson(house, root, { role })
      denied(await house.call('GET', '/api/v1/users', { headers: bearer(caller.token) }), 7)
    }
    denied(await house.call('GET', '/api/v1/users'), 8)
  })
})
