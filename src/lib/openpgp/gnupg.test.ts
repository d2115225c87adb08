import assert from 'node:assert/strict'
import { test } from 'node:test'
import { armorCertificate, engine } from './engine.ts'
import { bytes, day, type GnuPg, gnuPg, hasGnuPg, newKey, now, text } from './testing.ts'
import type { KeyAlgorithm } from './types.ts'

const needsGnuPg = { skip: hasGnuPg ? false : 'gpg is not installed' }
const data = bytes('Grüße von hier\r\nund da  \r\n')

for (const algorithm of ['curve25519', 'rsa2048'] satisfies KeyAlgorithm[]) {
  test(`gpg imports our ${algorithm} keys, opens and verifies what we send`, needsGnuPg, async (t) => {
    const gpg = gnuPg(t)
    const ours = await newKey('ours', algorithm, 86_400 * 365)
    const theirs = await newKey('theirs', algorithm)
    const locked = await engine.exportLocked({ secret: theirs.secret, password: 'pw' })
    gpg.run(['--import'], armorCertificate(ours.certificate))
    gpg.run(['--import'], locked)
    const listed = gpg.run(['--with-colons', '--list-secret-keys']).toString()
    assert.ok(listed.includes(theirs.info.fingerprint))
    const message = await engine.encrypt({ data, recipients: [theirs.certificate], signWith: ours.secret, now })
    const { out, status } = gpg.status(['--decrypt'], message)
    assert.equal(text(out), text(data))
    assert.match(status, new RegExp(`VALIDSIG ${ours.info.fingerprint}`))
    assert.match(status, /DECRYPTION_OKAY/)
    const { signature } = await engine.signDetached({ data, signWith: ours.secret, now })
    const files = [gpg.file('data.asc', signature), gpg.file('data', data)]
    assert.match(gpg.status(['--verify', ...files]).status, /GOODSIG/)
    // What gpg hands back of our key is still our key.
    const exported = gpg.run(['--export-secret-keys', theirs.info.fingerprint])
    const { rings } = await engine.inspect({ bytes: exported, now })
    assert.deepEqual([rings.length, rings[0]?.locked], [1, true])
    await engine.unlock({ secret: rings[0]!.secret!, password: 'pw' })
  })
}

function makeKey(gpg: GnuPg, parameters: string[], user: string): { certificate: Buffer; secret: Buffer } {
  const script = [...parameters, `Name-Real: ${user}`, `Name-Email: ${user}@x.test`, 'Expire-Date: 0', '%commit', '']
  gpg.run(['--gen-key'], script.join('\n'))
  return { certificate: gpg.run(['--export', user]), secret: gpg.run(['--export-secret-keys', user]) }
}

const shapes = {
  'ed25519 and cv25519': [
    'Key-Type: eddsa',
    'Key-Curve: ed25519',
    'Key-Usage: sign',
    'Subkey-Type: ecdh',
    'Subkey-Curve: cv25519',
    'Subkey-Usage: encrypt',
  ],
  rsa2048: ['Key-Type: rsa', 'Key-Length: 2048', 'Key-Usage: sign', 'Subkey-Type: rsa', 'Subkey-Length: 2048'],
}

for (const [shape, parameters] of Object.entries(shapes)) {
  test(`we open and verify what gpg sends with ${shape}`, needsGnuPg, async (t) => {
    const gpg = gnuPg(t)
    const { certificate, secret: locked } = makeKey(gpg, parameters, 'peer')
    const secret = await engine.unlock({ secret: locked, password: 'pw' })
    const { rings } = await engine.inspect({ bytes: certificate, now })
    assert.deepEqual([rings[0]?.info.canEncrypt, rings[0]?.info.canSign], [true, true])
    const encrypting = ['--armor', '--sign', '--encrypt', '-u', 'peer', '-r', 'peer']
    for (const how of [[], ['--compress-algo', 'zlib'], ['--compress-algo', 'bzip2'], ['--textmode'], ['-R', 'peer']]) {
      const message = gpg.run([...how, ...encrypting], data)
      const opened = await engine.decrypt({ message, secrets: [secret], verifyWith: [certificate], now })
      assert.deepEqual(
        opened.signatures.map(({ status }) => status),
        ['valid'],
        how.join(' '),
      )
      assert.ok(text(opened.data).startsWith('Grüße von hier'))
    }
    for (const how of [['--detach-sign'], ['--armor', '--detach-sign'], ['--armor', '--textmode', '--detach-sign']]) {
      const signature = gpg.run([...how, '-u', 'peer'], data)
      const verdicts = await engine.verifyDetached({ data, signature, verifyWith: [certificate], now })
      assert.equal(verdicts[0]?.status, 'valid', how.join(' '))
      const changed = { data: bytes('no'), signature, verifyWith: [certificate], now }
      assert.equal((await engine.verifyDetached(changed))[0]?.status, 'invalid')
    }
    const clear = gpg.run(['--clear-sign', '-u', 'peer'], '- dashed\n-----BEGIN x\ntrailing  \t\nGr\u00fc\u00dfe\n')
    const read = await engine.verifyCleartext({ message: clear, verifyWith: [certificate], now })
    assert.deepEqual([read.text, read.signatures[0]?.status], ['- dashed\n-----BEGIN x\ntrailing\nGrüße', 'valid'])
    const forged = bytes(text(clear).replace('trailing', 'railing'))
    const bad = await engine.verifyCleartext({ message: forged, verifyWith: [certificate], now })
    assert.equal(bad.signatures[0]?.status, 'invalid')
    const hidden = bytes(text(clear).replace('Hash:', 'Pay: me\nHash:'))
    await assert.rejects(engine.verifyCleartext({ message: hidden, verifyWith: [certificate], now }), /foreign/)
  })
}

