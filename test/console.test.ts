import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { builtConsole } from '../src/console.ts'
import { type House, startHouse } from '../src/testing.ts'

/** Bytes of JavaScript, gzipped, that a browser needs before anything is shown. */
const BUDGET = 250_000

type Manifest = Record<string, { file: string; isEntry?: boolean; imports?: string[]; css?: string[] }>

/** The entry of the build, or a module by its source, and everything that it cannot begin without. */
function neededBy(manifest: Manifest, keys: readonly string[]): Set<string> {
  const needed = new Set<string>()
  const add = (key: string) => {
    const chunk = manifest[key]!
    if (needed.has(chunk.file)) return
    needed.add(chunk.file)
    for (const one of chunk.imports ?? []) add(one)
  }
  for (const key of keys) add(key)
  return needed
}

describe('the console’s files', () => {
  let house: House
  before(async () => {
    house = await startHouse()
  })
  after(() => house?.stop())

  const page = async (path = '/') => (await house.call('GET', path)).text
  const scriptOf = (html: string) => /<script[^>]* src="\.(\/console\/[\w.-]+\.js)"/.exec(html)![1]!

  it('are one page for all places, which nobody may frame and which runs no script but ours', async () => {
    for (const path of ['/', '/sign-in', '/my/keys', '/admin/people/1', '/guest', '/forgotten/password']) {
      const { status, headers, text } = await house.call('GET', path)
      assert.equal(status, 200, path)
      assert.match(headers.get('content-type')!, /^text\/html/)
      const policy = headers.get('content-security-policy')!
      assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[^']+';/)
      assert.match(policy, /frame-ancestors 'none'/)
      assert.doesNotMatch(policy, /unsafe|https?:|\*/)
      assert.doesNotMatch(text, /<script(?![^>]* src=)|<style|__\w+__|https?:/)
      assert.match(text, /<base href="\/" \/>/)
    }
  })

  it('have another nonce each time', async () => {
    const nonces = [await page(), await page()].map((html) => /nonce="([^"]+)"/.exec(html)![1]!)
    assert.notEqual(nonces[0], nonces[1])
    assert.ok(nonces.every((nonce) => Buffer.from(nonce, 'base64').length === 16))
  })

  it('are kept by browsers for good, and come as small as they ask', async () => {
    const path = scriptOf(await page())
    const accept = (coding: string) => house.call('GET', path, { headers: { 'Accept-Encoding': coding } })
    for (const coding of ['br', 'gzip']) {
      const { headers } = await accept(`${coding};q=1.0`)
      assert.equal(headers.get('content-encoding'), coding)
      assert.match(headers.get('cache-control')!, /immutable/)
      assert.equal(headers.get('vary'), 'Accept-Encoding')
    }
    for (const coding of ['identity', 'br;q=0, gzip;q=0.000'])
      assert.equal((await accept(coding)).headers.get('content-encoding'), null)
    const head = await house.call('HEAD', path)
    assert.deepEqual([head.status, head.bytes.length], [200, 0])
  })

  it('are in nobody’s way', async () => {
    for (const [method, path] of [
      ['POST', '/'],
      ['GET', '/console/none.js'],
      ['GET', '/console/..%2f..%2fpackage.json'],
      ['GET', '/console/../../package.json'],
      ['GET', '/elsewhere'],
      ['GET', '/keys?action=getKeys'],
    ] as const)
      assert.doesNotMatch((await house.call(method, path)).text, /id="root"/, `${method} ${path}`)
    assert.equal((await house.call('GET', '/healthz')).status, 200)
    assert.match((await house.call('GET', '/guest/unsubscribe?token=x')).text, /<form|<main/)
  })

  it('begin with no more script than the budget', () => {
    const manifest = JSON.parse(readFileSync(join(builtConsole, '.vite/manifest.json'), 'utf8')) as Manifest
    const needed = neededBy(manifest, ['index.html', 'src/rooms/sign-in/sign-in.tsx', 'src/words/common/en.ts'])
    const bytes = [...needed].reduce((sum, file) => sum + readFileSync(join(builtConsole, `${file}.gz`)).length, 0)
    assert.ok(bytes <= BUDGET, `${bytes} bytes`)
  })
})

describe('a house without a console', () => {
  it('has a page that says what it is', async () => {
    const house = await startHouse({ settings: { CHATELAINE_CONSOLE: 'off' } })
    try {
      assert.match((await house.call('GET', '/')).text, /Chatelaine is running/)
      assert.equal((await house.call('GET', '/my/keys')).status, 404)
    } finally {
      await house.stop()
    }
  })
})

describe('a house under a folder', () => {
  it('says so in its page', async () => {
    const house = await startHouse({ settings: { CHATELAINE_PUBLIC_URL: 'https://mail.example.org/keys' } })
    try {
      assert.match((await house.call('GET', '/my/keys')).text, /<base href="\/keys\/" \/>/)
    } finally {
      await house.stop()
    }
  })
})
