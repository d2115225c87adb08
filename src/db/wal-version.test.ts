import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { commitNothing, openSqliteFile } from './node-sqlite.ts'
import { walVersion } from './wal-version.ts'

const COMMITS = 300

const nothing = () => {}

// Commits once for each line it is given, and says so when the commit is over.
const writer = `
  const { DatabaseSync } = require('node:sqlite')
  const file = new DatabaseSync(process.argv[1], { timeout: 10000 })
  const insert = file.prepare('insert into t values (1)')
  require('node:readline').createInterface({ input: process.stdin }).on('line', () => {
    insert.run()
    console.log('committed')
  })`

describe('the version of a SQLite file', () => {
  it('is another one after every commit of another process, and asks SQLite only then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chatelaine-version-'))
    const path = join(folder, 'some.sqlite')
    const file = openSqliteFile(path)
    file.exec('create table t (x)')
    const statement = file.prepare('pragma data_version')
    let questions = 0
    const { version, close } = walVersion(
      path,
      () => {
        questions++
        return statement.get()!.data_version as number
      },
      nothing,
    )
    const child = spawn(process.execPath, ['-e', writer, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      let before = version()
      for (let n = 0; n < COMMITS; n++) {
        child.stdin.write('\n')
        await lines.next()
        const after = version()
        assert.notEqual(after, before, `commit ${n} was not seen`)
        for (let again = 0; again < 10; again++) assert.equal(version(), after)
        before = after
        // The log begins anew now and then.
        if (n % 50 === 49) file.exec('pragma wal_checkpoint(restart)')
      }
      if (process.platform === 'linux') assert.ok(questions < COMMITS * 2, `SQLite was asked ${questions} times`)
    } finally {
      child.stdin.end()
      await once(child, 'exit')
      file.close()
      close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('relies on the file at once where commits that change nothing are seen in it', {
    skip: process.platform !== 'linux' && 'the head is read on Linux only',
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'chatelaine-version-'))
    const path = join(folder, 'some.sqlite')
    const file = openSqliteFile(path)
    file.exec('create table t (x)')
    const statement = file.prepare('pragma data_version')
    let questions = 0
    const ask = () => {
      questions++
      return statement.get()!.data_version as number
    }
    const { version, close } = walVersion(path, ask, () => commitNothing(path))
    version()
    const asked = questions
    for (let n = 0; n < 100; n++) version()
    assert.equal(questions, asked)
    file.close()
    close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('asks SQLite each time where the file does not show what SQLite sees', () => {
    const folder = mkdtempSync(join(tmpdir(), 'chatelaine-version-'))
    const path = join(folder, 'some.sqlite')
    writeFileSync(`${path}-shm`, Buffer.alloc(32_768))
    let truth = 1
    let questions = 0
    const { version, close } = walVersion(
      path,
      () => {
        questions++
        return truth
      },
      nothing,
    )
    for (let n = 0; n < 20; n++) assert.equal(version(), truth)
    const asked = questions
    for (let n = 0; n < 20; n++) {
      truth++
      assert.equal(version(), truth)
    }
    assert.equal(questions - asked, 20)
    close()
    rmSync(folder, { recursive: true, force: true })
  })
})
