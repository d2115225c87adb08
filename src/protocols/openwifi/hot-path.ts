import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '#src/context.ts'

/** Answers the hottest routes before the framework; false when the request is not one of them. */
export function hotPath(_ctx: Context): (message: IncomingMessage, response: ServerResponse) => boolean {
  return () => false
}