test('what gpg signs in Latin-1 verifies, byte for byte', needsGnuPg, async (t) => {
  const gpg = gnuPg(t)
  const { certificate } = makeKey(gpg, shapes['ed25519 and cv25519'], 'peer')
  const message = gpg.run(['--clear-sign', '-u', 'peer'], Buffer.from('Gr\xfc\xdfe\n', 'latin1'))
  const read = await engine.verifyCleartext({ message, verifyWith: [certificate], now })
  assert.equal(read.signatures[0]?.status, 'valid')
})

test('a secret key whose primary part stays offline still opens mail, and never crashes', needsGnuPg, async (t) => {
  const gpg = gnuPg(t)
  const { certificate } = makeKey(gpg, shapes['ed25519 and cv25519'], 'peer')
  const stub = gpg.run(['--export-secret-subkeys', 'peer'])
  const { rings } = await engine.inspect({ bytes: stub, now })
  assert.deepEqual(
    rings[0]?.info.keys.map(({ hasSecret }) => hasSecret),
    [false, true],
  )
  assert.equal(rings[0]?.locked, true)
  const secret = await engine.unlock({ secret: stub, password: 'pw' })
  const message = gpg.run(['--encrypt', '-r', 'peer'], data)
  const opened = await engine.decrypt({ message, secrets: [secret], verifyWith: [], now })
  assert.equal(text(opened.data), text(data))
  const signing = { data, recipients: [certificate], signWith: secret, now }
  await assert.rejects(engine.encrypt(signing), /key\.no-signing-key/)
  await assert.rejects(engine.signDetached({ data, signWith: secret, now }), /key\.no-signing-key/)
  const exported = await engine.exportLocked({ secret, password: 'pw' })
  const again = gnuPg(t)
  again.run(['--import'], exported)
})

test(
  'reasons why a key of gpg cannot be used: SHA-1 binding, too short, expired, nothing to encrypt with',
  needsGnuPg,
  async (t) => {
    const gpg = gnuPg(t)
    const reasonOf = async (certificate: Uint8Array, at = now) =>
      (await engine.inspect({ bytes: certificate, now: at })).rings[0]?.info.canEncrypt
    const signOnly = makeKey(gpg, ['Key-Type: eddsa', 'Key-Curve: ed25519', 'Key-Usage: sign'], 'signs')
    assert.equal(await reasonOf(signOnly.certificate), 'key.no-encryption-subkey')
    gpg.run(['--cert-digest-algo', 'SHA1', '--quick-gen-key', 'old@x.test', 'rsa2048', 'default', '1d'])
    gpg.run([
      '--cert-digest-algo',
      'SHA1',
      '--quick-add-key',
      fingerprintOf(gpg, 'old@x.test'),
      'rsa2048',
      'encr',
      '1d',
    ])
    assert.equal(await reasonOf(gpg.run(['--export', 'old@x.test'])), 'key.sha1-binding')
    gpg.run(['--quick-gen-key', 'short@x.test', 'rsa1024', 'default', 'none'])
    gpg.run(['--quick-add-key', fingerprintOf(gpg, 'short@x.test'), 'rsa1024', 'encr', 'none'])
    assert.equal(await reasonOf(gpg.run(['--export', 'short@x.test'])), 'key.weak')
    gpg.run(['--quick-gen-key', 'brief@x.test', 'future-default', 'default', '1d'])
    const brief = gpg.run(['--export', 'brief@x.test'])
    assert.deepEqual([await reasonOf(brief), await reasonOf(brief, now + 2 * day)], [true, 'key.expired'])
  },
)

function fingerprintOf(gpg: GnuPg, user: string): string {
  const listed = gpg.run(['--with-colons', '--list-keys', user]).toString()
  return /^fpr:+([0-9A-F]{40}):/m.exec(listed)![1]!
}
