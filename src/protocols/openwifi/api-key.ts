import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import {
  type ApiKey,
  apiKeyBounds,
  describeApiKey,
  listApiKeys,
  makeApiKey,
  removeApiKey,
} from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { days, seconds, toEpochSeconds } from '#src/lib/clock.ts'
import { judgeElevated } from './callers.ts'
import { id, text } from './input.ts'
import { complaint } from './refuse.ts'

const NAME = /^[a-z0-9]{1,20}$/i
const DESCRIPTION = 64
const LIFE_AT_MOST = days(3653)

const ApiKeyEntry = z.object({
  apiKey: z.string(),
  description: z.string(),
  expiresOn: z.int(),
  id: z.string(),
  lastUse: z.int(),
  name: z.string(),
  rights: z.object({ acls: z.array(z.object({ access: z.string(), service: z.string() })) }),
  salt: z.string(),
  userUuid: z.string(),
})

const written = (key: ApiKey): z.output<typeof ApiKeyEntry> => ({
  apiKey: key.value ?? '',
  description: key.description,
  expiresOn: toEpochSeconds(key.expires),
  id: key.id,
  lastUse: toEpochSeconds(key.last_use),
  name: key.name,
  rights: { acls: key.rights },
  // Keys are random: there is nothing to salt.
  salt: '',
  userUuid: key.account_id,
})

const path = z.object({ userUuid: id })

const Right = z.object({ service: text(apiKeyBounds.word), access: text(apiKeyBounds.word) })

const NewKey = z.object({
  name: text(),
  description: text(DESCRIPTION),
  expiresOn: z.union([z.number(), z.string()]).nullish(),
  rights: z.object({ acls: z.array(Right).nullish() }).nullish(),
  userUuid: text(),
})

/** Of whom the path and the body both speak: they must mean the same. */
function judgeOwner(userUuid: string | undefined, ownerId: string): void {
  if (userUuid && userUuid.toLowerCase() !== ownerId) throw complaint(1018)
}

/** When a key is to end, epoch milliseconds: still to come, and within ten years. */
function endOf(ctx: Context, expiresOn: number | string | null | undefined): number {
  const given = String(expiresOn ?? '')
  const end = /^\d{1,12}$/.test(given) ? seconds(Number(given)) : 0
  const now = ctx.clock.now()
  if (end <= now || end > now + LIFE_AT_MOST) throw complaint(1018)
  return end
}

function wantedKey(ctx: Context, { name = '', description = '', expiresOn, rights }: z.output<typeof NewKey>) {
  if (!NAME.test(name)) throw complaint(1018)
  const acls = rights?.acls ?? []
  if (acls.length > apiKeyBounds.rights) throw complaint(1018)
  return {
    name: name.toLowerCase(),
    description,
    expires: endOf(ctx, expiresOn),
    rights: acls.map(({ service = '', access = '' }) => ({ service, access })),
  }
}

const list = endpoint({
  at: 'GET /apiKey/{userUuid}',
  what: 'The API keys of a user; readable for himself only',
  who: 'a full session',
  in: { path },
  out: z.object({ apiKeys: z.array(ApiKeyEntry) }),
  async does(ctx, { path }, { account: caller }) {
    const keys = await listApiKeys(ctx, { caller, ownerId: path.userUuid })
    if (keys.length === 0) throw new Refusal('resource.unknown')
    return { apiKeys: keys.map(written) }
  },
})

const make = endpoint({
  at: 'POST /apiKey/{userUuid}',
  what: 'Make an API key',
  who: 'a full session',
  in: { path, body: NewKey },
  out: ApiKeyEntry,
  async does(ctx, { path, body }, asker, incoming) {
    // It outlives the session.
    await judgeElevated(ctx, asker, incoming)
    const { account: caller } = asker
    const { origin } = incoming
    const ownerId = path.userUuid
    judgeOwner(body.userUuid, ownerId)
    const key = await makeApiKey(ctx, { caller, ownerId, wanted: wantedKey(ctx, body), origin }).catch(
      (error: unknown) => {
        throw isRefusal(error, 'account.unknown') ? complaint(1149) : error
      },
    )
    return written(key)
  },
})

const describe = endpoint({
  at: 'PUT /apiKey/{userUuid}',
  what: 'Change the description of an API key',
  who: 'a full session',
  in: { path, body: z.object({ id: text(), description: text(DESCRIPTION), userUuid: text() }) },
  out: ApiKeyEntry,
  async does(ctx, { path, body }, { account: caller }) {
    const ownerId = path.userUuid
    judgeOwner(body.userUuid, ownerId)
    const { id: given = '', description } = body
    return written(await describeApiKey(ctx, { caller, ownerId, id: given.toLowerCase(), description }))
  },
})

const remove = endpoint({
  at: 'DELETE /apiKey/{userUuid}',
  what: 'Remove an API key',
  who: 'a full session',
  in: { path, query: z.object({ keyUuid: id.optional() }) },
  async does(ctx, { path, query }, { account: caller }, { origin }) {
    const ownerId = path.userUuid
    if (!query.keyUuid) throw complaint(1018)
    await removeApiKey(ctx, { caller, ownerId, id: query.keyUuid, origin }).catch((error: unknown) => {
      if (isRefusal(error, 'api-key.foreign')) throw complaint(1018)
      throw isRefusal(error, 'api-key.unknown') ? new Refusal('resource.unknown') : error
    })
  },
})

export const apiKey = [list, make, describe, remove]
