import { piecesOf, streamOf } from '#src/http/pieces.ts'

/** A whole message as an answer, in pieces. */
export function messageAnswer(message: Uint8Array): Response {
  const about = { 'Content-Type': 'message/rfc822', 'Content-Length': String(message.length) }
  return new Response(streamOf(piecesOf(message)), { headers: about })
}
