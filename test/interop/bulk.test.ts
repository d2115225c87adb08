import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { armor } from '#src/lib/openpgp/armor.ts'
import { noise, sealed } from '#src/lib/openpgp/bulk/testing.ts'
import { engine } from '#src/lib/openpgp/engine.ts'
import { bytes, gnuPg, hasGnuPg, newKey, now } from '#src/lib/openpgp/testing.ts'
import type { KeyAlgorithm } from '#src/lib/openpgp/types.ts'

/** Documents of many sizes, sealed and signed here and opened there, and the other way round. */
const documents = [0, 1, 8191, 100_000, 3_000_000].map(noise)
// Old versions of gosop write what is no UTF-8 as question marks.
const readable = documents.map((document) => document.map((byte) => 0x30 + (byte & 0x3f)))
const later = now + 86_400_000

const has = (program: string) =>
  spawnSync(program, ['version']).status === 0 || spawnSync(program, ['--version']).status === 0

function folder(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'bulk-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const path = (name: string) => join(home, name)
  const file = (name: string, data: Uint8Array | string) => {
    writeFileSync(path(name), data)
    return path(name)
  }
  return { home, path, file }
}

function run(program: string, args: string[], input: Uint8Array): Buffer {
  const done = spawnSync(program, args, { input, maxBuffer: 1 << 28 })
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}`)
  return done.stdout
}

type Key = Awaited<ReturnType<typeof newKey>>

async function opensAndVerifies(message: Uint8Array, document: Uint8Array, reader: Key, signer: Key, at: number) {
  const opened = await engine.decrypt({ message, secrets: [reader.secret], verifyWith: [signer.certificate], now: at })
  assert.ok(Buffer.from(document).equals(opened.data), `${document.length} bytes`)
  assert.deepEqual(
    opened.signatures.map(({ status }) => status),
    ['valid'],
  )
}

/** Why a program cannot take part in a test; older ones know nothing of version 6. */
async function missing(program: string, algorithm: KeyAlgorithm): Promise<string | false> {
  if (!has(program)) return `${program} is not installed`
  const { secret } = await newKey('probe', algorithm)
  const asked = spawnSync(program, ['extract-cert'], { input: armor('PRIVATE KEY BLOCK', secret) })
  return asked.status === 0 ? false : `this ${program} does not know keys of version 6`
}

const optionsOf = (program: string, args: string[]): string => String(spawnSync(program, args).stdout)

// Programs of the Stateless OpenPGP command line, draft-dkg-openpgp-stateless-cli.
for (const program of ['sqop', 'gosop', 'rsop'])
  for (const algorithm of ['curve25519', 'rsa2048', 'v6'] as const)
    test(`${program} and we, both ways: ${algorithm}`, { skip: await missing(program, algorithm) }, async (t) => {
      const { file, path } = folder(t)
      const [ada, ben] = await Promise.all([newKey('ada', algorithm), newKey('ben', algorithm)])
      const [adaCert, benCert] = [ada, ben].map(({ certificate }, n) =>
        file(`${n}.pgp`, armor('PUBLIC KEY BLOCK', certificate)),
      )
      const [adaKey, benKey] = [ada, ben].map(({ secret }, n) => file(`${n}.key`, armor('PRIVATE KEY BLOCK', secret)))
      const given = program === 'gosop' ? readable : documents
      const at = Date.now()
      const option = /verify-out/.test(optionsOf(program, ['decrypt', '--help'])) ? 'verify-out' : 'verifications-out'
      for (const [n, document] of given.entries()) {
        const ours = await sealed(document, { recipients: [ben.certificate], signWith: ada.secret, now: at })
        const verdicts = path(`verdicts-${n}`)
        const reading = ['decrypt', `--${option}=${verdicts}`, `--verify-with=${adaCert}`, benKey!]
        assert.ok(run(program, reading, ours).equals(document))
        assert.match(readFileSync(verdicts, 'latin1'), /^20/)
        for (const how of [[], ['--no-armor']]) {
          const theirs = run(program, ['encrypt', ...how, `--sign-with=${adaKey}`, benCert!], document)
          await opensAndVerifies(theirs, document, ben, ada, Date.now() + 60_000)
        }
        const signature = run(program, ['sign', adaKey!], document)
        const verifying = { data: document, signature, verifyWith: [ada.certificate], now: Date.now() + 60_000 }
        assert.equal((await engine.verifyDetached(verifying))[0]?.status, 'valid')
        const made = await engine.signDetached({ data: document, signWith: ada.secret, now: at })
        assert.match(run(program, ['verify', file('s', made.signature), adaCert!], document).toString(), /^20/)
      }
    })

// By default it compresses, and it writes bodies in pieces as soon as it reads from a pipe.
const ways = [
  [],
  ['--armor'],
  ['--compress-algo', 'none'],
  ['--compress-algo', 'zip'],
  ['--compress-algo', 'bzip2'],
  ['--cipher-algo', 'AES'],
  // Not AES: by the library.
  ['--cipher-algo', '3DES'],
  ['--digest-algo', 'SHA384'],
]
// Since GnuPG 2.3: packets of type 20.
const waysOfOcb = [
  ['--force-ocb', '--compress-algo', 'none'],
  ['--force-ocb', '--chunk-size', '12'],
]

test('gpg and we, both ways', { skip: hasGnuPg ? false : 'gpg is not installed' }, async (t) => {
  const gpg = gnuPg(t, later)
  const knowsOcb = optionsOf('gpg', ['--dump-options']).includes('--force-ocb')
  for (const algorithm of ['curve25519', 'rsa2048'] as const) {
    const [ada, ben] = await Promise.all([newKey(`ada-${algorithm}`, algorithm), newKey(`ben-${algorithm}`, algorithm)])
    for (const { secret } of [ada, ben]) gpg.run(['--import'], await engine.exportLocked({ secret, password: 'pw' }))
    const [from, to] = [ada.info.fingerprint, ben.info.fingerprint]
    for (const document of documents) {
      const ours = await sealed(document, { recipients: [ben.certificate], signWith: ada.secret, now: later })
      const { out, status } = gpg.status(['--decrypt'], ours)
      assert.ok(out.equals(document))
      assert.match(status, new RegExp(`VALIDSIG ${from}`))
      for (const how of [...ways, ...(knowsOcb ? waysOfOcb : [])]) {
        const theirs = gpg.run([...how, '--sign', '--encrypt', '-u', from, '-r', to], document)
        await opensAndVerifies(theirs, document, ben, ada, later + 60_000)
      }
      const made = await engine.signDetached({ data: document, signWith: ada.secret, now: later })
      const files = [gpg.file('s.asc', made.signature), gpg.file('s', document)]
      assert.match(gpg.status(['--verify', ...files]).status, /GOODSIG/)
    }
  }
})

test('rnp and we, both ways', { skip: has('rnp') ? false : 'rnp is not installed' }, async (t) => {
  const { home, file } = folder(t)
  const ada = await newKey('ada')
  const locked = await engine.exportLocked({ secret: ada.secret, password: 'pw' })
  run('rnpkeys', ['--homedir', home, '--import', file('ada.asc', locked)], new Uint8Array())
  const rnp = (args: string[], input: Uint8Array) => run('rnp', ['--homedir', home, '--password', 'pw', ...args], input)
  const at = Date.now()
  for (const document of documents) {
    const ours = await sealed(document, { recipients: [ada.certificate], signWith: ada.secret, now: at })
    assert.ok(rnp(['--decrypt', '--output', '-'], ours).equals(document))
    const encrypting = ['--encrypt', '--sign', '-u', 'ada@x.test', '-r', 'ada@x.test', '--output', '-']
    for (const how of [[], ['--armor'], ['-z', '0'], ['--cipher', 'AES128']]) {
      const theirs = rnp([...encrypting, ...how], document)
      await opensAndVerifies(theirs, document, ada, ada, Date.now() + 60_000)
    }
  }
})

test('a flow of bytes that gpg wrote in pieces is read as it is', { skip: hasGnuPg ? false : 'no gpg' }, async (t) => {
  const gpg = gnuPg(t, later)
  const ada = await newKey('ada')
  gpg.run(['--import'], await engine.exportLocked({ secret: ada.secret, password: 'pw' }))
  const document = bytes('x'.repeat(200_000))
  const message = gpg.run(['--encrypt', '--compress-algo', 'none', '-r', ada.info.fingerprint], document)
  const opened = await engine.decrypt({ message, secrets: [ada.secret], verifyWith: [], now: later })
  assert.ok(Buffer.from(document).equals(opened.data))
})
