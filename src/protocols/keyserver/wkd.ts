import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { keysNamed, submissionAddress } from '#src/domain/publishing/publishing.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Incoming } from '#src/http/endpoint.ts'
import { cached, together } from './answers.ts'
import { askedAt } from './asking.ts'

const NAME = /^[ybndrfg8ejkmcpqxot1uwisza345h769]{32}$/
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** The domains that may be meant: the one in the path, or the host that was asked, with or without our label. */
function domainsOf(domain: string | undefined, { url }: Incoming): string[] {
  const host = url.hostname.toLowerCase().replace(/\.$/, '')
  const meant = domain === undefined ? [host, host.replace(/^openpgpkey\./, '')] : [domain.toLowerCase()]
  return [...new Set(meant)].filter((one) => DOMAIN.test(one))
}

// Whose name it is, says the hash alone: a client need not send `l`, and it is not looked at.
const spelled = z.object({ l: z.string().optional() })
const direct = z.object({ hash: z.string() })
const advanced = z.object({ hash: z.string(), domain: z.string() })

async function lookUp(
  ctx: Context,
  { hash, domain }: { hash: string; domain?: string },
  incoming: Incoming,
): Promise<Response> {
  const name = hash.toLowerCase()
  if (NAME.test(name))
    for (const own of domainsOf(domain, incoming)) {
      const keys = await keysNamed(ctx, name, own)
      if (keys.length > 0) return cached(incoming, together(keys), 'application/octet-stream')
    }
  throw new Refusal('key.unknown')
}

const WELL_KNOWN = '/.well-known/openpgpkey'

/** Web Key Directory, draft-koch-openpgp-webkey-service, section 3.1: advanced, direct, and as proxies rewrite it. */
export const wkdEndpoints = [
  ...askedAt([`${WELL_KNOWN}/{domain}/hu/{hash}`], {
    what: 'The key of an address, by the advanced method of the Web Key Directory',
    in: { path: advanced, query: spelled },
    answers: (ctx, { path }, incoming) => lookUp(ctx, path, incoming),
  }),
  ...askedAt([`${WELL_KNOWN}/hu/{hash}`, '/hu/{hash}'], {
    what: 'The key of an address at the domain of the host, by the direct method of the Web Key Directory',
    in: { path: direct, query: spelled },
    answers: (ctx, { path }, incoming) => lookUp(ctx, path, incoming),
  }),
  ...askedAt([`${WELL_KNOWN}/{domain}/policy`, `${WELL_KNOWN}/policy`], {
    what: 'The policy of the Web Key Directory',
    in: {},
    // The same for every domain: to find out whether it is one of ours would be a walk through all accounts.
    async answers(ctx, _, incoming) {
      if (!ctx.config.publishKeys) throw new Refusal('endpoint.unknown')
      const address = submissionAddress(ctx)
      return cached(incoming, address ? `submission-address: ${address}\n` : '', 'text/plain; charset=utf-8')
    },
  }),
  ...askedAt([`${WELL_KNOWN}/{domain}/submission-address`, `${WELL_KNOWN}/submission-address`], {
    what: 'Where keys are mailed to for publication',
    in: {},
    async answers(ctx, _, incoming) {
      const address = ctx.config.publishKeys ? submissionAddress(ctx) : null
      if (!address) throw new Refusal('endpoint.unknown')
      return cached(incoming, `${address}\n`, 'text/plain; charset=utf-8')
    },
  }),
]
