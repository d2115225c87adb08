import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from '#src/config.ts'
import type { Context } from '#src/context.ts'
import { splitMessage } from '#src/lib/mime/message.ts'
import { plainlyWritten } from './envelopes.ts'
import { encryptionFor, isAutomatic, isSigned } from './rules.ts'
import { wishesOf } from './wishes.ts'

const headerOf = (...lines: string[]) => splitMessage(Buffer.from([...lines, '', 'text'].join('\r\n')))
const configOf = (settings: Record<string, string> = {}) => readConfig(settings)
const wishesIn = (lines: string[], settings: Record<string, string> = {}) =>
  wishesOf({ config: configOf(settings) } as Context, headerOf(...lines))

describe('the rules of the gateway', () => {
  it('encrypt by domain, by the mail, and by what the operator insists on', () => {
    const table = [
      // rule, nothing said, asked, declined
      ['off', 'off', 'refused', 'off'],
      ['asked', 'off', 'always', 'off'],
      ['known', 'known', 'always', 'off'],
      ['always', 'always', 'always', 'always'],
    ] as const
    for (const [rule, ...wanted] of table) {
      const house = configOf({ CHATELAINE_GATEWAY_ENCRYPT: rule })
      const domain = configOf({ CHATELAINE_GATEWAY_ENCRYPT: 'off', CHATELAINE_GATEWAY_RULES: `far.test=${rule}` })
      for (const [at, encrypt] of [null, true, false].entries()) {
        assert.equal(encryptionFor(house, 'x@anywhere.test', { encrypt }), wanted[at], `${rule} ${encrypt}`)
        assert.equal(encryptionFor(domain, 'X@FAR.test', { encrypt }), wanted[at], `${rule} ${encrypt}`)
      }
      assert.equal(encryptionFor(domain, 'x@sub.far.test', { encrypt: null }), 'off')
    }
    const umlaut = configOf({ CHATELAINE_GATEWAY_RULES: 'bücher.test=always,xn--caf-dma.test=always' })
    for (const address of ['x@bücher.test', 'x@xn--bcher-kva.test', 'x@café.test'])
      assert.equal(encryptionFor(umlaut, address, { encrypt: null }), 'always', address)
  })

  it('hold for an address however it is written', () => {
    for (const [written, plain] of [
      ['x@far.test.', 'x@far.test'],
      ['"x.y"@far.test', 'x.y@far.test'],
      ['"\\x"@far.test..', 'x@far.test'],
      ['"x y"@far.test', '"x y"@far.test'],
      ['"x..y"@far.test', '"x..y"@far.test'],
      ['"x@y"@far.test', '"x@y"@far.test'],
      ['X@[127.0.0.1]', 'X@[127.0.0.1]'],
      ['postmaster', 'postmaster'],
      ['x@.', 'x@.'],
      ['', ''],
    ] as const)
      assert.equal(plainlyWritten(written), plain)
  })

  it('sign when it is asked for, or always unless that is declined', () => {
    const table = [
      ['off', false, false, false],
      ['asked', false, true, false],
      ['always', true, true, false],
    ] as const
    for (const [gatewaySign, ...wanted] of table)
      for (const [at, sign] of [null, true, false].entries())
        assert.equal(isSigned({ gatewaySign }, { sign }), wanted[at], `${gatewaySign} ${sign}`)
  })

  it('tell machines and lists from people', () => {
    assert.ok(!isAutomatic('a@x.test', headerOf('From: a@x.test', 'Auto-Submitted: no')))
    assert.ok(isAutomatic('', headerOf('From: a@x.test')))
    for (const line of [
      'Auto-Submitted: auto-replied; x=y',
      'List-Id: <a.b>',
      'List-Unsubscribe: <mailto:x>',
      'Precedence: Bulk',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=x',
    ])
      assert.ok(isAutomatic('a@x.test', headerOf('From: a@x.test', line)), line)
  })
})

describe('what a mail asks of the gateway', () => {
  it('stands in its header, where only a plain no is one', () => {
    assert.deepEqual(wishesIn(['Subject: hi']), { encrypt: null, sign: null, subject: null })
    for (const [said, wanted] of [
      ['yes', true],
      ['', true],
      ['true', true],
      ['NO', false],
      ['no!', true],
    ] as const) {
      assert.equal(wishesIn([`X-Chatelaine-Encrypt: ${said}`]).encrypt, wanted, said)
      assert.equal(wishesIn([`x-chatelaine-sign: ${said}`]).sign, wanted, said)
    }
    assert.equal(wishesIn(['X-Chatelaine-Encrypt: no', 'X-Chatelaine-Encrypt: yes']).encrypt, true)
  })

  it('or as a tag in its subject, which is taken out wherever it stands', () => {
    const subjectIn = (line: string, settings = {}) => wishesIn([`Subject: ${line}`], settings)
    assert.deepEqual(subjectIn('[ENCRYPT] Plans').subject, 'Subject: Plans\r\n')
    assert.deepEqual(subjectIn('Re: [encrypt] Plans [encrypt]').subject, 'Subject: Re: Plans\r\n')
    const { subject, encrypt } = subjectIn('=?utf-8?B?W2VuY3J5cHRdIEvDtmxu?=')
    assert.equal(encrypt, true)
    assert.equal(subject, `Subject: =?UTF-8?B?${Buffer.from('Köln').toString('base64')}?=\r\n`)
    assert.deepEqual(subjectIn('(secret) x', { CHATELAINE_GATEWAY_SUBJECT_TAG: '(secret)' }).subject, 'Subject: x\r\n')
    assert.equal(subjectIn('[encrypt] x', { CHATELAINE_GATEWAY_SUBJECT_TAG: 'none' }).encrypt, null)
    // Of several subjects some programs show the first, others the last.
    const doubled = wishesIn(['Subject: Plans', 'Subject: [encrypt] Other'])
    assert.deepEqual([doubled.encrypt, doubled.subject], [true, 'Subject: Plans\r\n'])
    assert.equal(wishesIn([`Subject: ${'x'.repeat(30_000)} [encrypt]`]).encrypt, true)
    assert.equal(subjectIn('=?utf-8?Q?[encr?= =?utf-8?Q?ypt]?=').encrypt, true)
    // A demand in the subject is one, whatever the header says.
    assert.equal(wishesIn(['Subject: [encrypt]', 'X-Chatelaine-Encrypt: no']).encrypt, true)
    const long = subjectIn(`[encrypt] ${'ü'.repeat(200)}`).subject!
    assert.ok(
      long.split('\r\n').every((line) => line.length <= 90),
      long,
    )
  })
})
