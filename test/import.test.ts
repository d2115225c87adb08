import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Secret, TOTP } from 'otpauth'
import { openForeign, openLedger } from '#src/db/foreign.ts'
import { importOpenWifi } from '#src/import/openwifi.ts'
import type { Progress } from '#src/import/progress.ts'
import { readSource } from '#src/import/source.ts'
import type { Tally } from '#src/import/tally.ts'
import { freshPostgres, type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, complete, denied, login, me } from './conformance/openwifi/people.ts'
import {
  CREATED,
  type ForeignHouse,
  foreignHouse,
  idOf,
  newForm,
  oldForm,
  personRow,
  stepInfo,
} from './import-source.ts'

const PASSWORD = 'Their-Password-1'
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
const SECRET = 'k3}Xz#Qm7!pL^w9&aB~d'
const API_KEY = createHash('sha256').update('a key of theirs').digest('hex')
const DEFAULT_USER = '11111111-0000-0000-6666-999999999999'
const quiet: Progress = { at() {}, clear() {} }

interface Ran {
  tally: Tally
  lines: string[]
}

async function runImport(house: House, from: ForeignHouse, isDry = false, progress = quiet): Promise<Ran> {
  const foreign = await openForeign(from.source)
  const ledger = isDry ? openLedger() : null
  const lines: string[] = []
  try {
    const source = await readSource(foreign)
    const say = (line: string) => lines.push(line)
    return { tally: await importOpenWifi({ ctx: house.ctx, source, ledger, say, progress }), lines }
  } finally {
    ledger?.close()
    await foreign.close()
  }
}

const stored = async (house: House, id: string) =>
  house.ctx.db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()

/** Every row of everything that an import could touch. */
async function everything(house: House): Promise<string> {
  const { db } = house.ctx
  const tables = [
    'account',
    'address',
    'account_note',
    'old_password',
    'factor',
    'avatar',
    'preference',
    'api_key',
    'audit',
    'message',
  ] as const
  const rows = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()))
  return JSON.stringify(rows.map((some) => some.map((row) => JSON.stringify(row)).sort()))
}

const root = fileURLToPath(new URL('..', import.meta.url))

const chatelaine = (
  args: string[],
  settings: Record<string, string>,
): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const env = {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      CHATELAINE_PASSWORD_MEMORY: '64',
      CHATELAINE_PASSWORD_PASSES: '1',
      ...settings,
    }
    execFile(join(root, 'bin', 'chatelaine'), args, { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })

