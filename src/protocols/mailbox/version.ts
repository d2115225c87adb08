import { z } from 'zod'
import { endpoint, type Protocol } from '#src/http/endpoint.ts'
import { version } from '#src/lib/version.ts'
import { mailbox } from './mailbox.ts'

// What is spoken here is what the published API says of account security; its number changes when that does.
const API_VERSION = '1.0.0'

const Versions = z.object({ apiVersion: z.string(), serverVersion: z.string() })

const versionAt = (at: 'GET /api' | 'GET /api/') =>
  endpoint({
    at,
    what: 'The versions of the Mailbox API and of this server',
    who: 'anyone',
    in: { query: z.strictObject({}) },
    out: Versions,
    does: async (): Promise<z.output<typeof Versions>> => ({ apiVersion: API_VERSION, serverVersion: version }),
  })

export const versionEndpoints = [versionAt('GET /api/'), versionAt('GET /api')]

/** The one call of the Mailbox API that lies above its base. */
export const mailboxVersion: Protocol = {
  ...mailbox,
  name: 'mailbox-version',
  title: 'Version of the Axigen Mailbox API',
  bases: [''],
  endpoints: () => versionEndpoints,
}
