import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'

const script = `import { keepCompiled } from '${import.meta.resolve('./compile-cache.mjs')}'
keepCompiled({ CHATELAINE_DATA: process.argv[1] })`

it('keeps compiled code in the folder of a server, and leaves nothing in another', () => {
  const data = mkdtempSync(join(tmpdir(), 'chatelaine-compiled-'))
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  const keep = () => execFileSync(process.execPath, ['--input-type=module', '-e', script, data], { env })
  try {
    keep()
    assert.deepEqual(readdirSync(data), [])
    writeFileSync(join(data, 'chatelaine.key'), '')
    // Where others may write, what lies there may be theirs.
    chmodSync(data, 0o777)
    keep()
    assert.deepEqual(readdirSync(data), ['chatelaine.key'])
    chmodSync(data, 0o700)
    keep()
    assert.deepEqual(readdirSync(data).toSorted(), ['chatelaine.key', 'compile-cache'])
  } finally {
    rmSync(data, { recursive: true })
  }
})
