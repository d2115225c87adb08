import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { keysAt, keysWith, type Shown, takeOffered } from '#src/domain/publishing/publishing.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { asciiAddress, isAddress } from '#src/lib/mail-address.ts'
import { armored, cached } from './answers.ts'
import { askedAt } from './asking.ts'
import { indexForPeople, indexForPrograms } from './hkp-index.ts'

const PLAIN = 'text/plain; charset=utf-8'

const query = z.object({
  op: z.string().optional(),
  search: z.string().optional(),
  options: z.string().optional(),
})

/** An address, alone or in angle brackets behind a name. */
const addressIn = (text: string): string => asciiAddress(/<([^<>]*)>\s*$/.exec(text)?.[1] ?? text)

/**
 * Exact searches only: by an address, a key id of 64 bits or a fingerprint. Whoever could search for parts of names
 * could list everybody; and short ids are made to be alike.
 */
async function find(ctx: Context, search: string): Promise<Shown[]> {
  const text = search.trim()
  const digits = text.replace(/^0x/i, '').toUpperCase()
  if (/^([0-9A-F]{16}|[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits)) return keysWith(ctx, digits)
  if (/^0x/i.test(text))
    throw new Refusal('input.invalid', { why: 'a key id has 16 hexadecimal digits, a fingerprint 40 or 64' })
  const address = addressIn(text)
  if (isAddress(address)) return keysAt(ctx, address)
  throw new Refusal('feature.missing', { why: 'search for a whole mail address, a key id or a fingerprint' })
}

async function answer(ctx: Context, asked: z.output<typeof query>, incoming: Incoming) {
  const { op = 'get', search = '', options = '' } = asked
  if (!['get', 'index', 'vindex'].includes(op)) throw new Refusal('feature.missing')
  if (search.trim() === '') throw new Refusal('input.invalid', { why: 'search says what is looked for' })
  const keys = await find(ctx, search)
  if (op === 'get') return armored(incoming, keys)
  if (keys.length === 0) throw new Refusal('key.unknown')
  const now = ctx.clock.now()
  if (options.split(',').includes('mr')) return cached(incoming, indexForPrograms(keys, now), PLAIN)
  const page = cached(incoming, indexForPeople(keys, now), 'text/html; charset=utf-8')
  page.headers.set('Content-Security-Policy', "default-src 'none'")
  return page
}

const form = z.object({ keytext: z.string(), options: z.string().optional() })
// A key file of the most that the engine reads, as armor, percent-encoded.
const FORM_BYTES = 2 * 1024 * 1024

const plainly = (text: string) => new Response(text, { headers: { 'Content-Type': PLAIN } })

/** Where nothing is taken, nothing is read either. */
const refusing = (at: `/${string}`): Endpoint =>
  endpoint({
    at: `POST ${at}`,
    what: 'Takes keys from the world; not here',
    who: 'anyone',
    async does() {
      throw new Refusal('access.denied')
    },
  })

const taking = (at: `/${string}`): Endpoint =>
  endpoint({
    at: `POST ${at}`,
    what: 'Takes what keys that are here already have learnt elsewhere',
    who: 'anyone',
    takes: 'form',
    in: { body: form },
    limits: { perSecond: 2, body: FORM_BYTES },
    async does(ctx, { body }, _, { origin }) {
      const { changed, known } = await takeOffered(ctx, { file: Buffer.from(body.keytext), origin })
      if (known === 0) throw new Refusal('key.unknown', { why: 'only keys that are here already are taken' })
      return plainly(`${changed} of ${known} keys learnt something.\n`)
    },
  })

/** HKP, draft-gallagher-openpgp-hkp, at the path of key servers and at the one that proxies make of it. */
export const hkpEndpoints = (ctx: Context): Endpoint[] => [
  ...askedAt(['/pks/lookup', '/pgp/lookup'], {
    what: 'Keys, or a list of them, by address, key id or fingerprint',
    in: { query },
    answers: (ctx, { query }, incoming) => answer(ctx, query, incoming),
  }),
  ...(['/pks/add', '/pgp/add'] as const).map(ctx.config.keyServerAdd ? taking : refusing),
]
