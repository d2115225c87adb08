import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { armorCertificate, engine } from './engine.ts'
import { bytes, day, type GnuPg, gnuPg, hasGnuPg, newKey, now, text } from './testing.ts'
import type { KeyAlgorithm, MergedRing } from './types.ts'

const needsGnuPg = { skip: hasGnuPg ? false : 'gpg is not installed' }
const hasSequoia = spawnSync('sq', ['inspect', '--help']).status === 0

type Listed = { kind: string; validity: string; expires: number | null; keyId: string; abilities: string }

/** The keys of gpg's list: primary keys and subkeys, of the secret ring when asked so. */
function listed(gpg: GnuPg, command = '--list-keys'): Listed[] {
  const lines = gpg.run(['--with-colons', command]).toString().split('\n')
  return lines
    .map((line) => line.split(':'))
    .filter(([kind = '']) => ['pub', 'sub', 'sec', 'ssb'].includes(kind))
    .map(([kind = '', validity = '', , , keyId = '', , expires, , , , , abilities = '']) => {
      return { kind, validity, expires: expires ? Number(expires) * 1000 : null, keyId, abilities }
    })
}

/** What each step of a key's life makes of it, and what gpg says to it. */
async function liveThrough(t: TestContext, secret: Uint8Array): Promise<void> {
  const at = now + 10 * day
  const until = at + 400 * day
  const steps: [string, (secret: Uint8Array) => Promise<MergedRing>, (gpg: GnuPg, info: MergedRing) => void][] = [
    [
      'renewed',
      (secret) => engine.setExpiry({ secret, until, now: at }),
      (gpg) => assert.ok(listed(gpg).every(({ expires }) => expires === until)),
    ],
    [
      'with one more user id',
      (secret) => engine.addUserId({ secret, name: 'More', email: 'more@x.test', now: at + 1000 }),
      (gpg) => assert.match(gpg.run(['--with-colons', '--list-keys']).toString(), /uid:[^:r]*:.*More <more@x.test>/),
    ],
    [
      'rotated',
      (secret) => engine.rotateSubkey({ secret, until, retire: true, now: at + 2000 }),
      (gpg) => {
        const encrypting = listed(gpg).filter(({ kind, abilities }) => kind === 'sub' && abilities.includes('e'))
        assert.deepEqual(encrypting.map(({ validity }) => validity === 'r').sort(), [false, true])
      },
    ],
    [
      'renewed for ever',
      (secret) => engine.setExpiry({ secret, until: null, now: at + 3000 }),
      (gpg) => assert.ok(listed(gpg).every(({ expires, validity }) => validity === 'r' || expires === null)),
    ],
  ]
  let current = secret
  const old = await engine.inspect({ bytes: secret, now })
  // Debian's knows no Brainpool curves.
  const isKnownToSequoia = complaintsOfSequoia(old.rings[0]!.certificate) === 0
  const mail = await engine.encrypt({ data: bytes('old mail'), recipients: [old.rings[0]!.certificate], now })
  for (const [what, step, check] of steps) {
    const made = await step(current)
    current = made.secret!
    assert.deepEqual([made.info.canEncrypt, made.info.canSign], [true, true], what)
    const gpg = gnuPg(t, at + 10_000)
    gpg.run(['--import'], armorCertificate(made.certificate))
    check(gpg, made)
    if (isKnownToSequoia) assert.equal(complaintsOfSequoia(made.certificate), 0, what)
    gpg.run(['--import'], await engine.exportLocked({ secret: current, password: 'pw' }))
    assert.equal(listed(gpg, '--list-secret-keys').length, made.info.keys.length, what)
    assert.equal(text(gpg.run(['--decrypt'], mail)), 'old mail', what)
    const fingerprint = made.info.fingerprint
    const sealed = gpg.run(['--sign', '-u', fingerprint, '-r', fingerprint, '--encrypt'], 'by gpg')
    const verifyWith = [made.certificate]
    const opened = await engine.decrypt({ message: sealed, secrets: [current], verifyWith, now: at + 20_000 })
    assert.deepEqual([text(opened.data), opened.signatures[0]?.status], ['by gpg', 'valid'], what)
    const signed = await engine.signDetached({ data: bytes('ours'), signWith: current, now: at + 5000 })
    const files = [gpg.file('ours.asc', signed.signature), gpg.file('ours', 'ours')]
    assert.match(gpg.status(['--verify', ...files]).status, /GOODSIG/)
  }
  const { certificate } = await engine.revoke({ secret: current, reason: 'retired', now: at + 6000 })
  const gpg = gnuPg(t, at + 10_000)
  gpg.run(['--import'], armorCertificate(certificate))
  assert.ok(listed(gpg).every(({ validity }) => validity === 'r'))
}

