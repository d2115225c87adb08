import type { Facts, Following } from '#src/lib/tracing.ts'
import type { Incoming } from './endpoint.ts'

/** What became of a request, as it may be told: by the endpoint's template, never by its path or query. */
interface Answer {
  protocol: string
  endpoint: string
  status: number
  /** empty when it was no refusal */
  reason: string
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Names the span of a request by OpenTelemetry's conventions for HTTP servers. */
export function noteAnswer(span: Following, answer: Answer, { method, requestId }: Incoming): void {
  const { protocol, endpoint, status, reason } = answer
  const known = METHODS.has(method) ? method : '_OTHER'
  const [, route = ''] = endpoint.split(' ')
  const facts: Facts = {
    'http.request.method': known,
    'http.response.status_code': status,
    'chatelaine.protocol': protocol,
    'chatelaine.request_id': requestId,
  }
  if (route) facts['http.route'] = route
  if (reason) facts['chatelaine.refusal'] = reason
  if (status >= 500) facts['error.type'] = String(status)
  span.note(route ? `${known} ${route}` : known, facts)
  if (status >= 500) span.fail()
}
