import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { readHeader, writeHeader } from '#src/lib/autocrypt/header.ts'
import { newSetupCode, readSetupMessage, setupContent, writeSetupMessage } from '#src/lib/autocrypt/setup-message.ts'
import { systemChance } from '#src/lib/chance.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import { engine } from '#src/lib/openpgp/engine.ts'
import { gnuPg, hasGnuPg, newKey, now } from '#src/lib/openpgp/testing.ts'

const hasSequoia = spawnSync('sq', ['autocrypt', '--help']).status === 0

function sequoia(args: string[], input: Uint8Array | string): Buffer {
  const done = spawnSync('sq', ['autocrypt', ...args], { input })
  assert.equal(done.status, 0, done.stderr.toString())
  return done.stdout
}

describe('Autocrypt', () => {
  const algorithms = ['curve25519', 'rsa3072'] as const

  it('headers of ours are read by Sequoia, and those of Sequoia by us', { skip: !hasSequoia && 'no sq' }, async () => {
    for (const algorithm of algorithms) {
      const { certificate, info } = await newKey('anna', algorithm)
      const address = 'anna@x.test'
      const keydata = (await engine.minimal({ certificate, address, now }))!
      const field = writeHeader({ address, prefersEncryption: true, keydata })!
      const read = sequoia(['decode'], `From: ${address}\r\n${field}\r\nhi\r\n`)
      const { rings } = await engine.inspect({ bytes: read, now })
      assert.deepEqual(
        rings.map((ring) => [ring.info.fingerprint, ring.info.canEncrypt]),
        [[info.fingerprint, true]],
      )
      const theirs = sequoia(['encode-sender', '--prefer-encrypt', 'mutual', '--email', address], certificate)
      const header = readHeader(theirs.toString())!
      assert.deepEqual([header.address, header.prefersEncryption], [address, true])
      assert.equal((await engine.inspect({ bytes: header.keydata, now })).rings[0]!.info.fingerprint, info.fingerprint)
    }
  })

  it('setup messages of ours are opened by GnuPG, and the other way round', {
    skip: !hasGnuPg && 'no gpg',
  }, async (t) => {
    const gpg = gnuPg(t)
    const { secret, info } = await newKey('anna')
    const code = newSetupCode(systemChance)
    const data = setupContent(armor('PRIVATE KEY BLOCK', secret), false)
    const sealed = await engine.encryptWithPassword({ data, password: code, now })
    const mail = writeSetupMessage({ address: 'anna@x.test', date: now, code, sealed, chance: systemChance.bytes(18) })
    const { sealed: message } = readSetupMessage(Buffer.from(mail))!
    const opened = gpg.run(['--passphrase', code, '--decrypt'], message)
    assert.deepEqual(opened, Buffer.from(data))
    gpg.run(['--import'], opened)
    assert.ok(gpg.run(['--list-secret-keys', '--with-colons']).toString().includes(info.fingerprint))
    const theirs = gpg.run(['--passphrase', code, '--armor', '--symmetric', '--cipher-algo', 'AES256'], data)
    const back = await engine.decryptWithPassword({ message: theirs, password: code, now })
    assert.deepEqual(Buffer.from(back), Buffer.from(data))
  })
})
