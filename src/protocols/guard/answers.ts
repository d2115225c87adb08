import type { Incoming } from '#src/http/endpoint.ts'

/**
 * The families of plain answers (docs/guard.md). E: `{"data": …}`, made by `enveloped`. F: an object as it
 * is. T: a bare word, as text unless the client's Accept prefers JSON.
 */
export const enveloped = <T>(data: T): { data: T } => ({ data })

/** What actions answer that have nothing to say. */
export const nothing = {}

const prefersJson = (accept: string): boolean => {
  const types = accept
    .toLowerCase()
    .split(',')
    .map((type) => type.split(';')[0]!.trim())
  const json = types.indexOf('application/json')
  const text = types.indexOf('text/plain')
  return json >= 0 && (text < 0 || json < text)
}

export function reply(result: unknown, { headers }: Incoming): Response {
  if (typeof result !== 'string' || prefersJson(headers.get('accept') ?? ''))
    return new Response(JSON.stringify(result), { headers: { 'Content-Type': 'application/json; charset=UTF-8' } })
  return new Response(result, { headers: { 'Content-Type': 'text/plain; charset=UTF-8' } })
}
