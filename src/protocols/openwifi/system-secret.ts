import { z } from 'zod'
import {
  changeSecret,
  judgeSecretReader,
  listSecrets,
  readSecret,
  removeSecret,
  type SystemSecret,
} from '#src/domain/services/services.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { judgeElevated } from './callers.ts'
import { flag, text } from './input.ts'
import { complaint } from './refuse.ts'

/** The secrets that the known services ask for; any other name is as good. */
const KNOWN = [
  { key: 'google.maps.apikey', description: 'API key for Google Maps, which web interfaces draw their maps with' },
  { key: 'iptocountry.ipinfo.token', description: 'Token for ipinfo.io: in which country an address is' },
  { key: 'iptocountry.ipdata.apikey', description: 'API key for ipdata.co: in which country an address is' },
  { key: 'iptocountry.ip2location.apikey', description: 'API key for ip2location.com: in which country an address is' },
]

const LONGEST_VALUE = 4096

const path = z.object({
  secret: z.string().transform((name) => {
    if (!/^[A-Za-z0-9._-]{1,128}$/.test(name)) throw complaint(1018)
    return name
  }),
})

const Entry = z.object({ key: z.string(), value: z.string() })
const entry = ({ name, value }: SystemSecret) => ({ key: name, value })

const read = endpoint({
  at: 'GET /systemSecret/{secret}',
  what: 'A system secret; with `all` every one, with `dictionary` the names that services know',
  who: 'a session, key or service',
  in: { path, query: z.object({ all: flag, dictionary: flag }) },
  out: z.union([
    Entry,
    z.object({ secrets: z.array(Entry) }),
    z.object({ knownKeys: z.array(z.object({ key: z.string(), description: z.string() })) }),
  ]),
  async does(ctx, { path, query }, asker, incoming) {
    const { account: caller } = asker
    judgeSecretReader(caller)
    await judgeElevated(ctx, asker, incoming)
    if (query.all) return { secrets: (await listSecrets(ctx, caller)).map(entry) }
    if (query.dictionary) return { knownKeys: KNOWN }
    return entry(await readSecret(ctx, caller, path.secret))
  },
})

const write = endpoint({
  at: 'PUT /systemSecret/{secret}',
  what: 'Keep a system secret',
  who: 'a session, key or service',
  in: { path, query: z.object({ value: text(LONGEST_VALUE) }) },
  out: Entry,
  async does(ctx, { path, query }, asker, incoming) {
    await judgeElevated(ctx, asker, incoming)
    const { account: caller } = asker
    const { origin } = incoming
    const { value } = query
    if (!value) throw complaint(1018)
    const secret = { name: path.secret, value }
    await changeSecret(ctx, { caller, secret, origin })
    return entry(secret)
  },
})

const remove = endpoint({
  at: 'DELETE /systemSecret/{secret}',
  what: 'Forget a system secret',
  who: 'a session, key or service',
  in: { path },
  async does(ctx, { path }, asker, incoming) {
    await judgeElevated(ctx, asker, incoming)
    const { account: caller } = asker
    const { origin } = incoming
    await removeSecret(ctx, { caller, name: path.secret, origin })
  },
})

export const systemSecret = [read, write, remove]
