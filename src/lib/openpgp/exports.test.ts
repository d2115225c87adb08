import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createMessage,
  decrypt,
  decryptKey,
  enums,
  generateKey,
  readMessage,
  readPrivateKey,
  sign,
  UserIDPacket,
} from 'openpgp'
import { strict, whole } from './config.ts'
import { armorCertificate, engine } from './engine.ts'
import { bytes, day, type GnuPg, gnuPg, hasGnuPg, newKey, now } from './testing.ts'

const needsGnuPg = { skip: hasGnuPg ? false : 'gpg is not installed' }
const ada = await newKey('ada')
const bob = await newKey('bob')
const locked = await engine.exportLocked({ secret: ada.secret, password: 'pw' })
const shown = armorCertificate(ada.certificate)

/** The fingerprints in a file, and whether each came with its secret. */
async function found(file: string | Uint8Array): Promise<[string, boolean][]> {
  const { rings } = await engine.inspect({ bytes: typeof file === 'string' ? bytes(file) : file, now })
  return rings.map(({ info, secret }) => [info.fingerprint, secret !== undefined])
}
const withHeaders = (armored: string, headers: string[]) =>
  armored.replace('-----\n\n', `-----\n${headers.join('\n')}\n\n`)
const crlf = (text: string) => text.replaceAll('\n', '\r\n')

test('a Mailvelope export: both halves in one file are one key', async () => {
  const headers = ['Version: Mailvelope v6.0.0', 'Comment: https://mailvelope.com']
  const file = crlf(withHeaders(shown, headers) + withHeaders(locked, headers))
  assert.deepEqual(await found(file), [[ada.info.fingerprint, true]])
  const all = file + crlf(withHeaders(armorCertificate(bob.certificate), headers))
  assert.deepEqual(await found(all), [
    [ada.info.fingerprint, true],
    [bob.info.fingerprint, false],
  ])
})

test('a Thunderbird export, a Kleopatra export, and text before and after', async () => {
  const comments = ['Comment: FA1E 0C91 3AC3 B214', 'Comment: Ada <ada@x.test>', 'Version: RNP']
  const file = crlf(withHeaders(locked, comments))
  assert.deepEqual(await found(file), [[ada.info.fingerprint, true]])
  const text = `\ufeffDear Bob,\r\nfor https://x.test/?a=b&amp;c:\r\n\r\n${file}\r\n-- \r\nAda <ada@x.test>\r\n`
  assert.deepEqual(await found(text), [[ada.info.fingerprint, true]])
})

test('a Proton export: both names are the address, locked with Argon2', async () => {
  const userIDs = [{ name: 'anna@proton.test', email: 'anna@proton.test' }]
  const made = await generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs,
    passphrase: 'pw',
    date: new Date(now),
    config: {
      ...strict,
      showComment: true,
      commentString: 'https://protonmail.com',
      aeadProtect: true,
      s2kType: enums.s2k.argon2,
    },
  })
  const { rings } = await engine.inspect({ bytes: bytes(made.privateKey), now })
  assert.deepEqual(
    rings[0]?.info.userIds.map(({ name, email }) => [name, email]),
    [['anna@proton.test', 'anna@proton.test']],
  )
  assert.equal(rings[0]?.locked, true)
  const open = await engine.unlock({ secret: rings[0]!.secret!, password: 'pw' })
  await engine.signDetached({ data: bytes('x'), signWith: open, now })
  await assert.rejects(engine.unlock({ secret: rings[0]!.secret!, password: 'pv' }), /password\.wrong/)
  // What goes out again is locked in the way that everybody reads.
  const again = await readPrivateKey({ armoredKey: await engine.exportLocked({ secret: open, password: 'pw' }) })
  assert.equal((again.keyPacket as unknown as { s2kUsage: number }).s2kUsage, 254)
})

