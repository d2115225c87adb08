import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { armorCertificate, engine } from './engine.ts'
import { bytes, day, text } from './testing.ts'
import type { KeyAlgorithm, MergedRing } from './types.ts'

type Place = {
  run(command: string[], input?: Uint8Array | string): Buffer
  file(name: string, data?: Uint8Array | string): string
}

function place(t: TestContext): Place {
  const home = mkdtempSync(join(tmpdir(), 'peers-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const run: Place['run'] = ([program, ...args], input = '') => {
    const done = spawnSync(program!, args, { input, env: { ...process.env, HOME: home }, maxBuffer: 1 << 26 })
    if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  const file: Place['file'] = (name, data) => {
    if (data !== undefined) writeFileSync(join(home, name), data)
    return join(home, name)
  }
  return { run, file }
}

type Peer = {
  /** answers its secret key, which `password` opens, if anything locks it */
  makeKey(at: Place): Uint8Array
  encrypt?(at: Place, certificate: string, data: string): Uint8Array
  decrypt?(at: Place, secret: string, message: string): string
  verify?(at: Place, certificate: string, signature: string, data: string): void
  algorithms: KeyAlgorithm[]
}

function sop(program: string): Pick<Required<Peer>, 'encrypt' | 'decrypt' | 'verify'> {
  return {
    encrypt: (at, certificate, data) => at.run([program, 'encrypt', at.file('cert', certificate)], data),
    decrypt: (at, secret, message) => at.run([program, 'decrypt', at.file('key', secret)], message).toString(),
    verify: (at, certificate, signature, data) => {
      at.run([program, 'verify', at.file('sig', signature), at.file('cert', certificate)], data)
    },
  }
}

const v4: KeyAlgorithm[] = ['curve25519', 'rsa2048', 'rsa3072', 'rsa4096']
const peers: Record<string, Peer> = {
  sqop: { ...sop('sqop'), algorithms: v4, makeKey: (at) => at.run(['sqop', 'generate-key', 'Peer <peer@x.test>']) },
  'sqop, locked': {
    ...sop('sqop'),
    algorithms: [],
    makeKey: (at) => at.run(['sqop', 'generate-key', '--with-key-password', at.file('pw', 'pw'), 'Peer <peer@x.test>']),
  },
  gosop: { ...sop('gosop'), algorithms: v4, makeKey: (at) => at.run(['gosop', 'generate-key', 'Peer <peer@x.test>']) },
  ...Object.fromEntries(
    ['rsa3k', 'rsa4k', 'cv25519'].map((suite): [string, Peer] => [
      `sq, ${suite}`,
      {
        algorithms: [],
        makeKey(at) {
          at.run(['sq', 'key', 'generate', '-c', suite, '-u', 'Peer <peer@x.test>', '--export', at.file('key')])
          return readFileSync(at.file('key'))
        },
      },
    ]),
  ),
  rnp: {
    algorithms: v4,
    makeKey(at) {
      at.run(['rnpkeys', '--generate-key', '--userid', 'Peer <peer@x.test>', '--password', 'pw'])
      return at.run(['rnpkeys', '--export-key', '--secret', 'peer@x.test'])
    },
    encrypt(at, certificate, data) {
      at.run(['rnpkeys', '--import', at.file('cert', certificate)])
      return at.run(['rnp', '--encrypt', '-r', 'ours@x.test', '--output', '-', at.file('plain', data)])
    },
    decrypt(at, secret, message) {
      at.run(['rnpkeys', '--import', at.file('key', secret)])
      return at.run(['rnp', '--password', 'pw', '--decrypt', '--output', '-', at.file('message', message)]).toString()
    },
  },
}

async function takenIn(secret: Uint8Array, now: number): Promise<Uint8Array> {
  const { rings } = await engine.inspect({ bytes: secret, now })
  assert.deepEqual([rings[0]?.info.canEncrypt, rings[0]?.info.canSign, rings.length], [true, true, 1])
  return engine.unlock({ secret: rings[0]!.secret!, password: 'pw' })
}

async function liveOn(secret: Uint8Array, now: number): Promise<MergedRing[]> {
  const renewed = await engine.setExpiry({ secret, until: now + 90 * day, now })
  const named = await engine.addUserId({ secret: renewed.secret!, name: 'Ours', email: 'ours@x.test', now })
  const rotated = await engine.rotateSubkey({ secret: named.secret!, until: null, retire: true, now })
  return [renewed, named, rotated]
}

const isThere = (program: string) => spawnSync(program, ['--help']).error === undefined

for (const [name, peer] of Object.entries(peers)) {
  const program = name.replace(/,.*/, '')
  const needed = { skip: isThere(program) ? false : `${program} is not installed` }

  test(`a key of ${name} lives on here`, needed, async (t) => {
    const file = peer.makeKey(place(t))
    // These programs know no other time than that of the machine.
    const now = Date.now()
    const secret = await takenIn(file, now)
    const { rings } = await engine.inspect({ bytes: secret, now })
    const old = await engine.encrypt({ data: bytes('old'), recipients: [rings[0]!.certificate], now })
    for (const state of await liveOn(secret, now)) {
      assert.deepEqual([state.info.canEncrypt, state.info.canSign], [true, true])
      assert.equal(state.info.keys[0]?.expires, Math.floor(now / 1000) * 1000 + 90 * day)
      const opened = await engine.decrypt({ message: bytes(old), secrets: [state.secret!], verifyWith: [], now })
      assert.equal(text(opened.data), 'old')
      const signed = await engine.signDetached({ data: bytes('x'), signWith: state.secret!, now })
      peer.verify?.(place(t), armorCertificate(state.certificate), signed.signature, 'x')
    }
  })

  for (const algorithm of peer.algorithms) {
    test(`${name} reads our ${algorithm} keys through their life`, needed, async (t) => {
      const now = Date.now()
      const userIds = [{ name: 'Ours', email: 'ours@x.test' }]
      const made = await engine.generate({ userIds, algorithm, validSeconds: 86_400, now })
      for (const state of await liveOn(made.secret, now)) {
        const at = place(t)
        const certificate = armorCertificate(state.certificate)
        const sealed = peer.encrypt?.(at, certificate, 'by the peer')
        const message =
          sealed && (await engine.decrypt({ message: sealed, secrets: [state.secret!], verifyWith: [], now }))
        assert.equal(message && text(message.data), 'by the peer')
        const mail = await engine.encrypt({ data: bytes('by us'), recipients: [state.certificate], now })
        const isRnp = name === 'rnp'
        const locked = await engine.exportLocked({ secret: state.secret!, password: 'pw' })
        // The older of the stateless programs have no way to be told a password.
        const open = armorSecret(state.secret!)
        assert.equal(peer.decrypt?.(at, isRnp ? locked : open, mail), 'by us')
      }
    })
  }
}

function armorSecret(secret: Uint8Array): string {
  const lines = Buffer.from(secret).toString('base64').replace(/.{64}/g, '$&\n')
  return `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${lines}\n-----END PGP PRIVATE KEY BLOCK-----\n`
}
