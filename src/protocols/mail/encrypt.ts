import { z } from 'zod'
import { encryptMail } from '#src/domain/mail/mail.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { piecesOf, streamOf } from './pieces.ts'
import { judgeContentType, mailBody, proofOf, sessionQuery } from './request.ts'

const truth = z.enum(['true', 'false'])

export const encrypt = (mailLimit: number) =>
  endpoint({
    at: 'POST /mail/encrypt',
    what: 'Encrypts a whole message for everybody it goes to, and signs it if asked to; answers the PGP/MIME message',
    who: 'a full session',
    takes: 'bytes',
    in: {
      query: z.strictObject({ ...sessionQuery, sign: truth.default('false'), autocrypt: truth.default('true') }),
      body: mailBody,
    },
    limits: { body: mailLimit },
    async does(ctx, { query, body }, signed, { headers, origin }) {
      judgeContentType(headers)
      const sign = query.sign === 'true'
      const autocrypt = query.autocrypt === 'true'
      const proof = proofOf(headers)
      const sealed = await encryptMail(ctx, { signed, message: body, sign, autocrypt, proof, origin })
      const about = { 'Content-Type': 'message/rfc822', 'Content-Length': String(sealed.length) }
      return new Response(streamOf(piecesOf(sealed)), { headers: about })
    },
  })
