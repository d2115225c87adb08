import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openSqlite } from '#src/db/open.ts'
import { openSourceFile } from '#src/db/source-file.ts'
import { openTargetServer } from '#src/db/target-server.ts'
import { leftOut, planOf, tablesThere } from '#src/moving/plan.ts'
import { progressOn } from '#src/moving/progress.ts'
import { engines, startHouse } from '#src/testing.ts'
import { startProcess } from '../demo/server-process.ts'
import { crowd, emptyHouse, forget, type Mover, moverOf } from './move-source.ts'

const skip = !engines.includes('postgres') && 'it needs PostgreSQL'
const template = process.env.CHATELAINE_TEST_TEMPLATE
const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

/** `chatelaine move` in a process of its own. */
function moving(settings: Record<string, string>) {
  const { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE, ...settings }
  const child = spawn(process.execPath, [cli, 'move'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said.text += chunk))
  return { child, said, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

/** A server in a process of its own starts, and is stopped. */
async function starts(settings: Record<string, string>): Promise<void> {
  const server = await startProcess({ CHATELAINE_LISTEN: '127.0.0.1:0', ...settings })
  assert.equal(await server.end('SIGTERM'), 0)
}

describe('chatelaine move', { skip }, () => {
  let data: string
  let mover: Mover
  before(async () => {
    data = await emptyHouse()
    mover = await moverOf(data)
    mover.sqlite((file) => crowd(file, 6000))
  })
  after(async () => {
    await mover.drop()
    forget(data)
  })

  it('names every table of both schemas: as moved, or as left behind with a reason', async () => {
    const target = await moverOf(data, { template })
    const server = await openTargetServer(target.url)
    const source = openSourceFile(join(data, 'chatelaine.sqlite'))
    try {
      const moved = planOf(source).map(({ name }) => name)
      const file = source.all("select name from sqlite_schema where type = 'table'").map(([name]) => String(name))
      const all = new Set([...file, ...(await tablesThere(server)).keys()])
      const unnamed = [...all].filter((name) => !moved.includes(name) && !leftOut[name] && !name.startsWith('sqlite_'))
      assert.deepEqual(unnamed, [])
      for (const table of ['account', 'session', 'key_ring', 'kept_piece', 'message', 'audit', 'server_secret'])
        assert.ok(moved.includes(table), table)
    } finally {
      source.close()
      await server.close()
      await target.drop()
    }
  })

  it('is called in one way only, and shows no password', async () => {
    const wrong = [['--too', 'x'], ['somewhere'], ['--to', 'mysql://u:hidden-word@h/db'], ['--dry-run', '--verify']]
    for (const args of wrong) {
      const { code, out, err } = await mover.move(...args)
      assert.equal(code, 2, err)
      assert.doesNotMatch(out + err, /hidden-word/)
    }
    const help = await mover.move('help')
    assert.equal(help.code, 0)
    assert.match(help.out, /CHATELAINE_DATABASE_URL/)
    const away = await mover.move('--to', 'postgres://somebody:hidden-word@127.0.0.1:1/db')
    assert.equal(away.code, 1)
    assert.doesNotMatch(away.out + away.err, /hidden-word/)
    const url = new URL(mover.url)
    url.password = 'hidden-word'
    url.username = 'nobody-of-this-name'
    const denied = await mover.move('--to', url.href)
    assert.equal(denied.code, 1)
    assert.doesNotMatch(denied.out + denied.err, /hidden-word/)
  })

  it('tells in a dry run what would be moved, and writes nothing', async () => {
    const { code, out } = await mover.move('--dry-run')
    assert.equal(code, 0)
    assert.match(out, /session +6,000 rows/)
    assert.match(out, /account_change +tells running servers/)
    assert.match(out, /Nothing stands in the way of 24,\d+ rows/)
    assert.deepEqual(await mover.ask("select 1 from pg_class where relnamespace = 'public'::regnamespace"), [])
  })

  it('refuses while anybody has the SQLite file open, and lets nobody open it while it works', async () => {
    const house = await startHouse({ settings: { CHATELAINE_DATA: data } })
    const busy = await mover.move()
    assert.equal(busy.code, 1)
    assert.match(busy.err, /Somebody has .*chatelaine\.sqlite open: a server/)
    // Also from another process.
    const other = moving(mover.settings)
    assert.equal(await other.ended, 1)
    assert.match(other.said.text, /Somebody has/)
    await house.stop()
    const source = openSourceFile(join(data, 'chatelaine.sqlite'))
    assert.throws(
      () => openSqlite(join(data, 'chatelaine.sqlite')),
      /held by another program: is `chatelaine move` at work/,
    )
    source.close()
    const database = openSqlite(join(data, 'chatelaine.sqlite'))
    assert.equal(await database.isReachable(), true)
    await database.close()
  })

  it('moves into an empty database only', async () => {
    const other = await moverOf(data)
    await other.ask('create table anything (id integer)')
    const foreign = await other.move()
    assert.equal(foreign.code, 1)
    assert.match(foreign.err, /There is something else in .*: a house moves into an empty database only/)
    assert.deepEqual(await other.ask("select relname from pg_class where relnamespace = 'public'::regnamespace"), [
      ['anything'],
    ])
    await other.drop()

    const house = await startHouse({ engine: 'postgres' })
    const inhabited = await mover.move('--to', house.ctx.config.databaseUrl!)
    assert.equal(inhabited.code, 1)
    assert.match(inhabited.err, /There is a house in .* already/)
    await house.stop()
  })

  it('ends with a plain word when the database goes away', async () => {
    const work = mover.move()
    const others = "from pg_stat_activity where datname = current_database() and application_name = 'chatelaine move'"
    while ((await mover.ask(`select pg_terminate_backend(pid) ${others} and query like 'copy%'`)).length === 0)
      await sleep(1)
    const { code, err } = await work
    assert.equal(code, 1)
    assert.match(err, /^It ended: .*\nRun it again when that is mended: it goes on from there\.\n$/)
  })

  it('goes on after each kill -9, wherever it came, and no server starts on either side of it meanwhile', async () => {
    const [rows, pieces] = [18_000, 60]
    const copied = async () => {
      const [there] = await mover.ask("select coalesce(to_regclass('house_move_table')::text, '')")
      if (there![0] === '') return 0
      return Number((await mover.ask('select coalesce(sum(done), 0) from house_move_table'))[0]![0])
    }
    let before = await copied()
    for (let round = 0; round < 5; round++) {
      const { child, said, ended } = moving(mover.settings)
      // Somewhere between the start and the end; the last ones may come while rows are compared.
      const until = before + Math.floor(Math.random() * (rows / 3))
      while (child.exitCode === null && (await copied()) <= until && !/Comparing/.test(said.text)) await sleep(5)
      child.kill('SIGKILL')
      await ended
      before = await copied()
      if (round === 0) {
        await assert.rejects(starts(mover.settings), /is not whole: a move from SQLite to it has begun/)
        assert.match((await mover.move('--verify')).err, /has come to its end: there is nothing to compare|differ/)
      }
    }
    assert.ok(before > 0)
    const last = await mover.move()
    assert.equal(last.code, 0, last.err)
    assert.match(last.out, /Copying goes on: [\d,]+ rows are there|Comparing/)
    assert.match(last.out, /session +6,000 rows {2}the same/)
    assert.match(last.out, /Set CHATELAINE_DATABASE_URL/)
    assert.deepEqual(await mover.ask('select count(*) from kept_piece'), [[String(pieces)]])
    assert.deepEqual(await mover.ask('select count(*) from session'), [['6000']])
    // Indexes, references and triggers are those of a database that was never moved to.
    const rules = `select pg_get_constraintdef(oid) || conrelid::regclass || convalidated from pg_constraint
        where conrelid::regclass::text not like 'house_move%'
      union all select indexdef from pg_indexes where schemaname = 'public' and tablename not like 'house_move%'
      union all select tgrelid::regclass || '.' || tgname || tgenabled::text from pg_trigger where not tgisinternal order by 1`
    const usual = await moverOf(data, { template })
    const wanted = await usual.ask(rules)
    assert.ok(wanted.length > 100)
    assert.deepEqual(await mover.ask(rules), wanted)
    await usual.drop()
  })

  it('leaves one house: in PostgreSQL, unless somebody decides otherwise', async () => {
    await assert.rejects(starts({ CHATELAINE_DATA: data }), /was moved to PostgreSQL: set CHATELAINE_DATABASE_URL/)
    const again = await mover.move()
    assert.equal(again.code, 0, again.err)
    assert.match(again.out, /was moved there before/)
    const other = await moverOf(data)
    assert.match((await other.move()).err, /moved before: chatelaine\.moved in .* says where to/)
    await other.drop()
    await starts(mover.settings)
  })

  it('finds each value that is not the same, each row that is missing, and each that is too many', async () => {
    await mover.ask("update session set agent = 'somebody else' where id = 's77'")
    await mover.ask("update kept_piece set data = data || '\\x00' where body_id = 'b3' and seq = 2")
    await mover.ask("delete from audit where id = 'a100'")
    await mover.ask("insert into throttle values ('extra', 1, 1, 1, 1, 1, 1, '')")
    const { code, out, err } = await mover.move('--verify')
    assert.equal(code, 1)
    for (const line of [
      /session id = s77 differs in agent\n/,
      /kept_piece body_id = b3, seq = 2 differs in data\n/,
      /audit id = a100 is not in the new database\n/,
      /throttle key = extra is in the new database only\n/,
    ])
      assert.match(out, line)
    assert.match(err, /differ/)
    assert.doesNotMatch(out, /somebody else/)
  })

  it('fails when what it wrote is not what was there, and begins from the start when it is told to', async () => {
    await mover.ask('update house_move set verified = null')
    const failed = await mover.move()
    assert.equal(failed.code, 1)
    assert.match(failed.err, /The move failed: .*rows differ.*--anew/)
    await assert.rejects(starts(mover.settings), /is not whole/)
    const anew = await mover.move('--anew')
    assert.equal(anew.code, 0, anew.err)
    const verified = await mover.move('--verify')
    assert.equal(verified.code, 0, verified.err)
    assert.match(verified.out, /Every row is the same/)
  })

  it('refuses what was written to the old house after its move, and begins again for what was written during it', async () => {
    rmSync(join(data, 'chatelaine.moved'))
    mover.sqlite((file) => file.exec("update session set agent = 'late' where id = 's5'"))
    const late = await mover.move()
    assert.equal(late.code, 1)
    assert.match(late.err, /its SQLite file has been written since/)
    await mover.ask('update house_move set verified = null')
    const again = await mover.move()
    assert.equal(again.code, 0, again.err)
    assert.match(again.out, /has been written since the move began: it begins from the start/)
    assert.equal(existsSync(join(data, 'chatelaine.moved')), true)
  })

  it('refuses a database that another house moves to', async () => {
    const second = await emptyHouse()
    const other = await moverOf(second)
    const { code, err } = await other.move('--to', mover.url)
    assert.equal(code, 1)
    assert.match(err, /Another house moves, or has moved, to/)
    await other.drop()
    forget(second)
  })
})

describe('what chatelaine move reads', { skip }, () => {
  let data: string
  before(async () => {
    data = await emptyHouse()
  })
  after(() => forget(data))

  it('moves a table that a later migration made, with its references to itself and its numbers', async () => {
    const mover = await moverOf(data, { template })
    mover.sqlite((file) =>
      file.exec(`create table later (n integer primary key autoincrement, above integer references later (n), said text,
          twice integer generated always as (n * 2) stored, bytes blob);
        insert into later (n, above, said, bytes) values (1, 2, 'a' || char(9) || 'tab, a \\N, a \\ and' || char(13, 10) || 'a line', x'00ff5c0a'), (2, null, null, null), (3, 1, 'ünï☃𝄞', x'');
        insert into later (n) values (9); delete from later where n = 9`),
    )
    await mover.ask(`create table later (n bigint generated always as identity primary key, above text, said text,
      twice bigint generated always as (n * 2) stored, bytes bytea)`)
    const wrong = await mover.move()
    assert.equal(wrong.code, 1)
    assert.match(wrong.err, /not the same:\n {2}later\.above is integer here and text there/)
    await mover.ask('alter table later alter above type integer using above::integer')
    await mover.ask('alter table later add constraint "Up" foreign key (above) references later (n)')
    const { code, err } = await mover.move()
    assert.equal(code, 0, err)
    const there = await mover.ask("select n, above, said, twice, encode(bytes, 'hex') from later order by n")
    assert.deepEqual(there, [
      ['1', '2', 'a\ttab, a \\N, a \\ and\r\na line', '2', '00ff5c0a'],
      ['2', 'null', 'null', '4', 'null'],
      ['3', '1', 'ünï☃𝄞', '6', ''],
    ])
    assert.deepEqual(await mover.ask('insert into later (said) values ($$new$$) returning n'), [['10']])
    await assert.rejects(mover.ask('insert into later (above) values (77)'), /violates foreign key constraint "Up"/)
    await mover.drop()
    rmSync(join(data, 'chatelaine.moved'))
    mover.sqlite((file) => file.exec('drop table later'))
  })

  it('names the row that PostgreSQL cannot hold, and nothing of what stands in it', async () => {
    const mover = await moverOf(data)
    const note = `insert into account_note (id, account_id, created, created_by, note)
      select ?, id, 1, 'me', ? from account limit 1`
    mover.sqlite((file) => {
      file.prepare(note).run('fine', 'a note')
      file.prepare(note).run('cut', 'a hidden-word\0note')
    })
    for (const args of [['--dry-run'], []]) {
      const { code, out, err } = await mover.move(...args)
      assert.equal(code, 1)
      assert.match(err, /cannot hold what stands in the column note of account_note id = cut: it has a NUL in it/)
      assert.doesNotMatch(out + err, /hidden-word/)
    }
    mover.sqlite((file) => {
      file.exec("update account_note set note = 'mended' where id = 'cut'")
      // More than an integer of PostgreSQL holds.
      file.exec('update account set generation = 3000000000')
    })
    const large = await mover.move()
    assert.equal(large.code, 1)
    assert.match(large.err, /out of range for type integer \(account id = [\w-]+\)/)
    mover.sqlite((file) => file.exec('update account set generation = 3'))
    // Nothing that SQLite itself would let happen.
    mover.sqlite((file) =>
      file.exec("pragma foreign_keys = off; update account_note set account_id = 'nobody' where id = 'fine'"),
    )
    const lost = await mover.move()
    assert.equal(lost.code, 1)
    assert.match(lost.err, /account_note.*nobody/)
    mover.sqlite((file) => file.exec("delete from account_note where id = 'fine'"))
    const { code, err } = await mover.move()
    assert.equal(code, 0, err)
    assert.deepEqual(await mover.ask('select note from account_note'), [['mended']])
    await mover.drop()
    rmSync(join(data, 'chatelaine.moved'))
  })

  it('asks for a house of this version, with its key file', async () => {
    const mover = await moverOf(data)
    const told = async () => {
      const { code, err } = await mover.move()
      assert.equal(code, 1)
      return err
    }
    mover.sqlite((file) => file.exec("insert into kysely_migration values ('9999-later', '2030')"))
    assert.match(await told(), /is one of a newer version/)
    mover.sqlite((file) =>
      file.exec(
        "update kysely_migration set name = '0' where name = '9999-later'; delete from kysely_migration where name <> '0001-first-house'",
      ),
    )
    assert.match(await told(), /is one of an older version/)
    const elsewhere = await emptyHouse()
    renameSync(join(elsewhere, 'chatelaine.key'), join(data, 'chatelaine.key'))
    const other = await moverOf(elsewhere)
    assert.match((await other.move()).err, /There is no chatelaine\.key in/)
    await other.drop()
    forget(elsewhere)
    await mover.drop()
  })
})

describe('the progress of chatelaine move', () => {
  const more = { rows: 500, size: 1_500_000, effort: 500 }
  function shownBy(isTTY: boolean) {
    let time = 0
    let text = ''
    const screen = {
      isTTY,
      columns: 100,
      write(more: string) {
        text += more
      },
    }
    const progress = progressOn(screen, () => time)
    progress.begin('copying', 4000, 1000)
    for (let rows = 1500; rows <= 3000; rows += 500) {
      time += 2500
      progress.add({ table: 'account', rows, of: 4000 }, more)
    }
    progress.clear()
    return text
  }

  it('is a bar on a terminal, which never is wider than that', () => {
    const bars = shownBy(true).split('\r\x1b[K').slice(1)
    assert.equal(bars.length, 5)
    assert.ok(bars.every((bar) => bar.length < 100 && !bar.includes('\n')))
    assert.match(
      bars[3]!,
      /^\[#{23}\.{7}\] {2}75 % {2}0:05 left {2}200 rows\/s {2}6\.0 MB {2}copying account: 3,000 of/,
    )
    assert.equal(bars[4], '')
  })

  it('is a plain line now and then elsewhere', () => {
    const lines = shownBy(false).split('\n').slice(0, -1)
    assert.deepEqual(lines, [
      'copying account: 2,000 of 4,000 rows; 50 % of all, 3.0 MB, 200 rows/s, 0:10 left',
      'copying account: 3,000 of 4,000 rows; 75 % of all, 6.0 MB, 200 rows/s, 0:05 left',
    ])
  })
})
