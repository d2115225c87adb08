import type { Reason, Refusal } from '#src/domain/refusals.ts'
import type { Incoming } from '#src/http/endpoint.ts'

const words: Partial<Record<Reason, readonly [status: number, text: string]>> = {
  'key.unknown': [404, 'No key found'],
  'endpoint.unknown': [404, 'There is nothing here'],
  'input.invalid': [400, 'The request is not complete, or has a part that cannot be understood'],
  'input.unreadable': [400, 'The request is not valid UTF-8'],
  'input.too-large': [413, 'That is too much at once'],
  'input.slow': [408, 'The request took too long to arrive'],
  'method.unsupported': [405, 'The method does not fit this path'],
  'key.unreadable': [400, 'That is no OpenPGP key that this server can read'],
  'access.denied': [403, 'This server takes no keys from the world'],
  'feature.missing': [501, 'This server does not offer it'],
  'rate.exceeded': [429, 'Too many questions: wait a little'],
  'server.busy': [503, 'The server is busy: try again'],
}

const OTHER = [400, 'This cannot be done'] as const

/** A refusal in plain text; what the asker needs to mend it follows on a line of its own. */
export function refuse({ reason, facts }: Refusal, _: Incoming): Response {
  const [status, text] = words[reason] ?? OTHER
  const why = facts.why === undefined ? '' : `: ${facts.why}`
  const retry: Record<string, string> = facts.retryAfter ? { 'Retry-After': String(facts.retryAfter) } : {}
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...retry }
  return new Response(`${text}${why}.\n`, { status, headers })
}

export const fault = (): Response =>
  new Response('Internal error.\n', { status: 500, headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
