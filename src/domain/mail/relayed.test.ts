import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Config } from '#src/config.ts'
import { relayedBy } from './relayed.ts'
import type { MailSignature } from './signers.ts'

const config = { mailFrom: 'Our Mail <post@house.example>', totpIssuer: 'House' } as Config
const GUEST = 'zed@there.example'
const FROM = `"${GUEST} via Our Mail" <post@house.example>`

const signature: MailSignature = {
  keyId: '0123456789ABCDEF',
  fingerprint: null,
  status: 'valid',
  signer: GUEST,
  matchesSender: false,
  created: 0,
  source: 'guest',
  trusted: true,
  keyExpired: null,
  isForOthers: false,
}

interface Mail {
  from?: string
  replyTo?: string
  more?: string
  covered?: string[]
  author?: string | null
  fromDiffers?: boolean
  signed?: Partial<MailSignature>
}

function judged({ from = FROM, replyTo = GUEST, more = '', signed = {}, ...inside }: Mail = {}): string | null {
  const { covered = ['from', 'reply-to', 'subject'], author = 'post@house.example', fromDiffers = false } = inside
  const fields = covered.map((name) => ({ name, hidden: false, changed: false }))
  return relayedBy(
    { config },
    {
      message: [Buffer.from(`From: ${from}\r\nReply-To: ${replyTo}\r\n${more}Subject: x\r\n\r\nHello\r\n`)],
      protection: { authors: author === null ? null : [author], author, fromDiffers, fields },
      signatures: [{ ...signature, ...signed }],
    },
  )
}

it('An answer that the house sent for a guest is known by exactly what the house writes, and by nothing that is like it', () => {
  assert.equal(judged(), GUEST)
  const others: Record<string, Mail> = {
    'the name of somebody else': { from: '"boss@house.example via Our Mail" <post@house.example>' },
    'no name': { from: 'post@house.example' },
    'another address': { from: `"${GUEST} via Our Mail" <post@else.example>`, author: 'post@else.example' },
    'two authors': { from: `${FROM}, boss@house.example`, author: null },
    'a second From': { more: 'From: boss@house.example\r\n' },
    'an answer to somebody else': { replyTo: 'boss@house.example' },
    'an answer to somebody of another name': { replyTo: `"boss@house.example" <${GUEST}>` },
    'an answer to two': { replyTo: `${GUEST}, eve@there.example` },
    'From that nobody signed': { covered: ['reply-to', 'subject'] },
    'Reply-To that nobody signed': { covered: ['from'] },
    'another From outside': { fromDiffers: true },
    'a changed mail': { signed: { status: 'invalid' } },
    'a revoked key': { signed: { status: 'key-revoked' } },
    'a key that is not one of ours': { signed: { source: 'autocrypt' } },
    'the key of another guest': { signed: { signer: 'eve@there.example' } },
    'a mail for others, sent on': { signed: { isForOthers: true } },
  }
  for (const [what, mail] of Object.entries(others)) assert.equal(judged(mail), null, what)
})
