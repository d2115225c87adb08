import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { armor, dearmor } from '../armor.ts'
import { bytes } from '../testing.ts'
import { crc24End, crc24Start, crc24Step } from './crc24.ts'
import { type ArmorOptions, armoredLength, writeArmored } from './output.ts'
import { evenPiecesOf } from './pieces.ts'
import { noise } from './testing.ts'

/** Bit by bit, as RFC 9580, section 6.1.1 has it. */
function slowCrc24(octets: Uint8Array): number {
  let crc = 0xb704ce
  for (const octet of octets) {
    crc ^= octet << 16
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1
      if (crc & 0x1000000) crc ^= 0x1864cfb
    }
  }
  return crc & 0xffffff
}

const octets = fc.uint8Array({ maxLength: 400 })

test('the checksum is that of the RFC, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(octets, fc.nat(400), (all, cut) => {
      const inTwo = crc24Step(crc24Step(crc24Start, all.subarray(0, cut)), all.subarray(cut))
      assert.equal(crc24End(inTwo), slowCrc24(all))
    }),
  )
})

test('armor is as long as was said, whatever pieces it is written in, and comes back', () => {
  const sizes = fc.oneof(fc.nat(300), fc.constantFrom(48 * 1024 - 1, 48 * 1024, 48 * 1024 + 1, 100_000)).map(noise)
  const how = fc.record({
    kind: fc.constant('MESSAGE'),
    lineEnd: fc.constantFrom('\n' as const, '\r\n' as const),
    hasChecksum: fc.boolean(),
  }) satisfies fc.Arbitrary<ArmorOptions>
  fc.assert(
    fc.property(sizes, how, fc.integer({ min: 1, max: 70_000 }), (data, options, step) => {
      const length = armoredLength(data.length, options)
      const target = Buffer.alloc(length + 20, '#')
      const sealed = {
        length: data.length,
        writeTo(output: { write(bytes: Uint8Array): void }) {
          for (let at = 0; at < data.length; at += step) output.write(data.subarray(at, at + step))
        },
      }
      assert.equal(writeArmored(sealed, target, 10, options), 10 + length)
      assert.equal(target.toString('latin1', 0, 10) + target.toString('latin1', 10 + length), '#'.repeat(20))
      const text = target.subarray(10, 10 + length)
      assert.deepEqual(dearmor(text)[0]?.data, data)
      const lines = text.toString('latin1').split(options.lineEnd)
      assert.ok(lines.every((line) => line.length <= 64 && !/[\r\n]/.test(line)))
    }),
  )
})

test('armor in lines of any length comes back, also where one is different from the rest', () => {
  const data = noise(700_000)
  const base64 = Buffer.from(data).toString('base64')
  const inLines = (length: number) => base64.match(new RegExp(`.{1,${length}}`, 'g'))!
  const odd = inLines(76)
  odd[4000] = `${odd[4000]!.slice(0, 30)}\n${odd[4000]!.slice(30)}`
  odd[6000] += '  '
  const variants = [inLines(64), inLines(76), inLines(60), inLines(50), odd, [base64]]
  for (const lines of variants)
    for (const end of ['\n', '\r\n']) {
      const text = ['-----BEGIN PGP MESSAGE-----', 'Comment: x', '', ...lines, '=AAAA', '-----END PGP MESSAGE-----', '']
      assert.ok(Buffer.from(dearmor(bytes(text.join(end)))[0]!.data).equals(data))
    }
  assert.equal(dearmor(bytes(armor('SIGNATURE', new Uint8Array())))[0]?.data.length, 0)
})

test('pieces are of the size that was asked for, and nothing is lost between parts', () => {
  fc.assert(
    fc.property(fc.array(octets, { maxLength: 6 }), fc.integer({ min: 1, max: 300 }), (parts, size) => {
      const pieces: Buffer[] = []
      for (const piece of evenPiecesOf(parts, size)) pieces.push(Buffer.from(piece))
      assert.deepEqual(Buffer.concat(pieces), Buffer.concat(parts))
      assert.ok(pieces.slice(0, -1).every((piece) => piece.length === size))
    }),
  )
})
