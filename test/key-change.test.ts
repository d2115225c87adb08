import assert from 'node:assert/strict'
import { lstatSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { sql } from 'kysely'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { createRing } from '#src/domain/keys/keys.ts'
import { compose } from '#src/domain/messages/messages.ts'
import { sealedColumns } from '#src/domain/seats.ts'
import { followKeyFile } from '#src/key-file.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { KEY_PASSWORD, newPerson } from './conformance/guard/person.ts'
import { makeTwoStepAccount, signIn } from './conformance/mailbox/client.ts'
import { asRoot, type Person } from './conformance/openwifi/people.ts'
import { settingsOf, typed } from './support-call.ts'

const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }

/** Every column of every table that holds texts sealed under a key, whatever the list of them says. */
async function columnsUnder({ ctx: { db, database } }: House, key: string): Promise<string[]> {
  const found: string[] = []
  for (const { name, columns } of await db.introspection.getTables())
    for (const { name: column, dataType } of columns) {
      if (!/text|varchar|bytea|blob/i.test(dataType)) continue
      const text =
        database.engine === 'sqlite'
          ? sql`cast(${sql.ref(column)} as text)`
          : dataType === 'bytea'
            ? sql`encode(${sql.ref(column)}, 'escape')`
            : sql.ref(column)
      const { rows } = await sql`select 1 from ${sql.table(name)} where ${text} like ${`${key}._%`} limit 1`.execute(db)
      if (rows.length > 0) found.push(`${name}.${column}`)
    }
  return found.sort()
}