/** What Sequoia finds wrong with a certificate; null where it is not installed. */
function complaintsOfSequoia(certificate: Uint8Array): number | null {
  if (!hasSequoia) return null
  const { stdout } = spawnSync('sq', ['inspect'], { input: certificate })
  assert.match(stdout.toString(), /Fingerprint: [0-9A-F]{40}/)
  return stdout.toString().match(/invalid|not valid|bad signature/gi)?.length ?? 0
}

for (const algorithm of ['curve25519', 'rsa2048', 'rsa3072', 'rsa4096'] satisfies KeyAlgorithm[]) {
  test(`gpg follows the life of our ${algorithm} key`, needsGnuPg, async (t) => {
    await liveThrough(t, (await newKey('ours', algorithm, 86_400 * 365)).secret)
  })
}

/** Name and how gpg makes it: the primary key, then its subkeys. */
const made: [string, string, string[]][] = [
  [
    'ed25519, subkeys that sign, authenticate and encrypt',
    'ed25519 sign',
    ['ed25519 sign', 'ed25519 auth', 'cv25519 encr'],
  ],
  ['rsa2048, certifying only', 'rsa2048 cert', ['rsa2048 sign', 'rsa2048 encr']],
  ['nistp256', 'nistp256 sign', ['nistp256 encr']],
  ['nistp384', 'nistp384 sign', ['nistp384 encr']],
  ['nistp521', 'nistp521 sign', ['nistp521 encr']],
  ['brainpoolP256r1', 'brainpoolP256r1 sign', ['brainpoolP256r1 encr']],
  ['brainpoolP384r1', 'brainpoolP384r1 sign', ['brainpoolP384r1 encr']],
  ['brainpoolP512r1', 'brainpoolP512r1 sign', ['brainpoolP512r1 encr']],
]

function makeKey(gpg: GnuPg, primary: string, subkeys: string[], expires = '0'): string {
  gpg.run(['--quick-gen-key', 'Peer <peer@x.test>', ...primary.split(' '), expires])
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg.run(['--with-colons', '--list-keys']).toString())![1]!
  for (const subkey of subkeys) gpg.run(['--quick-add-key', fingerprint, ...subkey.split(' '), expires])
  return fingerprint
}

for (const [name, primary, subkeys] of made) {
  test(`a key of gpg lives on here: ${name}`, needsGnuPg, async (t) => {
    const gpg = gnuPg(t)
    const fingerprint = makeKey(gpg, primary, subkeys)
    const { rings } = await engine.inspect({ bytes: gpg.run(['--export-secret-keys', fingerprint]), now })
    assert.deepEqual([rings[0]?.locked, rings[0]?.info.canEncrypt, rings[0]?.info.canSign], [true, true, true])
    assert.equal(rings[0]?.info.keys.length, 1 + subkeys.length)
    await liveThrough(t, await engine.unlock({ secret: rings[0]!.secret!, password: 'pw' }))
  })
}

