import { z } from 'zod'
import { type Fate, type Sent, sendMail } from '#src/domain/outgoing/outgoing.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { jsonWithMessage, streamOf } from '#src/http/pieces.ts'
import { judgeContentType, mailBody, optionsOf, optionsQuery, proofOf, sessionQuery, truth } from './request.ts'

const GREETING = 'X-Guest-Greeting'
// As much as guests are shown: nothing that was written is left out in silence.
const GREETING_AT_MOST = 500

const fate = z.object({
  address: z.string(),
  how: z.enum(['encrypted', 'guest']),
  source: z.string().describe('where the key comes from, as in keySources; guest; sender: it came encrypted'),
  pin: z.string().optional().describe('what a guest needs besides the link: to be told him, not by mail'),
})

const sent = z.object({
  id: z.string().describe('the Message-ID'),
  recipients: z.array(fate),
  messageEncoding: z.enum(['utf-8', 'base64']).nullable(),
  message: z
    .string()
    .nullable()
    .describe('for the folder of sent mail, encrypted for the author; null when he has no key'),
})

/** What the author says to guests, in the clear. It may be personal, so it does not stand in the URL. */
function greetingIn(headers: Headers): string | undefined {
  const value = headers.get(GREETING)
  if (value === null) return undefined
  const wrong = new Refusal('input.invalid', { params: [`${GREETING}, which must be percent-encoded UTF-8`] })
  try {
    const greeting = decodeURIComponent(value)
    if ([...greeting].length <= GREETING_AT_MOST) return greeting
  } catch {
    throw wrong
  }
  throw new Refusal('input.invalid', { params: [`${GREETING}, which may have ${GREETING_AT_MOST} characters`] })
}

const spoken = ({ address, how, source, pin }: Fate) => ({ address, how, source, ...(pin ? { pin } : {}) })

function sentAnswer({ id, recipients, message }: Sent): Response {
  const facts = { id, recipients: recipients.map(spoken) }
  if (!message) return jsonAnswer({ ...facts, messageEncoding: null, message: null })
  const headers = { 'Content-Type': 'application/json' }
  return new Response(streamOf(jsonWithMessage(facts, message)), { headers })
}

export const send = (mailLimit: number) =>
  endpoint({
    at: 'POST /mail/send',
    what: 'Encrypts a whole message for everybody it goes to and sends it, or sends nothing; answers the copy to be kept',
    who: 'a full session',
    takes: 'bytes',
    in: {
      query: z.strictObject({
        ...sessionQuery,
        ...optionsQuery,
        sign: truth.default('false'),
        guests: truth.default('true'),
        pin: truth.default('false'),
        language: z
          .string()
          .regex(/^[a-z]{2,3}([_-][A-Za-z]{2,4})?$/)
          .optional(),
      }),
      body: mailBody,
    },
    out: sent,
    limits: { body: mailLimit },
    async does(ctx, { query, body }, signed, { headers, origin }) {
      judgeContentType(headers)
      const { language } = query
      const wish = {
        guests: query.guests === 'true',
        pin: query.pin === 'true',
        greeting: greetingIn(headers),
        language,
      }
      const how = { sign: query.sign === 'true', options: optionsOf(query), proof: proofOf(headers), wish }
      return sentAnswer(await sendMail(ctx, { signed, message: body, ...how, origin }))
    },
  })