onEveryEngine('taking over an OpenWiFi security service', (engine) => {
  let house: House
  let from: ForeignHouse
  let first: Ran
  before(async () => {
    house = await startHouse({
      engine,
      settings: { CHATELAINE_SMS_PRESET: 'generic', CHATELAINE_SMS_URL: 'http://127.0.0.1:9/' },
    })
    from = await foreignHouse(engine)
    const user = (n: number, email: string, more = {}) => from.insert('Users', personRow(idOf(n), email, more))
    await from.insert(
      'Users',
      personRow(DEFAULT_USER, 'tip@ucentral.com', {
        userrole: 'root',
        changepassword: true,
        currentpassword: oldForm('openwifi', 'tip@ucentral.com'),
        lastpasswords: JSON.stringify([oldForm('openwifi', 'tip@ucentral.com')]),
      }),
    )
    await user(1, 'salted@example.org', {
      userrole: 'admin',
      currentpassword: newForm(PASSWORD, 'salted@example.org'),
      lastpasswords: JSON.stringify([
        newForm('Former-Password-1', 'salted@example.org'),
        newForm(PASSWORD, 'salted@example.org'),
      ]),
      notes: JSON.stringify([
        { created: CREATED, createdBy: 'tip@ucentral.com', note: 'first' },
        { created: CREATED, createdBy: 'tip@ucentral.com', note: 'second' },
      ]),
      owner: 'operator-1',
      avatar: String(CREATED + 6),
    })
    await from.insert('Avatars2', { id: idOf(1), type: 'image/png', created: CREATED + 6, name: 'me', avatar: PICTURE })
    await from.insert('Preferences', { id: idOf(1), modified: CREATED + 7, data: '[["theme","dark"],["limit","7"]]' })
    await from.insert('ApiKeys', {
      id: idOf(501),
      useruuid: idOf(1),
      name: 'deploy',
      description: 'for deployment',
      apikey: API_KEY,
      salt: '1700000000',
      created: CREATED,
      expireson: 1_900_000_000,
      rights: '[{"access":"READ","service":"owgw"}]',
      lastuse: 0,
    })
    await user(2, 'unsalted@example.org', { currentpassword: oldForm(PASSWORD, 'unsalted@example.org') })
    await user(3, 'app@example.org', {
      currentpassword: newForm(PASSWORD, 'app@example.org'),
      usertypeproprietaryinfo: stepInfo('authenticator', { authenticatorSecret: SECRET }),
    })
    await user(4, 'mail@example.org', {
      currentpassword: newForm(PASSWORD, 'mail@example.org'),
      usertypeproprietaryinfo: stepInfo('email'),
    })
    await user(5, 'sms@example.org', {
      currentpassword: newForm(PASSWORD, 'sms@example.org'),
      usertypeproprietaryinfo: stepInfo('sms', {
        mobiles: [{ number: '+14155550123', primary: true, verified: true }],
      }),
    })
    await user(6, 'suspended@example.org', {
      suspended: true,
      currentpassword: newForm(PASSWORD, 'suspended@example.org'),
    })
    await user(7, 'waiting@example.org', {
      waitingforemailcheck: true,
      validated: false,
      validationdate: 0,
      lastemailcheck: 0,
    })
    await from.insert(
      'Subscribers',
      personRow(idOf(101), 'subscriber@example.org', {
        userrole: 'subscriber',
        currentpassword: newForm(PASSWORD, 'subscriber@example.org'),
        signingup: 'operator:42',
      }),
    )
    // What cannot be taken, or not whole.
    await user(11, 'no address')
    await user(12, 'role@example.org', { userrole: 'emperor' })
    await user(13, 'salted@example.org')
    await user(14, 'json@example.org', { notes: '[{"note":' })
    await user(15, house.rootEmail, { userrole: 'root', currentpassword: newForm(PASSWORD, house.rootEmail) })
    await user(16, 'halved@example.org', {
      usertypeproprietaryinfo: stepInfo('authenticator'),
      currentpassword: 'md5:abc',
    })
    await from.insert('Avatars2', {
      id: idOf(16),
      type: 'image/png',
      created: CREATED,
      name: 'x',
      avatar: Buffer.from('no picture'),
    })
    await from.insert('Preferences', { id: idOf(16), modified: CREATED, data: '{' })
    await from.insert('Avatars2', { id: idOf(999), type: 'image/png', created: CREATED, name: 'x', avatar: PICTURE })
    await from.insert('Subscribers', personRow(idOf(102), 'salted@example.org', { userrole: 'subscriber' }))
    await from.insert('Subscribers', personRow(idOf(103), 'staff@example.org', { userrole: 'root' }))
    await from.insert('Tokens', { token: 'a token', refreshtoken: 'r', username: idOf(1) })
  })
  after(async () => {
    await house.stop()
    await from.drop()
  })

  it('writes nothing in a dry run, and tells the same', async () => {
    const before = await everything(house)
    const dry = await runImport(house, from, true)
    assert.equal(await everything(house), before)
    first = await runImport(house, from)
    assert.deepEqual(dry.tally, first.tally)
    assert.deepEqual(dry.lines.sort(), [...first.lines].sort())
  })

  it('counts what it took', () => {
    assert.deepEqual(first.tally, {
      people: {
        user: { found: 14, taken: 9, here: 1, left: 4 },
        subscriber: { found: 3, taken: 1, here: 0, left: 2 },
      },
      parts: {
        avatars: { taken: 1, left: 1 },
        preferences: { taken: 1, left: 1 },
        'API keys': { taken: 1, left: 0 },
        'second steps': { taken: 3, left: 0 },
      },
      incomplete: 1,
    })
  })

  it('names each row that it left out, with the reason and nothing of what stood in it', () => {
    const told = (n: number): string[] =>
      first.lines.filter((line) => line.includes(`(${idOf(n)})`)).map((line) => line.slice(line.indexOf('): ') + 3))
    assert.deepEqual(told(11), ['left out: its address is not one'])
    assert.deepEqual(told(12), ['left out: its role is unknown'])
    assert.deepEqual(told(13), [`left out: its address is that of another row, ${idOf(1)}`])
    assert.deepEqual(told(14), ['left out: its notes are broken JSON'])
    assert.match(told(15)[0]!, /^already here under the id/)
    assert.deepEqual(told(16), [
      'left out of its avatars: it is no picture that may be kept here',
      'left out of its preferences: its preferences are broken JSON',
      'taken over, but for this: its password, whose form is unknown: a new one must be set',
      'taken over, but for this: its second step, which is OFF here: there is no authenticator secret',
    ])
    assert.deepEqual(told(102), [`left out: its address is that of another row, ${idOf(1)}`])
    assert.deepEqual(told(103), ['left out: its role is not a subscriber’s'])
    assert.ok(first.lines.includes('stays behind, because it belongs to nobody there: avatars (1)'))
    assert.ok(first.lines.includes('not carried over: tokens (1)'))
    assert.doesNotMatch(first.lines.join('\n'), /emperor|[0-9a-f]{64}|k3}Xz/)
  })

  it('keeps nothing weak at rest', async () => {
    const everywhere = await everything(house)
    const hashes = [oldForm(PASSWORD, 'unsalted@example.org'), newForm(PASSWORD, 'salted@example.org').split('|')[1]!]
    for (const weak of [...hashes, API_KEY, SECRET]) assert.ok(!everywhere.includes(weak))
    assert.match((await stored(house, idOf(1)))!.password!, /^sha256:[\w-]*:[\w-]*:\$argon2id\$/)
  })

  it('lets people in with their old password, once wrapped and from then on plain', async () => {
    for (const [n, email] of [
      [1, 'salted@example.org'],
      [2, 'unsalted@example.org'],
    ] as const) {
      const before = (await stored(house, idOf(n)))!
      denied(await login(house, email, 'Wrong-Password-1'), 2)
      denied(await login(house, email, before.password!), 2)
      denied(await login(house, email, before.password!.split(':')[3]!), 2)
      assert.equal((await stored(house, idOf(n)))!.password, before.password)
      const signed = await login(house, email, PASSWORD)
      assert.equal(signed.status, 200, signed.text)
      const now = (await stored(house, idOf(n)))!
      assert.match(now.password!, /^\$argon2id\$/)
      assert.deepEqual({ ...now, password: null, last_sign_in: 0 }, { ...before, password: null, last_sign_in: 0 })
      const former = await house.ctx.db
        .selectFrom('old_password')
        .select('password')
        .where('account_id', '=', idOf(n))
        .execute()
      assert.deepEqual(
        former.map(({ password }) => password),
        [now.password],
      )
      assert.equal((await me(house, { token: signed.json.access_token })).json.id, idOf(n))
      assert.equal((await login(house, email, PASSWORD)).status, 200)
      denied(await login(house, email, 'Wrong-Password-1'), 2)
      assert.equal((await stored(house, idOf(n)))!.password, now.password)
    }
  })

  it('knows the imported password among the former ones, and demands a new one where they did', async () => {
    denied(await login(house, 'tip@ucentral.com', 'openwifi'), 1)
    assert.match((await stored(house, DEFAULT_USER))!.password!, /^\$argon2id\$/)
    const wished = { newPassword: 'Another-Password-2' }
    assert.equal((await login(house, 'tip@ucentral.com', 'openwifi', wished)).status, 200)
    denied(await login(house, 'app@example.org', PASSWORD, { newPassword: PASSWORD }), 3)
    denied(await login(house, 'suspended@example.org', PASSWORD), 15)
  })

  it('serves the records as they were', async () => {
    const root = await asRoot(house)
    const read = await house.call('GET', `/api/v1/user/${idOf(1)}`, { headers: bearer(root.token) })
    const wanted = {
      email: 'salted@example.org',
      name: 'Name of salted@example.org',
      description: 'Described',
      location: 'Bern',
      locale: 'de_CH',
      owner: 'operator-1',
      userRole: 'admin',
      creationDate: CREATED,
      lastPasswordChange: CREATED + 3,
      modified: CREATED + 5,
      validated: true,
      avatar: String(CREATED + 6),
      notes: [
        { created: CREATED, createdBy: 'tip@ucentral.com', note: 'first' },
        { created: CREATED, createdBy: 'tip@ucentral.com', note: 'second' },
      ],
    }
    const served = Object.fromEntries(Object.keys(wanted).map((member) => [member, read.json[member]]))
    assert.deepEqual(served, wanted)
    const waiting = await house.call('GET', `/api/v1/user/${idOf(7)}`, { headers: bearer(root.token) })
    assert.deepEqual([waiting.json.validated, waiting.json.waitingForEmailCheck], [false, true])
    const avatar = await house.call('GET', `/api/v1/avatar/${idOf(1)}`, { headers: bearer(root.token) })
    assert.deepEqual(avatar.bytes, PICTURE)
    assert.equal(avatar.headers.get('content-type'), 'image/png')
  })

  it('lets programs go on with their API keys, and serves preferences', async () => {
    const reply = await house.call('GET', '/api/v1/preferences', { headers: { 'X-API-KEY': API_KEY } })
    assert.deepEqual(reply.json, {
      data: [
        { tag: 'theme', value: 'dark' },
        { tag: 'limit', value: '7' },
      ],
      id: idOf(1),
      modified: CREATED + 7,
    })
    const signed = await login(house, 'salted@example.org', PASSWORD)
    const keys = await house.call('GET', `/api/v1/apiKey/${idOf(1)}`, { headers: bearer(signed.json.access_token) })
    const [key] = keys.json.apiKeys
    assert.deepEqual([key.id, key.name, key.apiKey], [idOf(501), 'deploy', API_KEY])
    assert.deepEqual(key.rights, { acls: [{ access: 'READ', service: 'owgw' }] })
  })

  it('goes on asking for the second step', async () => {
    const app = await login(house, 'app@example.org', PASSWORD)
    assert.equal(app.json.method, 'authenticator', app.text)
    const code = new TOTP({ secret: new Secret({ buffer: Uint8Array.from(Buffer.from(SECRET)).buffer }) }).generate({
      timestamp: house.clock.now(),
    })
    assert.equal((await complete(house, app.json.uuid, code)).status, 200)
    const mail = await login(house, 'mail@example.org', PASSWORD)
    assert.equal(mail.json.method, 'email')
    assert.equal((await complete(house, mail.json.uuid, await house.inbox.code('mail@example.org'))).status, 200)
    const factors = await house.ctx.db.selectFrom('factor').selectAll().where('account_id', '=', idOf(5)).execute()
    assert.deepEqual(
      factors.map(({ kind, target }) => [kind, target]),
      [['sms', '+14155550123']],
    )
    assert.equal((await login(house, 'sms@example.org', PASSWORD)).json.method, 'sms')
  })

  it('brings subscribers to their own door', async () => {
    denied(await login(house, 'subscriber@example.org', PASSWORD), 2)
    const json = { userId: 'subscriber@example.org', password: PASSWORD }
    const signed = await house.call('POST', '/api/v1/suboauth2', { json })
    assert.equal(signed.status, 200, signed.text)
    assert.equal((await stored(house, idOf(101)))!.signing_up, 'operator:42')
  })

  it('takes no more than anybody may have here', async (test) => {
    const crowded = await foreignHouse(engine)
    test.after(() => crowded.drop())
    const notes = (count: number, length: number) =>
      JSON.stringify(
        Array.from({ length: count }, (_, n) => ({
          created: CREATED,
          createdBy: 'a',
          note: `${n} `.padEnd(length, 'x'),
        })),
      )
    const pairs = (count: number, length: number) =>
      JSON.stringify(Array.from({ length: count }, (_, n) => [`tag-${n}`, 'v'.repeat(length)]))
    const rights = (count: number, length: number) =>
      JSON.stringify(Array.from({ length: count }, () => ({ service: 's'.repeat(length), access: 'READ' })))
    const user = (n: number, more = {}) => crowded.insert('Users', personRow(idOf(n), `crowd-${n}@example.org`, more))
    const key = (n: number, owner: number, more = {}) =>
      crowded.insert('ApiKeys', {
        id: idOf(n),
        useruuid: idOf(owner),
        name: `key${n}`,
        description: 'd',
        apikey: createHash('sha256').update(`key ${n}`).digest('hex'),
        salt: '',
        created: CREATED,
        expireson: 4_000_000_000,
        rights: '[]',
        lastuse: CREATED + n,
        ...more,
      })
    const preferences = (n: number, data: string) =>
      crowded.insert('Preferences', { id: idOf(n), modified: CREATED, data })
    await user(800, { notes: notes(8, 4000) })
    await user(801, { notes: notes(60, 10) })
    await preferences(800, pairs(1000, 1))
    await preferences(801, pairs(1001, 1))
    await user(802)
    await preferences(802, pairs(2, 131_072))
    for (let n = 0; n < 14; n++) await key(820 + n, 800)
    await key(840, 800, { expireson: CREATED, lastuse: 1_900_000_000 })
    await key(841, 801, { rights: rights(50, 64) })
    await key(842, 801, { rights: rights(51, 1) })
    await key(843, 801, { rights: rights(1, 65) })
    const dry = await runImport(house, crowded, true)
    const { tally, lines } = await runImport(house, crowded)
    assert.deepEqual([dry.tally, dry.lines], [tally, lines])
    assert.deepEqual(
      [tally.people.user.taken, tally.incomplete, tally.parts.preferences, tally.parts['API keys']],
      [3, 2, { taken: 1, left: 2 }, { taken: 11, left: 7 }],
    )
    const told = (n: number): string[] =>
      lines.filter((line) => line.includes(`(${idOf(n)})`)).map((line) => line.slice(line.indexOf('): ') + 3))
    assert.deepEqual(told(800), [
      ...Array(5).fill('left out of its API keys: it is one more than may be kept here'),
      'taken over, but for this: 4 of its older notes',
    ])
    assert.deepEqual(told(801), [
      ...Array(2).fill('left out of its API keys: its rights are more than may be kept here'),
      'left out of its preferences: they are more than may be kept here',
      'taken over, but for this: 10 of its older notes',
    ])
    assert.deepEqual(told(802), ['left out of its preferences: they are more than may be kept here'])
    const { db } = house.ctx
    const kept = await db
      .selectFrom('api_key')
      .select('name')
      .where('account_id', '=', idOf(800))
      .orderBy('name')
      .execute()
    assert.deepEqual(
      kept.map(({ name }) => name),
      Array.from({ length: 10 }, (_, n) => `key${824 + n}`),
    )
    for (const [n, count] of [
      [800, 4],
      [801, 50],
    ] as const) {
      const rows = await db
        .selectFrom('account_note')
        .select('note')
        .where('account_id', '=', idOf(n))
        .orderBy('created')
        .execute()
      assert.deepEqual([rows.length, rows.at(-1)?.note.trim().split(' ')[0]], [count, count === 4 ? '7' : '59'])
    }
    // As if they had never been, for what is counted next.
    for (const n of [800, 801, 802]) await db.deleteFrom('account').where('id', '=', idOf(n)).execute()
  })

  it('changes nothing when it runs again', async () => {
    const before = await everything(house)
    const again = await runImport(house, from)
    assert.equal(await everything(house), before)
    assert.deepEqual(again.tally.people, {
      user: { found: 14, taken: 0, here: 10, left: 4 },
      subscriber: { found: 3, taken: 0, here: 1, left: 2 },
    })
    assert.deepEqual((await runImport(house, from, true)).tally, again.tally)
  })

  it('takes what has come since, and what a broken run left', async () => {
    await from.run(`update Users set notes = '[]' where id = '${idOf(14)}'`)
    for (let n = 200; n < 310; n++) await from.insert('Users', personRow(idOf(n), `late-${n}@example.org`))
    const broken = {
      ...quiet,
      at(_: string, done: number) {
        if (done >= 50) throw new Error('power cut')
      },
    }
    await assert.rejects(runImport(house, from, false, broken), /power cut/)
    const { tally } = await runImport(house, from)
    const { taken, here, ...rest } = tally.people.user
    assert.deepEqual({ ...rest, both: taken + here }, { found: 124, left: 3, both: 121 })
    assert.ok(taken > 0 && taken < 111, String(taken))
  })

  it('works beside a running server, which goes on answering', async () => {
    for (let n = 400; n < 460; n++)
      await from.insert(
        'Users',
        personRow(idOf(n), `beside-${n}@example.org`, {
          currentpassword: newForm(PASSWORD, `beside-${n}@example.org`),
        }),
      )
    const { data, databaseUrl } = house.ctx.config
    let isDone = false
    const command = chatelaine(['import', 'openwifi', from.source], {
      CHATELAINE_DATA: data,
      ...(databaseUrl ? { CHATELAINE_DATABASE_URL: databaseUrl } : {}),
    }).finally(() => {
      isDone = true
    })
    while (!isDone) assert.equal((await login(house, 'unsalted@example.org', PASSWORD)).status, 200)
    const { code, out, err } = await command
    assert.equal(code, 3, err)
    assert.match(out, /users +184 +60 +121 +3\n/)
    assert.equal((await login(house, 'beside-459@example.org', PASSWORD)).status, 200)
  })

  it('reads the columns that an older version has', async () => {
    const older = await foreignHouse(engine)
    await older.run('drop table ApiKeys')
    await older.run('alter table Users drop column signingup')
    await older.insert('Users', {
      id: idOf(700),
      email: 'Older@Example.org ',
      userrole: 'Admin',
      currentpassword: newForm(PASSWORD, 'older@example.org'),
    })
    const { tally, lines } = await runImport(house, older)
    assert.deepEqual([tally.people.user.taken, lines], [1, []])
    assert.equal((await login(house, 'older@example.org', PASSWORD)).status, 200)
    await older.drop()
  })
})