test('keys of gpg that are read but never encrypted to say why', needsGnuPg, async (t) => {
  const reasonOf = async (primary: string, subkeys: string[], at = now, expires = '0') => {
    const gpg = gnuPg(t)
    const fingerprint = makeKey(gpg, primary, subkeys, expires)
    const { rings } = await engine.inspect({ bytes: gpg.run(['--export', fingerprint]), now: at })
    assert.equal(rings[0]?.info.fingerprint, fingerprint)
    return [rings[0]?.info.canEncrypt, rings[0]?.info.canSign]
  }
  assert.deepEqual(await reasonOf('dsa2048 sign', ['elg2048 encr']), ['key.weak', 'key.weak'])
  assert.deepEqual(await reasonOf('secp256k1 sign', ['secp256k1 encr']), ['key.weak', 'key.weak'])
  assert.deepEqual(await reasonOf('ed25519 sign', []), ['key.no-encryption-subkey', true])
  assert.deepEqual(await reasonOf('ed25519 sign', ['cv25519 encr'], now - day), [
    'key.not-yet-valid',
    'key.not-yet-valid',
  ])
  assert.deepEqual(await reasonOf('rsa2048 sign', ['rsa2048 encr'], now + 3 * day, '2d'), [
    'key.expired',
    'key.expired',
  ])
})

test('a subkey alone may have ended, or been revoked', needsGnuPg, async (t) => {
  const gpg = gnuPg(t)
  const fingerprint = makeKey(gpg, 'rsa2048 sign', [])
  gpg.run(['--quick-add-key', fingerprint, 'rsa2048', 'encr', '2d'])
  const certificate = gpg.run(['--export', fingerprint])
  const at = now + 3 * day
  const { rings } = await engine.inspect({ bytes: certificate, now: at })
  assert.deepEqual([rings[0]?.info.canEncrypt, rings[0]?.info.canSign], ['key.expired', true])
  const secret = await engine.unlock({ secret: gpg.run(['--export-secret-keys', fingerprint]), password: 'pw' })
  const subkey = rings[0]!.info.keys[1]!.keyId
  const revoked = await engine.revoke({ secret, keyId: subkey, reason: 'superseded', now: at })
  assert.deepEqual([revoked.info.canEncrypt, revoked.info.canSign], ['key.revoked', true])
  const rotated = await engine.rotateSubkey({ secret: revoked.secret!, until: null, retire: true, now: at })
  assert.equal(rotated.info.canEncrypt, true)
})

test('a user id that gpg took back is not renewed, and its picture is found', needsGnuPg, async (t) => {
  const gpg = gnuPg(t)
  const fingerprint = makeKey(gpg, 'ed25519 sign', ['cv25519 encr'])
  gpg.run(['--quick-add-uid', fingerprint, 'Old <old@x.test>'])
  gpg.run(['--quick-revoke-uid', fingerprint, 'Old <old@x.test>'])
  const jpeg = gpg.file('me.jpg', Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex'))
  gpg.run(['--command-fd', '0', '--no-batch', '--edit-key', fingerprint], `addphoto\n${jpeg}\ny\nsave\n`)
  const secret = await engine.unlock({ secret: gpg.run(['--export-secret-keys', fingerprint]), password: 'pw' })
  const renewed = await engine.setExpiry({ secret, until: now + 99 * day, now: now + day })
  assert.deepEqual(
    renewed.info.userIds.map(({ email, revoked }) => [email, revoked]),
    [
      ['peer@x.test', false],
      ['old@x.test', true],
    ],
  )
  const { certificate } = renewed
  const pictures = await engine.pictures({ certificate })
  assert.deepEqual(
    pictures.map((picture) => Buffer.from(picture).toString('hex').slice(0, 8)),
    ['ffd8ffe0'],
  )
  const found = await engine.certifications({ certificate, verifyWith: [], now: now + day })
  assert.deepEqual(
    [found.filter(({ image }) => image).length, found.every(({ status }) => status === 'valid')],
    [2, true],
  )
  const shown = await engine.publishable({ certificate, addresses: ['peer@x.test', 'old@x.test'], now: now + day })
  assert.deepEqual(await engine.pictures({ certificate: shown! }), [])
  const world = gnuPg(t, now + 2 * day)
  world.run(['--import'], Buffer.from(shown!))
  const uids = world
    .run(['--with-colons', '--list-keys'])
    .toString()
    .match(/^uid:.*$/gm)
  assert.deepEqual(uids?.map((line) => line.split(':')[1] === 'r').sort(), [false, true])
})