test('user ids with an address alone, with a comment, with brackets only, of before UTF-8', async () => {
  const key = await readPrivateKey({ binaryKey: ada.secret })
  const template = key.users[0]!
  for (const body of ['plain@x.test', '<angle@x.test>', 'Ada (work) <paren@x.test>', 'Günther <latin@x.test>']) {
    const packet = new UserIDPacket() as UserIDPacket & { read(bytes: Uint8Array): void; write(): Uint8Array }
    const raw = Buffer.from(body, 'latin1')
    packet.read(raw)
    packet.write = () => raw
    const user = template.clone()
    ;(user as { userID: unknown }).userID = packet
    const [old] = template.selfCertifications
    const fresh = Object.assign(Object.create(Object.getPrototypeOf(old)), old, { rawNotations: [] })
    const data = { key: key.keyPacket, userID: packet }
    await fresh.sign(key.keyPacket, data, new Date(now), false, whole(strict))
    user.selfCertifications = [fresh]
    key.users.push(user)
  }
  const { rings } = await engine.inspect({ bytes: key.toPublic().write() as Uint8Array, now })
  assert.deepEqual(
    rings[0]?.info.userIds.map(({ name, email }) => [name, email]),
    [
      ['ada', 'ada@x.test'],
      ['', 'plain@x.test'],
      ['', 'angle@x.test'],
      ['Ada', 'paren@x.test'],
      ['Günther', 'latin@x.test'],
    ],
  )
  const again = await engine.inspect({ bytes: rings[0]!.certificate, now })
  assert.equal(again.rings[0]?.info.userIds.length, 5)
  const one = await engine.publishable({ certificate: rings[0]!.certificate, addresses: ['latin@x.test'], now })
  assert.ok(Buffer.from(one!).includes(Buffer.from('Günther <latin@x.test>', 'latin1')))
})

test('armor that a mail program had its way with', async () => {
  const expected = [[ada.info.fingerprint, false]]
  const long = withHeaders(shown, ['Version: GnuPG v2', 'Comment: Ada <ada@x.test>'])
  const soft = (text: string) => text.replaceAll('=', '=3D').replace(/^(.{50})(.+)$/gm, '$1=\n$2')
  const html = (text: string) => text.replaceAll('+', '&#43;').replaceAll('\n', '<br>\n').replaceAll('/', '&#x2F;')
  const copies: Record<string, string | Uint8Array> = {
    indented: long.replace(/^/gm, '    '),
    quoted: long.replace(/^/gm, '> > '),
    'no-break spaces': long.replace(/^/gm, '\u00a0\u00a0'),
    'quoted-printable': crlf(soft(long)),
    HTML: `<html><body><pre>${html(shown)}</pre></body></html>`,
    'HTML with headers': `<div>${html(long)}</div>`,
    'no blank line': shown.replace('-----\n\n', '-----\n'),
    'no checksum': shown.replace(/\n=.{4}\n/, '\n'),
    'wrong checksum': shown.replace(/\n=.{4}\n/, '\n=AAAA\n'),
    'no end line': shown.replace(/-----END.*/, ''),
    'blank lines': shown.replaceAll('\n', '\n\n'),
    'UTF-16 of PowerShell': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(crlf(long), 'utf16le')]),
    'big-endian UTF-16': Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(crlf(long), 'utf16le').swap16()]),
    'inside a signed mail': `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${shown.replaceAll('-----', '- -----').replaceAll('BLOCK- -----', 'BLOCK-----')}`,
  }
  for (const [what, copy] of Object.entries(copies)) {
    assert.deepEqual(await found(copy).catch((error) => error), expected, what)
  }
})

function keysOf(gpg: GnuPg, users: string[]): string[] {
  for (const user of users) {
    gpg.run(['--quick-gen-key', `${user} <${user}@x.test>`, 'ed25519', 'sign', '0'])
    gpg.run(['--quick-add-key', lastFingerprint(gpg, user), 'cv25519', 'encr', '0'])
  }
  return users.map((user) => lastFingerprint(gpg, user))
}

function lastFingerprint(gpg: GnuPg, user: string): string {
  return /^fpr:+([0-9A-F]{40}):/m.exec(gpg.run(['--with-colons', '--list-keys', `${user}@x.test`]).toString())![1]!
}

test('what gpg exports: several secret keys, subkeys alone, with the noise around it', needsGnuPg, async (t) => {
  const gpg = gnuPg(t)
  const fingerprints = keysOf(gpg, ['one', 'two'])
  const both = fingerprints.map((fingerprint) => [fingerprint, true])
  assert.deepEqual(await found(gpg.run(['--export-secret-keys'])), both)
  const armored = gpg.run(['--armor', '--export-secret-keys']).toString()
  assert.deepEqual(await found(armored), both)
  const trust = gpg.run(['--export-ownertrust']).toString()
  assert.deepEqual(await found(`${trust}\n${armored}\n${trust}`), both)
  const stub = gpg.run(['--armor', '--export-secret-subkeys', fingerprints[0]!])
  const { rings } = await engine.inspect({ bytes: stub, now })
  assert.deepEqual(
    rings[0]?.info.keys.map(({ hasSecret }) => hasSecret),
    [false, true],
  )
  const secret = await engine.unlock({ secret: rings[0]!.secret!, password: 'pw' })
  await assert.rejects(engine.setExpiry({ secret, until: null, now }), /key\.no-signing-key/)
  // Later the primary key comes from the safe.
  const whole = await engine.unlock({ secret: gpg.run(['--export-secret-keys', fingerprints[0]!]), password: 'pw' })
  const joined = await engine.merge({ certificate: secret, other: whole, now })
  assert.ok(joined.info.keys.every(({ hasSecret }) => hasSecret))
  await engine.setExpiry({ secret: joined.secret!, until: null, now })
  const backup = gpg.run(['--export-options', 'backup', '--export', fingerprints[1]!])
  assert.deepEqual(await found(backup), [[fingerprints[1], false]])
})

