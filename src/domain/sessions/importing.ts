import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import { sha256 } from '#src/lib/digests.ts'
import * as store from './api-key-store.ts'
import type { Right } from './api-keys.ts'

/** An API key of another house, in clear as its owner's programs hold it; times in epoch milliseconds. */
export interface ImportedApiKey {
  id: string
  name: string
  description: string
  value: string
  rights: readonly Right[]
  created: number
  expires: number
  lastUse: number
}

/**
 * Takes over an API key of an account that was just taken over, so that programs go on with it. 'api-key.exists' when
 * its id, its name or the key itself is taken.
 */
export async function importApiKey(
  ctx: Context,
  { account, key, origin }: { account: Account; key: ImportedApiKey; origin: Origin },
): Promise<void> {
  const { id, name, description, value, rights, created, expires, lastUse } = key
  const digest = sha256(value)
  const isTaken =
    (await store.apiKeyExists(ctx, id)) ||
    (await store.apiKeyByDigest(ctx, digest)) !== undefined ||
    (await store.apiKeysOf(ctx, account.id)).some((one) => one.name === name)
  if (isTaken) throw new Refusal('api-key.exists')
  await store.insertApiKey(ctx, {
    id,
    account_id: account.id,
    name,
    description,
    digest,
    sealed: ctx.secrets.sealer.seal(value, seats.apiKey(id)),
    rights: JSON.stringify(rights),
    created,
    expires,
    last_use: lastUse,
  })
  await record(ctx, { event: 'api-key.made', account: account.id, origin, detail: { key: id, name } })
}
