import { z } from 'zod'
import { type Plan, type PlannedKey, planMail, type ShownKey } from '#src/domain/outgoing/outgoing.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { mailboxesOf } from '#src/lib/mime/mailboxes.ts'
import { explanationOf } from './plan-words.ts'
import { sessionQuery } from './request.ts'

const MOST = 500

const addresses = z.array(z.string().max(1000)).max(MOST).default([])

const recommendation = z.enum(['disable', 'discourage', 'available', 'encrypt']).describe('by the rules of Autocrypt')

const shown = {
  fingerprint: z.string(),
  keyId: z.string(),
  created: z.string().describe('seconds since 1970, in decimal'),
  expires: z.string().nullable().describe('the same; null for never'),
  algorithm: z.string(),
}

const planned = z.object({
  author: z.object({
    address: z.string(),
    key: z.object(shown).nullable().describe('signs, and reads the copy for the folder of sent mail'),
    canSign: z.boolean(),
    needsPassword: z.boolean().describe('to sign: nothing that opens the key is left with the session'),
  }),
  recipients: z.array(
    z.object({
      address: z.string(),
      role: z.enum(['to', 'cc', 'bcc']),
      how: z.enum(['encrypted', 'guest', 'clear-only']),
      key: z
        .object({
          ...shown,
          source: z.string().describe('as in keySources'),
          trusted: z.boolean(),
          trustLevel: z.number(),
          verified: z.boolean(),
          preferEncrypt: z.enum(['mutual', 'nopreference']).nullable(),
        })
        .nullable(),
      guest: z.object({ exists: z.boolean(), hasPassword: z.boolean(), refuses: z.boolean() }).nullable(),
      reason: z.string().nullable(),
      explanation: z.string(),
      recommendation,
    }),
  ),
  canEncrypt: z.boolean(),
  canSend: z.boolean().describe('this server has a way to send mail'),
  recommendation,
  newGuests: z.array(z.string()).describe('who would be made a guest'),
  newKeys: z.array(z.string()).describe('colleagues who would be given a key of their own'),
})

/** The address of an entry, with or without a name. Each must hold exactly one. */
function addressIn(field: string, entry: string): string {
  const [mailbox, ...more] = mailboxesOf([entry])
  if (mailbox && mailbox.address !== '' && more.length === 0) return mailbox.address
  throw new Refusal('input.invalid', { params: [`${field}: ${entry.slice(0, 60)}`] })
}

const seconds = (time: number): string => String(Math.floor(time / 1000))

const spokenKey = <K extends ShownKey>({ created, expires, ...key }: K) => ({
  ...key,
  created: seconds(created),
  expires: expires === null ? null : seconds(expires),
})

function spokenOther({ prefersEncryption, ...key }: PlannedKey) {
  const preferEncrypt = prefersEncryption === null ? null : prefersEncryption ? 'mutual' : 'nopreference'
  return { ...spokenKey(key), preferEncrypt }
}

const spoken = ({ author: { key, isUnlocked, ...author }, recipients, ...all }: Plan) => ({
  author: { ...author, key: key && spokenKey(key), needsPassword: author.canSign && !isUnlocked },
  recipients: recipients.map((one) => ({
    ...one,
    key: one.key && spokenOther(one.key),
    explanation: explanationOf(one),
  })),
  ...all,
})

export const plan = endpoint({
  at: 'POST /mail/plan',
  what: 'How a message would reach everybody: with which key, as a guest or not encrypted at all. Makes and sends nothing',
  who: 'a full session',
  takes: 'json',
  in: {
    query: z.strictObject(sessionQuery),
    body: z.strictObject({
      from: z.string().max(1000).optional(),
      to: addresses,
      cc: addresses,
      bcc: addresses,
      reply: z.boolean().default(false).describe('it answers an encrypted message'),
    }),
  },
  out: planned,
  limits: { body: 1024 * 1024 },
  async does(ctx, { body: { from, reply, ...lists } }, signed) {
    const [to, cc, bcc] = (['to', 'cc', 'bcc'] as const).map((name) => lists[name].map((one) => addressIn(name, one)))
    if (to!.length + cc!.length + bcc!.length > MOST)
      throw new Refusal('input.invalid', { params: [`more than ${MOST} recipients`] })
    const author = from === undefined ? undefined : addressIn('from', from)
    return spoken(await planMail(ctx, { signed, from: author, to: to!, cc: cc!, bcc: bcc!, answers: reply }))
  },
})
