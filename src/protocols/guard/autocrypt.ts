import { z } from 'zod'
import {
  importSetup,
  makeSetup,
  recommend,
  type TakenHeader,
  takeHeader,
  verifyAutocrypt,
} from '#src/domain/correspondents/correspondents.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { asciiAddress, isAddress } from '#src/lib/mail-address.ts'
import { enveloped, nothing } from './answers.ts'
import { keyIdsIn, keyids, wirePreference } from './external-keys.ts'
import { newPasswordIn, passwordFields, passwordIn, sessionQuery, truth } from './inputs.ts'
import { wirePublicRing, wireRing } from './ring.ts'

const anyData = z.object({ data: z.unknown() })
// A header of 64 kB, each of its characters percent-encoded at the worst.
const HEADER_LIMIT = 256 * 1024
const EMAILS_AT_MOST = 100

const wireTaken = ({ certificate, info, ...taken }: TakenHeader) => ({
  publicRing: wirePublicRing(certificate, info),
  email: taken.address,
  preferEncrypt: wirePreference(taken.prefersEncryption),
  added: taken.added,
  updated: taken.updated,
  isNew: taken.isNew,
  verified: taken.verified,
})

const put = endpoint({
  at: 'PUT /oxguard/keys?action=putautocrypt',
  what: 'Tells what is in an Autocrypt header, and keeps its key if asked to',
  who: 'a full session',
  takes: 'json or form',
  in: {
    query: z.object({ ...sessionQuery, add: truth.default(false), confirmed: truth.default(false) }),
    body: z.looseObject({ header: z.string().min(1), sent_date: z.union([z.string().min(1), z.number()]) }),
  },
  out: anyData,
  limits: { body: HEADER_LIMIT },
  async does(ctx, { query, body }, { account }, { origin }) {
    const { add: keep, confirmed } = query
    const sent = String(body.sent_date)
    return enveloped(wireTaken(await takeHeader(ctx, { account, value: body.header, sent, keep, confirmed, origin })))
  },
})

const verify = endpoint({
  at: 'PUT /oxguard/keys?action=verifyAutoCryptKey',
  what: 'Notes that the user has found a key right that came by Autocrypt, or takes that back',
  who: 'a full session',
  takes: 'none',
  in: { query: z.object({ ...sessionQuery, keyids, verified: truth }) },
  async does(ctx, { query }, { account }, { origin }) {
    await verifyAutocrypt(ctx, { account, ids: keyIdsIn(query.keyids), verified: query.verified, origin })
    return nothing
  },
})

function emailsIn(text: string): string[] {
  const emails = [...new Set(text.split(',').map(asciiAddress))].filter((one) => one !== '')
  const wrong = emails.find((one) => !isAddress(one))
  if (wrong !== undefined || emails.length > EMAILS_AT_MOST || emails.length === 0)
    throw new Refusal('input.invalid', { params: ['emails', (wrong ?? text).slice(0, 60)] })
  return emails
}

const recommendation = endpoint({
  at: 'GET /oxguard/keys?action=autocryptRecommendation',
  what: 'Whether a mail to these people should be encrypted, for each and for all (ours)',
  who: 'a full session',
  in: { query: z.object({ ...sessionQuery, emails: z.string().min(1), reply: truth.default(false) }) },
  out: anyData,
  async does(ctx, { query }, { account }) {
    const { recipients, ...all } = await recommend(ctx, {
      account,
      emails: emailsIn(query.emails),
      answers: query.reply,
    })
    const wire = recipients.map(({ fingerprint, prefersEncryption: _, ...one }) => ({
      ...one,
      ...(fingerprint ? { fingerprint } : {}),
    }))
    return enveloped({ ...all, recipients: wire })
  },
})

const setup = endpoint({
  at: 'POST /oxguard/keys?action=autocryptSetup',
  what: 'An Autocrypt setup message with the current key, and the code that opens it (ours)',
  who: 'a full session',
  takes: 'json or form',
  in: { query: z.object(sessionQuery), body: z.looseObject(passwordFields) },
  out: z.object({ data: z.object({ message: z.string(), code: z.string() }) }),
  async does(ctx, { body }, signed, { origin }) {
    const password = await passwordIn(ctx, body)
    return enveloped(await makeSetup(ctx, { signed, proof: password === undefined ? 'stored' : { password }, origin }))
  },
})

const text = z.string().min(1)

const importing = endpoint({
  at: 'POST /oxguard/keys?action=importAutocryptSetup',
  what: 'Takes the key of an Autocrypt setup message in, which other programs make too (ours)',
  who: 'a full session',
  takes: 'form or multipart',
  in: {
    query: z.object(sessionQuery),
    body: z.looseObject({ message: text, code: text, newPassword: text.nullish(), e_newPassword: text.nullish() }),
  },
  out: anyData,
  limits: { body: 1024 * 1024 },
  async does(ctx, { body }, signed, { origin }) {
    const newPassword = await newPasswordIn(ctx, { password: body.newPassword, e_password: body.e_newPassword })
    const message = Buffer.from(body.message, 'utf8')
    const rings = await importSetup(ctx, { signed, message, code: body.code, newPassword, origin })
    return enveloped({ keyRings: rings.map((ring) => wireRing(signed.account, ring)) })
  },
})

export const autocryptEndpoints: Endpoint[] = [put, verify, recommendation, setup, importing]
