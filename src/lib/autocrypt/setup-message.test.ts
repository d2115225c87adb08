import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemChance } from '../chance.ts'
import { armor } from '../openpgp/armor.ts'
import { engine } from '../openpgp/engine.ts'
import { newKey, now } from '../openpgp/testing.ts'
import {
  newSetupCode,
  readSetupContent,
  readSetupMessage,
  setupContent,
  typedSetupCode,
  writeSetupMessage,
} from './setup-message.ts'

const chance = systemChance.bytes(18)

describe('an Autocrypt setup message', () => {
  it('has a code of nine groups of four digits, however it is typed', () => {
    const code = newSetupCode(systemChance)
    assert.match(code, /^\d{4}(-\d{4}){8}$/)
    assert.notEqual(code, newSetupCode(systemChance))
    assert.equal(typedSetupCode(` ${code.replaceAll('-', ' ')}\n`), code)
    assert.equal(typedSetupCode(code.replaceAll('-', '')), code)
    assert.equal(typedSetupCode('some words'), 'some words')
  })

  it('carries a key there and back, and tells two digits of the code', async () => {
    const { secret, info } = await newKey('anna')
    const code = newSetupCode(systemChance)
    const data = setupContent(armor('PRIVATE KEY BLOCK', secret), true)
    const sealed = await engine.encryptWithPassword({ data, password: code, now })
    const text = writeSetupMessage({ address: 'anna@x.test', date: now, code, sealed, chance })
    assert.match(text, /^From: <anna@x\.test>\r\nTo: <anna@x\.test>\r\n/)
    assert.match(text, /\r\nDate: Sun, 01 Mar 2026 12:00:00 \+0000\r\nAutocrypt-Setup-Message: v1\r\n/)
    assert.ok(text.includes(`\r\nPassphrase-Format: numeric9x4\r\nPassphrase-Begin: ${code.slice(0, 2)}\r\n\r\n`))
    assert.ok(!text.includes(code.slice(5)) && !/[^\r]\n/.test(text))
    const read = readSetupMessage(Buffer.from(text))!
    assert.deepEqual([read.from, read.to, read.isNumeric], [['anna@x.test'], ['anna@x.test'], true])
    const opened = await engine.decryptWithPassword({ message: read.sealed, password: code, now })
    const content = readSetupContent(opened)!
    assert.equal(content.prefersEncryption, true)
    const { rings } = await engine.inspect({ bytes: content.secret, now })
    assert.equal(rings[0]!.info.fingerprint, info.fingerprint)
    assert.ok(rings[0]!.secret)
    await assert.rejects(
      engine.decryptWithPassword({ message: read.sealed, password: newSetupCode(systemChance), now }),
    )
  })

  it('of another program may have text around what is sealed, and anything behind the key', () => {
    const mail = [
      'From: Anna <anna@x.test>',
      'To: anna@x.test',
      'Autocrypt-Setup-Message: v1',
      'Content-Type: multipart/mixed; boundary="b"',
      '',
      '--b',
      'Content-Type: text/html',
      '',
      'Words.',
      '--b',
      'Content-Type: application/autocrypt-setup',
      '',
      '<pre>',
      '-----BEGIN PGP MESSAGE-----',
      '',
      'AAAA',
      '-----END PGP MESSAGE-----',
      '</pre>',
      '--b--',
    ].join('\n')
    const read = readSetupMessage(Buffer.from(mail))!
    assert.equal(read.isNumeric, false)
    assert.equal(
      Buffer.from(read.sealed).toString(),
      '-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n',
    )
    for (const [from, to] of [
      ['v1', 'v2'],
      ['multipart/mixed', 'multipart/alternative'],
      ['application/autocrypt-setup', 'text/plain'],
      ['END PGP MESSAGE', 'END PGP'],
      ['--b\nContent-Type: text/html', '--c\nContent-Type: text/html'],
    ] as const)
      assert.equal(readSetupMessage(Buffer.from(mail.replace(from, to))), null, to)
    const key = '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----'
    const content = readSetupContent(Buffer.from(`${key}\nmore\n${key}`))!
    assert.deepEqual([Buffer.from(content.secret).toString(), content.prefersEncryption], [`${key}\n`, false])
    assert.equal(readSetupContent(Buffer.from(`words ${key}`)), null)
    assert.equal(readSetupContent(Buffer.from(key.slice(0, -5))), null)
  })
})
