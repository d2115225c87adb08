import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { startProcess } from '../demo/server-process.ts'
import { type House, onEveryEngine, startHouse } from '../src/testing.ts'
import { asRoot, bearer, me, newPerson, type Person } from './conformance/openwifi/people.ts'
import { settingsOf, typed } from './support-call.ts'

onEveryEngine('backups', (engine) => {
  let house: House
  let root: Person
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-backup-'))
  const file = join(folder, 'monday.sqlite')
  const backup = (...args: string[]) => typed(['backup', ...args], settingsOf(house))

  before(async () => {
    house = await startHouse({ engine, at: Date.now() })
    root = await asRoot(house)
  })
  after(async () => {
    await house.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  if (engine === 'postgres') {
    it('are pg_dump’s to make, and the command says so', async () => {
      const { code, err } = await backup('make', file)
      assert.equal(code, 1)
      assert.match(err, /pg_dump --format=custom/)
      assert.match((await backup('check', house.ctx.config.databaseUrl!)).out, /It is whole, has \d+ accounts?/)
    })
    return
  }

  it('are made while people write, and have everything from before', async () => {
    const ann = await newPerson(house, root)
    let isOver = false
    const writing = (async () => {
      while (!isOver) await newPerson(house, root)
    })()
    const { code, out, err } = await backup('make', file)
    isOver = true
    await writing
    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /monday\.sqlite: whole, \d+ accounts/)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(await restored(ann.token), 200)
    const noted = await house.ctx.db.selectFrom('audit').select('id').where('event', '=', 'backup.done').execute()
    assert.equal(noted.length, 1)
  })

  /** What a server answers who is started on the copy and the key file, and nothing else. */
  async function restored(token: string): Promise<number> {
    const data = mkdtempSync(join(tmpdir(), 'chatelaine-restored-'))
    copyFileSync(file, join(data, 'chatelaine.sqlite'))
    copyFileSync(join(house.ctx.config.data, 'chatelaine.key'), join(data, 'chatelaine.key'))
    const server = await startProcess({ CHATELAINE_DATA: data, CHATELAINE_LISTEN: '127.0.0.1:0' })
    try {
      return (await fetch(`${server.url}/api/v1/oauth2?me=true`, { headers: bearer(token) })).status
    } finally {
      await server.end('SIGTERM')
      rmSync(data, { recursive: true, force: true })
    }
  }

  it('are not made over something that is there', async () => {
    const before = readFileSync(file)
    const { code, err } = await backup('make', file)
    assert.equal(code, 1)
    assert.match(err, /there is a file .* already/)
    assert.deepEqual(readFileSync(file), before)
    assert.equal((await me(house, root)).status, 200)
  })

  it('are checked: whole, a house at all, and of this key file', async () => {
    assert.match((await backup('check', file)).out, /It is whole, has \d+ accounts, and opens with the key file/)
    const damaged = join(folder, 'damaged.sqlite')
    const bytes = readFileSync(file)
    bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 20_000)
    writeFileSync(damaged, bytes)
    const wrong = [
      [damaged, /damaged|malformed/],
      [join(folder, 'none.sqlite'), /there is no file/],
      [join(house.ctx.config.data, 'chatelaine.key'), /cannot be read/],
    ] as const
    for (const [place, words] of wrong) {
      const { code, err } = await backup('check', place)
      assert.equal(code, 1)
      assert.match(err, words)
    }
    const other = await startHouse({ engine, at: Date.now() })
    try {
      const { code, err } = await typed(['backup', 'check', file], settingsOf(other))
      assert.equal(code, 1)
      assert.match(err, /sealed under another key file/)
    } finally {
      await other.stop()
    }
  })
})
