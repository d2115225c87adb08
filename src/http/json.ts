/**
 * A JSON answer. Written from a string, which the server can send in one piece with its length; `Response.json` would
 * make a stream of it.
 */
export function jsonAnswer(
  value: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json', ...headers } })
}
