import { z } from 'zod'
import {
  type FoundKey,
  findKeyById,
  isLookedFor,
  keyForRecipient,
  type RecipientKey,
} from '#src/domain/discovery/discovery.ts'
import { guestKeyFor } from '#src/domain/guests/guests.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { enveloped } from './answers.ts'
import { sessionQuery, truth } from './inputs.ts'
import { readKeyIds } from './key-id.ts'
import { wirePublicRing } from './ring.ts'

/** A recipient and the key to write to him with (docs/guard.md). */
const wireRecipient = (recipientEmail: string | null, key: FoundKey, newKey: boolean) => ({
  publicRing: wirePublicRing(key.certificate, key.info),
  recipientEmail,
  newKey,
  guest: key.source === 'guest',
  keySource: { name: key.source, trusted: key.trusted, trustLevel: key.level },
  preferredFormat: key.inline ? 'PGP/INLINE' : 'PGP/MIME',
  expired: key.verdict === 'expired' || key.info.keys[0]!.expired,
  revoked: key.verdict === 'revoked' || key.info.keys[0]!.revoked,
  ...(key.verdict === true ? {} : { reason: key.verdict }),
})

/** A recipient without one: a colleague may get a key of his own, a stranger would become a guest. */
const wireKeyless = (recipientEmail: string, would: RecipientKey['would']) => ({
  recipientEmail,
  newKey: would !== 'nothing',
  guest: would === 'guest-key',
  preferredFormat: 'PGP/MIME',
  expired: false,
  revoked: false,
  reason: 'no-key',
})

const getRecipKey = endpoint({
  at: 'GET /oxguard/keys?action=getRecipKey',
  what: 'The key to write to an address with, wherever it is found, or the key with an id among those known here',
  who: 'a full session',
  in: {
    query: z.object({
      ...sessionQuery,
      email: z.string().optional(),
      keyid: z.string().optional(),
      create: truth.default(false),
    }),
  },
  out: z.object({ data: z.unknown() }),
  async does(ctx, { query }, { account }, { origin }) {
    const email = query.email?.trim()
    if (email) {
      if (!isLookedFor(email)) throw new Refusal('input.invalid', { params: ['email', email.slice(0, 100)] })
      const { key, made, would } = await keyForRecipient(ctx, { account, address: email, create: query.create })
      if (key) return enveloped(wireRecipient(email, key, made))
      const wish = { account, address: email, create: query.create, origin }
      const asGuest = would === 'guest-key' ? await guestKeyFor(ctx, wish) : null
      if (!asGuest)
        return enveloped(wireKeyless(email, would === 'guest-key' && !ctx.config.guests ? 'nothing' : would))
      return enveloped(
        asGuest.guest.refused
          ? { ...wireKeyless(email, 'guest-key'), newKey: false, reason: 'guest-refuses' }
          : wireRecipient(email, asGuest.key, asGuest.made),
      )
    }
    const ids = readKeyIds(query.keyid)
    if (!ids) throw new Refusal('input.invalid', { params: ['email'] })
    const found = await findKeyById(ctx, { account, ids })
    if (!found) throw new Refusal('key.unknown')
    return enveloped(wireRecipient(found.address, found.key, false))
  },
})

export const recipientKeyEndpoints: Endpoint[] = [getRecipKey]
