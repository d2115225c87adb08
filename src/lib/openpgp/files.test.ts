import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readConfig } from '#src/config.ts'
import { sharedMemory } from '../joined-bytes.ts'
import { armor, decodedOver } from './armor.ts'
import { partsOf } from './bulk/in-place.ts'
import { armoredLength, armoredPieces } from './bulk/output.ts'
import { noise } from './bulk/testing.ts'
import { engine } from './engine.ts'
import { limits } from './limits.ts'
import { newKey, now } from './testing.ts'
import type { KeyAlgorithm } from './types.ts'

const later = now + 1000
const shared = (data: Uint8Array): Uint8Array => {
  const memory = sharedMemory(data.length)
  memory.set(data)
  return new Uint8Array(memory.buffer)
}

for (const algorithm of ['curve25519', 'v6'] satisfies KeyAlgorithm[])
  test(`a file is written over with its ciphertext, and that with the file: ${algorithm}`, async () => {
    const { certificate, secret } = await newKey('owner', algorithm)
    // About pieces of 64 KiB and chunks of 256 KiB, and the header in front of them.
    for (const size of [0, 1, 15, 65_536, 262_143, 262_144, 262_200, 1_000_003]) {
      const document = noise(size)
      const memory = shared(document)
      const wish = { fileName: 'Grüße.txt', recipients: [certificate], signWith: secret, now: later }
      const sealed = await engine.sealFile({ data: memory, ...wish })
      const message = Buffer.concat([...partsOf(sealed, memory)])
      assert.equal(message.length, sealed.length)
      if (size > 100) assert.ok(sealed.extra.length < 1000 + size / 1000, 'the bulk needs no memory of its own')

      const options = { kind: 'MESSAGE', lineEnd: '\n', hasChecksum: sealed.hasChecksum } as const
      const armored = Buffer.concat([...armoredPieces(partsOf(sealed, memory), options)])
      assert.equal(armored.length, armoredLength(sealed.length, options))
      for (const form of [message, armored]) {
        const opened = await engine.openFile({ message: shared(form), secrets: [secret], now: later })
        assert.ok(document.every((byte, at) => byte === opened.data[at]) && opened.data.length === size)
        assert.ok(opened.data.buffer instanceof SharedArrayBuffer)
        assert.equal(opened.fileName, 'Grüße.txt')
        const judged = { data: opened.data, signature: opened.signatures, verifyWith: [certificate], now: later }
        assert.deepEqual(
          (await engine.verifyDetached(judged)).map(({ status }) => status),
          ['valid'],
        )
      }
      const kept = new Uint8Array(message)
      await engine.openFile({ message: kept, secrets: [secret], now: later })
      assert.ok(message.equals(kept), 'what is not shared stays as it was')
    }
  })

test('armor is decoded over itself, whatever its lines are like', () => {
  const layouts = fc.record({ data: fc.nat(400_000).map(noise), width: fc.integer({ min: 1, max: 120 }) })
  fc.assert(
    fc.property(layouts, fc.constantFrom('\n', '\r\n', ' \n'), ({ data, width }, end) => {
      const [begin, , ...rest] = armor('MESSAGE', data).split('\n')
      const lines = rest.filter((line) => !/^=|^-----/.test(line)).join('')
      const cut = lines.replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`)
      const text = `before\n${begin}\nComment: x\n\n${cut}\n-----END PGP MESSAGE-----\nbehind\n`
      assert.ok(Buffer.from(data).equals(decodedOver(shared(Buffer.from(text)))))
    }),
    { numRuns: 30 },
  )
})

test('a mail with an attachment of 50 MiB is within every limit', () => {
  const { mailLimit } = readConfig({})
  const inBase64 = (50 * 1024 * 1024 * 4 * 78) / (3 * 76)
  assert.ok(inBase64 + 1024 * 1024 < mailLimit)
  assert.ok(mailLimit < limits.decompressedBytes && limits.decompressedBytes < limits.messageBytes)
})