onEveryEngine('a change of the key in the key file', (engine) => {
  let house: House
  let root: Person
  let two: Awaited<ReturnType<typeof makeTwoStepAccount>>
  const chatelaine = (...args: string[]) => typed(args, settingsOf(house))
  const done = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await chatelaine('key-file', ...args)
    assert.deepEqual([code, err], [0, ''])
    return out
  }
  /** As if a key had been there, or had sealed, for an hour. */
  const age = (name: string, what: 'made' | 'used' = 'made'): void => {
    const path = join(house.ctx.config.data, 'chatelaine.key')
    const file = JSON.parse(readFileSync(path, 'utf8'))
    for (const key of file.keys) if (key.name === name) key[what] = new Date(Date.now() - 3_600_000).toISOString()
    writeFileSync(path, JSON.stringify(file))
  }
  const ownerOf = async (email: string) => (await findByAddress(house.ctx, email))!
  /** Signs in with an authenticator, whose secret is sealed. */
  async function withCode(): Promise<void> {
    const { call } = await signIn(house, two.account.email)
    const passed = await call('POST', '/login/2fa', { json: { methodId: two.app.id, totpToken: two.app.next() } })
    assert.equal(passed.status, 200, passed.text)
  }
  const keysInFile = (): string[] =>
    JSON.parse(readFileSync(join(house.ctx.config.data, 'chatelaine.key'), 'utf8')).keys.map(
      ({ name }: { name: string }) => name,
    )

  before(async () => {
    // Its commands have the clock of the machine.
    house = await startHouse({ engine, at: Date.now() - 3_600_000 })
    root = await asRoot(house)
    two = await makeTwoStepAccount(house)
    await createRing(house.ctx, {
      account: await ownerOf(two.account.email),
      name: 'Two',
      password: KEY_PASSWORD,
      origin,
    })
    await compose(house.ctx, {
      channel: 'sms',
      to: '+4915112345678',
      template: 'email_invitation',
      letter: { subject: '', text: 'Nobody carries this yet.' },
    })
    await house.call('POST', `/api/v1/apiKey/${root.id}`, {
      headers: { Authorization: `Bearer ${root.token}` },
      json: { name: 'gw', description: '', expiresOn: 0, rights: [], apiKey: '', salt: '', lastUse: 0 },
    })
  })
  after(() => house.stop())

  it('begins with one key, under which is what is listed and nothing else', async () => {
    const listed = new Set(sealedColumns.map(({ table, column }) => `${table}.${column}`))
    const found = await columnsUnder(house, 'k1')
    assert.deepEqual(
      found.filter((column) => !listed.has(column)),
      [],
    )
    for (const expected of ['factor.secret', 'key_ring.revocation', 'message.content', 'server_secret.value'])
      assert.ok(found.includes(expected), `${expected} among ${found}`)
    assert.match(await done('list'), /^ {2}k1 {2}seals, \d+ texts sealed under it$/m)
  })

  it('adds one that only opens, and lets nobody use it before every server can know it', async () => {
    assert.match(await done('add'), /k2 is there/)
    assert.deepEqual(keysInFile(), ['k1', 'k2'])
    const { code, err } = await chatelaine('key-file', 'use', 'k2')
    assert.equal(code, 1)
    assert.match(err, /only just there/)
    assert.deepEqual(keysInFile(), ['k1', 'k2'])
    followKeyFile(house.ctx)
    assert.equal(house.ctx.secrets.sealer.current, 'k1')
  })

  it('seals under the new one in the running server, and opens what is older', async () => {
    age('k2')
    await done('use', 'k2')
    assert.deepEqual(keysInFile(), ['k2', 'k1'])
    followKeyFile(house.ctx)
    await withCode()
    const client = await newPerson(house, 'new@example.org')
    await createRing(house.ctx, { account: await ownerOf(client.email), name: 'New', password: KEY_PASSWORD, origin })
    assert.ok((await columnsUnder(house, 'k2')).includes('key_ring.revocation'))
  })

  it('keeps the key while a server may not know yet that another one seals', async () => {
    const { code, err } = await chatelaine('key-file', 'drop', 'k1')
    assert.equal(code, 1)
    assert.match(err, /k2 seals only since just now/)
    assert.deepEqual(keysInFile(), ['k2', 'k1'])
    age('k2', 'used')
  })

  it('keeps the key while anything is sealed under it', async () => {
    const { code, err } = await chatelaine('key-file', 'drop', 'k1')
    assert.equal(code, 1)
    assert.match(err, /\d+ texts sealed under k1: key-file rewrap first/)
    assert.match((await chatelaine('key-file', 'drop', 'k2')).err, /is the key that seals/)
    assert.match((await chatelaine('key-file', 'drop', 'k9')).err, /no key k9/)
    assert.deepEqual(keysInFile(), ['k2', 'k1'])
  })

  it('seals everything anew beside the server, tells what nothing opens, and lets the old key go', async () => {
    const { id, content } = await house.ctx.db
      .selectFrom('message')
      .select(['id', 'content'])
      .where('content', 'is not', null)
      .executeTakeFirstOrThrow()
    const put = (text: string | null) =>
      house.ctx.db.updateTable('message').set({ content: text }).where('id', '=', id).execute()
    await put(`${content}x`)
    const { code, err } = await chatelaine('key-file', 'rewrap')
    assert.equal(code, 1)
    assert.match(err, new RegExp(`Nothing opens 1 text: .* message ${id}`))
    await put(content)
    assert.match(await done('rewrap'), /^1 text sealed anew under k2/)
    assert.deepEqual(await columnsUnder(house, 'k1'), [])
    assert.match(await done('drop', 'k1'), /is gone from the key file/)
    followKeyFile(house.ctx)
    await withCode()
    await house.restart()
    await withCode()
    const events = await house.ctx.db
      .selectFrom('audit')
      .select('detail')
      .where('event', '=', 'key-file.changed')
      .execute()
    assert.deepEqual(events.map(({ detail }) => JSON.parse(detail).key).sort(), ['k1 dropped', 'k2 added', 'k2 seals'])
  })

  it('gives no key the name of one that was dropped, and replaces the file itself behind a link', async () => {
    const path = join(house.ctx.config.data, 'chatelaine.key')
    const elsewhere = `${path}.elsewhere`
    renameSync(path, elsewhere)
    symlinkSync(elsewhere, path)
    await done('add')
    await done('drop', 'k3')
    assert.match(await done('add'), /k4 is there/)
    assert.deepEqual(keysInFile(), ['k2', 'k4'])
    assert.ok(lstatSync(path).isSymbolicLink())
    assert.equal(statSync(elsewhere).mode & 0o777, 0o600)
  })

  it('keeps the keys it has when the file becomes unusable', async () => {
    const path = join(house.ctx.config.data, 'chatelaine.key')
    const whole = readFileSync(path, 'utf8')
    for (const text of ['{', '{"keys":[],"pepper":""}', whole.replace(/"pepper": "..../, '"pepper": "AAAA')]) {
      writeFileSync(path, text)
      assert.throws(() => house.ctx.secrets.renew())
      await withCode()
    }
    writeFileSync(path, whole)
    assert.equal(house.ctx.secrets.renew(), true)
  })
})
