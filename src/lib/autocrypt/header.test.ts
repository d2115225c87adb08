import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalAddress, gossipOf, headerOf, readHeader, writeGossip, writeHeader } from './header.ts'

const keydata = new Uint8Array(Buffer.from('a certificate, or what is taken for one'))
const base64 = Buffer.from(keydata).toString('base64')
const anna = { address: 'anna@example.org', prefersEncryption: false, keydata }

describe('an Autocrypt header', () => {
  it('is read as section 2.1 has it', () => {
    assert.deepEqual(readHeader(`addr=anna@example.org; keydata=${base64}`), anna)
    const mutual = { ...anna, prefersEncryption: true }
    assert.deepEqual(readHeader(`addr=Anna@Example.ORG; prefer-encrypt=mutual; keydata=${base64};`), mutual)
    assert.deepEqual(
      readHeader(`Autocrypt: addr=anna@example.org; prefer-encrypt=nopreference; keydata=${base64}`),
      anna,
    )
    const folded = `addr=anna@example.org; keydata=\r\n ${base64.slice(0, 7)}\r\n ${base64.slice(7)}`
    assert.deepEqual(readHeader(folded), anna)
  })

  it('may have attributes that are marked as not critical, and no others', () => {
    assert.deepEqual(readHeader(`addr=anna@example.org; _color=blue; keydata=${base64}`), anna)
    assert.equal(readHeader(`addr=anna@example.org; color=blue; keydata=${base64}`), null)
    assert.equal(readHeader(`addr=anna@example.org; type=1; keydata=${base64}`), null)
  })

  it('is none at all when anything is wrong with it', () => {
    const wrong = [
      '',
      'addr=anna@example.org',
      `keydata=${base64}`,
      'addr=anna@example.org; keydata=',
      'addr=anna@example.org; keydata=no base64!',
      `addr=anna@example.org; keydata=${base64}; prefer-encrypt=mutual`,
      `addr=anna@example.org; addr=ben@example.org; keydata=${base64}`,
      `addr=anna; keydata=${base64}`,
      `addr=Anna <anna@example.org>; keydata=${base64}`,
      `addr=anna@example.org, ben@example.org; keydata=${base64}`,
      `anna@example.org; keydata=${base64}`,
      `addr=anna@example.org; keydata=${'A'.repeat(65_536)}`,
    ]
    for (const value of wrong) assert.equal(readHeader(value), null, value.slice(0, 80))
  })

  it('never makes anything but a header or nothing of what a stranger writes', () => {
    const pieces = fc.constantFrom(
      'addr=',
      'keydata=',
      ';',
      '_',
      '=',
      'prefer-encrypt=mutual',
      base64,
      'a@b.test',
      '\r\n ',
      '\0',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (parts) => {
        const read = readHeader(parts.join(''))
        return read === null || (read.keydata.length > 0 && read.address.includes('@'))
      }),
    )
  })

  it('holds for its sender, when it is the only one that does', () => {
    const good = `addr=anna@example.org; keydata=${base64}`
    const later = `addr=anna@example.org; level=2; keydata=${base64}`
    assert.deepEqual(headerOf([good], 'Anna@example.org'), anna)
    assert.deepEqual(headerOf([later, good], 'anna@example.org'), anna, 'one for later levels is passed over')
    assert.equal(headerOf([good, good], 'anna@example.org'), null)
    assert.equal(headerOf([good], 'ben@example.org'), null)
    assert.equal(headerOf([], 'anna@example.org'), null)
  })

  it('is written folded, short enough for any server, and as it can be read again', () => {
    const long = { ...anna, prefersEncryption: true, keydata: new Uint8Array(3000).fill(0xa5) }
    const text = writeHeader(long)!
    assert.match(text, /^Autocrypt: addr=anna@example\.org; prefer-encrypt=mutual; keydata=\r\n /)
    assert.ok(text.endsWith('\r\n'))
    assert.ok(text.split('\r\n').every((line) => line.length <= 78))
    assert.deepEqual(readHeader(text), long)
    assert.doesNotMatch(writeHeader(anna)!, /prefer-encrypt/)
    assert.equal(writeHeader({ ...anna, keydata: new Uint8Array(8000) }), null, 'over 10 KiB')
    assert.ok(Buffer.byteLength(writeHeader({ ...anna, keydata: new Uint8Array(7000) })!) <= 10_240)
    assert.equal(writeHeader({ ...anna, address: 'anna@example.org\r\nBcc: eve@example.org' }), null)
  })

  it('of gossip speaks of those whom the mail names, once each', () => {
    const gossip = writeGossip(anna)!
    assert.match(gossip, /^Autocrypt-Gossip: addr=anna@example\.org; keydata=/)
    const ben = writeGossip({ address: 'ben@example.org', keydata })!
    const read = gossipOf([gossip, ben, gossip, 'nonsense'], ['ANNA@example.org'], 10)
    assert.deepEqual(read, [anna])
    assert.equal(gossipOf([ben, ben, gossip], ['anna@example.org'], 2).length, 0, 'no more than asked for are read')
  })
})

describe('an address', () => {
  it('is compared in lower case, its domain in ASCII', () => {
    assert.equal(canonicalAddress(' Anna@Bücher.Example '), 'anna@xn--bcher-kva.example')
    assert.equal(canonicalAddress('ÄNNE@example.org'), 'änne@example.org')
    for (const text of ['', 'anna', '@example.org', 'a b@example.org', 'anna@', `${'a'.repeat(400)}@example.org`])
      assert.equal(canonicalAddress(text), null, text)
  })

  it('is none when it is another one in disguise', () => {
    for (const text of [
      '\u212aelvin@example.org',
      'anna@\u212aelvin.example',
      '\uff41nna@example.org',
      'anna@\uff45xample.org',
      'anna@example\u3002org',
      'anna@ex\u00adample.org',
      'anna@b\u00fccher.example%2e.org',
      'anna@b\u00fccher.example/x',
    ])
      assert.equal(canonicalAddress(text), null, JSON.stringify(text))
    assert.equal(canonicalAddress('anna@BÜCHER.example'), 'anna@xn--bcher-kva.example')
  })
})