test('one ring of a kind that nobody knows does not take its neighbours with it', async () => {
  const old = Buffer.from([0x99, 0, 12, 3, 0, 0, 0, 0, 0, 0, 1, 0, 8, 0xff, 0])
  const file = Buffer.concat([old, ada.certificate])
  const { rings, refused } = await engine.inspect({ bytes: file, now })
  assert.deepEqual(
    [rings.map(({ info }) => info.fingerprint), refused.map(({ reason }) => reason)],
    [[ada.info.fingerprint], ['key.unsupported']],
  )
  await assert.rejects(engine.inspect({ bytes: old, now }), /key\.unsupported/)
})

const shapes: Record<string, { type: string; config?: object; [option: string]: unknown }> = {
  'version 6, Curve25519': { type: 'curve25519', config: { v6Keys: true, aeadProtect: true } },
  'version 6, Curve448': { type: 'curve448', config: { v6Keys: true, aeadProtect: true } },
  'version 6, RSA': { type: 'rsa', rsaBits: 2048, config: { v6Keys: true, aeadProtect: true } },
  'version 6, NIST P-256': { type: 'ecc', curve: 'nistP256', config: { v6Keys: true } },
  'version 4 with the new numbers of Curve25519': { type: 'curve25519' },
  'version 4, Curve448': { type: 'curve448' },
  'a subkey that signs': { type: 'ecc', curve: 'curve25519Legacy', subkeys: [{ sign: true }, {}] },
}

for (const [what, { config = {}, ...shape }] of Object.entries(shapes)) {
  test(`a key of OpenPGP.js lives on here, and goes back: ${what}`, async () => {
    const userIDs = [{ name: 'Peer', email: 'peer@x.test' }]
    const made = await generateKey({
      ...(shape as unknown as { type: 'ecc' }),
      userIDs,
      passphrase: 'pw',
      date: new Date(now),
      config: { ...config, s2kType: enums.s2k.iterated },
    })
    const { rings } = await engine.inspect({ bytes: bytes(made.privateKey), now })
    const isNew = what.startsWith('version 6')
    assert.match(rings[0]!.info.fingerprint, isNew ? /^[0-9A-F]{64}$/ : /^[0-9A-F]{40}$/)
    const { fingerprint, keyId } = rings[0]!.info
    assert.equal(keyId, isNew ? fingerprint.slice(0, 16) : fingerprint.slice(-16))
    const open = await engine.unlock({ secret: rings[0]!.secret!, password: 'pw' })
    const renewed = await engine.setExpiry({ secret: open, until: now + 9 * day, now: now + day })
    const rotated = await engine.rotateSubkey({ secret: renewed.secret!, until: null, retire: true, now: now + day })
    const named = await engine.addUserId({
      secret: rotated.secret!,
      name: 'More',
      email: 'more@x.test',
      now: now + day,
    })
    assert.deepEqual([named.info.canEncrypt, named.info.canSign, named.info.userIds.length], [true, true, 2])
    assert.ok(named.info.keys.every(({ revoked, expires }) => revoked || (expires ?? 0) <= now + 9 * day))
    const armored = await engine.exportLocked({ secret: named.secret!, password: 'out' })
    const theirs = await decryptKey({ privateKey: await readPrivateKey({ armoredKey: armored }), passphrase: 'out' })
    const date = new Date(now + 2 * day)
    const signature = await sign({
      message: await createMessage({ text: 'x' }),
      signingKeys: theirs,
      detached: true,
      date,
    })
    const verifyWith = [named.certificate]
    const late = now + 3 * day
    const verdicts = await engine.verifyDetached({
      data: bytes('x'),
      signature: bytes(signature),
      verifyWith,
      now: late,
    })
    assert.equal(verdicts[0]?.status, 'valid')
    const message = await engine.encrypt({ data: bytes('by us'), recipients: verifyWith, now: late })
    const read = await decrypt({ message: await readMessage({ armoredMessage: message }), decryptionKeys: theirs })
    assert.equal(read.data, 'by us')
  })
}