onEveryEngine('chatelaine import openwifi', (engine) => {
  let folder: string
  let from: ForeignHouse
  let target: { url: string; drop(): Promise<void> } | null
  let settings: Record<string, string>
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chatelaine-import-'))
    from = await foreignHouse(engine)
    target = engine === 'postgres' ? await freshPostgres() : null
    settings = { CHATELAINE_DATA: join(folder, 'data'), ...(target ? { CHATELAINE_DATABASE_URL: target.url } : {}) }
    for (let n = 1; n < 8; n++)
      await from.insert(
        'Users',
        personRow(idOf(n), `u${n}@example.org`, { currentpassword: newForm(PASSWORD, `u${n}@example.org`) }),
      )
  })
  after(async () => {
    await from.drop()
    await target?.drop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('says how it is called, and why it cannot start', async () => {
    const none = await chatelaine(['import', 'openwifi'], settings)
    assert.deepEqual([none.code, none.out], [1, ''])
    assert.match(none.err, /^Usage: chatelaine import openwifi/)
    const missing = await chatelaine(['import', 'openwifi', join(folder, 'nothing.db')], settings)
    assert.deepEqual([missing.code, missing.out], [1, ''])
    assert.match(missing.err, /there is no file/)
    const wrong = await chatelaine(['import', 'openwifi', join(root, 'package.json')], settings)
    assert.equal(wrong.code, 1)
    assert.match(wrong.err, /cannot be read as a SQLite database/)
    const unread = await chatelaine(['import', 'openwifi', 'mysql://root:hidden-word@localhost/owsec'], settings)
    assert.match(unread.err, /only SQLite files and postgres:/)
    const refused = await chatelaine(['import', 'openwifi', 'postgres://root:hidden-word@127.0.0.1:9/owsec'], settings)
    assert.match(refused.err, /ECONNREFUSED/)
    assert.doesNotMatch(unread.err + refused.err, /hidden-word/)
    assert.ok(!existsSync(join(folder, 'data')))
  })

  it('makes no house for a dry run', async () => {
    const dry = await chatelaine(['import', 'openwifi', from.source, '--dry-run'], settings)
    assert.equal(dry.code, 0, dry.err)
    assert.match(dry.out, /^Dry run: nothing is written\.\n/)
    assert.match(dry.out, /found {2}to take over {2}already here {2}left out\nusers +7 +7 +0 +0\n/)
    assert.ok(!existsSync(join(folder, 'data')))
  })

  it('takes everybody, shows how far it is, and ends with 0; with 3 when a row was left out', async () => {
    const whole = await chatelaine(['import', 'openwifi', from.source], settings)
    assert.equal(whole.code, 0, whole.err)
    assert.match(whole.out, /users +7 +7 +0 +0\n/)
    assert.match(whole.err, /users: 0 of 7\nusers: 7 of 7\n/)
    const files = readdirSync(join(folder, 'data'))
    const dry = await chatelaine(['import', 'openwifi', from.source, '--dry-run'], settings)
    assert.match(dry.out, /users +7 +0 +7 +0\n/)
    assert.deepEqual(readdirSync(join(folder, 'data')), files)
    await from.insert('Users', personRow(idOf(90), '\x1b[2Jnobody'))
    const partly = await chatelaine(['import', 'openwifi', from.source], settings)
    assert.equal(partly.code, 3, partly.err)
    assert.match(partly.out, /users +8 +0 +7 +1\n/)
    assert.ok(!partly.out.includes('\x1b'))
    assert.ok(!`${whole.out}${whole.err}`.includes('|'))
  })
})

describe('the bar of an import', () => {
  it('is drawn in place on a terminal', async () => {
    const { progressOn } = await import('#src/import/progress.ts')
    const drawn: string[] = []
    let now = 0
    const progress = progressOn({ isTTY: true, write: (text) => drawn.push(text) }, () => now)
    progress.at('users', 0, 10)
    progress.at('users', 1, 10)
    now = 200
    progress.at('users', 5, 10)
    progress.at('users', 10, 10)
    assert.deepEqual(
      drawn.map((text) => text.replace('\r\x1b[K', '')),
      [
        `[${'.'.repeat(30)}]   0 %  users: 0 of 10`,
        `[${'#'.repeat(15)}${'.'.repeat(15)}]  50 %  users: 5 of 10`,
        `[${'#'.repeat(30)}] 100 %  users: 10 of 10\n`,
      ],
    )
  })
})
