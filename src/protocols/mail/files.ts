import { z } from 'zod'
import { decryptFile, encryptFile, signFile, verifyFile } from '#src/domain/mail/mail.ts'
import { safeName } from '#src/http/disposition.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import type { Part } from '#src/http/multipart.ts'
import { piecesOf } from '#src/http/pieces.ts'
import { roomForMore } from '#src/http/room.ts'
import { signature } from '#src/http/spoken-signature.ts'
import { partsOf } from '#src/lib/openpgp/bulk/in-place.ts'
import { type ArmorOptions, armoredLength, armoredPieces } from '#src/lib/openpgp/bulk/output.ts'
import { fileAnswer, fileSignature, signaturesHeader } from './file-answer.ts'
import { fileName, fromOf, fromQuery, recipientsOf } from './file-request.ts'
import { mailBody, proofOf, sessionQuery, truth } from './request.ts'

// What was as large as a file may be before it was encrypted: armor adds three eighths at most.
const ARMORED = 1.5
// Beside a file, what a form and a signature need.
const FORM = 1024 * 1024

const BINARY = 'application/octet-stream'

const encrypt = (limit: number): Endpoint =>
  endpoint({
    at: 'POST /mail/files/encrypt',
    what: 'Encrypts a file for the people at some addresses and for its owner, and signs it if asked to',
    who: 'a full session',
    takes: 'bytes',
    in: {
      query: z.strictObject({
        ...sessionQuery,
        to: z.string().default(''),
        sign: truth.default('false'),
        armor: truth.default('false'),
        self: truth.default('true'),
        name: fileName.default(''),
      }),
      body: mailBody,
    },
    limits: { body: limit },
    async does(ctx, { query, body: data }, signed, { headers, origin }) {
      const how = { to: recipientsOf(query.to), self: query.self === 'true', sign: query.sign === 'true' }
      const asked = { signed, proof: proofOf(headers), origin }
      const sealed = await encryptFile(ctx, { data, fileName: query.name, ...how, ...asked })
      const { length, hasChecksum } = sealed
      const parts = partsOf(sealed, data)
      const name = query.name === '' ? 'file' : safeName(query.name)
      if (query.armor === 'false') return fileAnswer(piecesOfAll(parts), { type: BINARY, length, name: `${name}.gpg` })
      const options: ArmorOptions = { kind: 'MESSAGE', lineEnd: '\n', hasChecksum }
      const about = { type: 'application/pgp-encrypted', length: armoredLength(length, options), name: `${name}.asc` }
      return fileAnswer(armoredPieces(parts, options), about)
    },
  })

function* piecesOfAll(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const part of parts) yield* piecesOf(part)
}

const decrypt = (limit: number): Endpoint =>
  endpoint({
    at: 'POST /mail/files/decrypt',
    what: 'Opens an encrypted file and judges its signatures, which the header X-Signatures tells of',
    who: 'a full session',
    takes: 'bytes',
    in: { query: z.strictObject(fromQuery), body: mailBody },
    limits: { body: Math.ceil(limit * ARMORED) },
    async does(ctx, { query, body: message }, signed, { headers, origin, makeRoom }) {
      const asked = { signed, proof: proofOf(headers), origin }
      const opened = await decryptFile(ctx, { message, from: fromOf(query.from), ...asked })
      const { data, signatures } = opened
      await roomForMore(makeRoom, message, [data])
      const more = signaturesHeader(signatures)
      const about = { type: BINARY, length: data.length, name: safeName(opened.fileName), more }
      return fileAnswer(piecesOf(data), about)
    },
  })

const sign = (limit: number): Endpoint =>
  endpoint({
    at: 'POST /mail/files/sign',
    what: 'Signs a file; answers the armored signature, apart from the file',
    who: 'a full session',
    takes: 'bytes',
    in: { query: z.strictObject(sessionQuery), body: mailBody },
    limits: { body: limit },
    async does(ctx, { body: data }, signed, { headers, origin }) {
      const made = await signFile(ctx, { data, signed, proof: proofOf(headers), origin })
      return new Response(made, { headers: { 'Content-Type': 'application/pgp-signature' } })
    },
  })

const part = z
  .custom<Part>((value) => typeof value === 'object' && value !== null && 'data' in value)
  .meta({ type: 'string', format: 'binary' })

const verify = (limit: number): Endpoint =>
  endpoint({
    at: 'POST /mail/files/verify',
    what: 'Judges the signatures of a file that came apart from it; needs no key',
    who: 'a full session',
    takes: 'multipart',
    in: { query: z.strictObject(fromQuery), body: z.strictObject({ data: part, signature: part }) },
    out: z.object({ signatures: z.array(signature) }),
    limits: { body: limit + FORM },
    async does(ctx, { query, body }, signed) {
      const [data, made] = [body.data.data, body.signature.data]
      const signatures = await verifyFile(ctx, { signed, data, signature: made, from: fromOf(query.from) })
      return { signatures: signatures.map(fileSignature) }
    },
  })

export const files = (limit: number): Endpoint[] => [encrypt(limit), decrypt(limit), sign(limit), verify(limit)]
