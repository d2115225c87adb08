import assert from 'node:assert/strict'
import { it } from 'node:test'
import { asciiAddress, isAddress, plainAddress } from './mail-address.ts'

it('makes no letter of another script one of ASCII', () => {
  assert.equal(plainAddress(' Anna@Example.ORG '), 'anna@example.org')
  assert.equal(plainAddress('ÄNNE@example.org'), 'änne@example.org')
  for (const text of ['\u212aim@example.org', '\u0130da@example.org', '\uff4bim@example.org', 'kim@\uff45xample.org'])
    for (const form of [plainAddress(text), asciiAddress(text)]) assert.equal(isAddress(form), false, text)
  assert.equal(asciiAddress('Kim@BÜCHER.example'), 'kim@xn--bcher-kva.example')
  assert.equal(asciiAddress('kim@faß.example'), 'kim@xn--fa-hia.example')
})
