import type { Incoming } from '#src/http/endpoint.ts'

/**
 * The families of plain answers (docs/guard.md). E: `{"data": …}`, made by `enveloped`. F: an object as it
 * is. T: a bare word, as text unless the client's Accept prefers JSON.
 */
export const enveloped = <T>(data: T): { data: T } => ({ data })

/** What actions answer that have nothing to say. */
export const nothing = {}

/** A file of keys to be saved. */
export const keyFile = (armor: string, name: string): Response =>
  new Response(armor, {
    headers: { 'Content-Type': 'application/pgp-keys', 'Content-Disposition': `attachment; filename="${name}"` },
  })

/** The form in which OX writes what went well, but not as asked. `params`: of `error`; `reason`: in a word for programs. */
export const warning = (
  code: string,
  error: string,
  { params = [], reason }: { params?: readonly string[]; reason?: string } = {},
) => ({
  error,
  error_params: params,
  code,
  categories: 'WARNING',
  category: 13,
  ...(reason === undefined ? {} : { reason }),
})

/** Family E, with warnings where there are any. */
export const warned = <T>(data: T, warnings: readonly ReturnType<typeof warning>[]) =>
  warnings.length > 0 ? { data, warnings } : { data }

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
