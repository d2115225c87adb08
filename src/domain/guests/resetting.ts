import { atomically, type Context } from '#src/context.ts'
import { holdAccount, removeGuestAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { judgeKeyPassword } from '#src/domain/keys/keys.ts'
import { composeFrom, judgeOutbox } from '#src/domain/messages/messages.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import { countHourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import { uuid } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { publicBase } from '#src/lib/public-base.ts'
import { countAsking } from './asking.ts'
import { guestAt, guestOf } from './finding.ts'
import { keepGuest, makeGuest } from './inviting.ts'
import * as store from './reset-store.ts'
import { guestRow, keepThere } from './store.ts'

// Longer than any address of ours: a longer one is cut, and finds nobody.
const ADDRESS_AT_MOST = 300
const LINKS_AN_HOUR = 3

/**
 * Takes the wish to start anew. Nothing is looked up here, so that the answer and its time are the same for everybody;
 * `answerGuestRequests` does the rest. Refuses with 'rate.exceeded' when too many came from one network, and
 * with 'server.busy' while the outbox is full.
 */
export async function askForAccountReset(
  ctx: Context,
  { address, set, origin }: { address: string; set?: number | undefined; origin: Origin },
): Promise<void> {
  await judgeOutbox(ctx)
  await countAsking(ctx, origin)
  await store.insertRequest(ctx, {
    id: uuid(ctx.clock.chance),
    address: asciiAddress(address.slice(0, ADDRESS_AT_MOST)).replaceAll('\0', ''),
    templid: set ?? 0,
    protocol: origin.protocol,
    network: origin.network,
    created: ctx.clock.now(),
  })
}

async function sendResetLink(ctx: Context, { address, templid, protocol, network }: store.RequestRow): Promise<void> {
  const guest = await guestAt(ctx, address)
  if (!guest || !(await keepThere(ctx, guest.account.id))) return
  const hourly = { kind: 'guest-reset', subject: address, most: LINKS_AN_HOUR }
  if ((await hourlyWait(ctx, hourly)) > 0) return
  await countHourly(ctx, hourly)
  const now = ctx.clock.now()
  const { account } = guest
  const token = ctx.clock.chance.bytes(32).toString('base64url')
  const lifetime = ctx.config.guestResetLifetime
  const reset = { digest: sha256(token), account_id: account.id, created: now, expires: now + seconds(lifetime) }
  await store.replaceReset(ctx, reset)
  await record(ctx, { event: 'link.sent', account: account.id, origin: { protocol, network, agent: '' } })
  await composeFrom(ctx, {
    channel: 'mail',
    to: guest.address,
    template: 'guest_account_reset',
    reader: { ...account, locale: guest.language },
    set: templid || ctx.config.templateId,
    values: { link: `${publicBase(ctx.config)}/guest?reset=${token}`, lifetime },
    lifetime: seconds(lifetime),
  })
}

/** Answers one wish to start anew, if there is any. Returns how many it took. */
export const answerGuestRequests = (ctx: Context): Promise<number> =>
  atomically(ctx, async (ctx) => {
    const request = await store.takeRequest(ctx)
    if (!request) return 0
    await sendResetLink(ctx, request)
    return 1
  })

/** Does a link to start anew still work? For who has it. */
export const isResetAlive = async (ctx: Context, token: string): Promise<boolean> =>
  (await store.accountOfReset(ctx, sha256(token))) !== undefined

/**
 * Starts a guest anew, by the link that was mailed to him: another account with another key and the password that he
 * chooses. What was encrypted for the old key can be read by nobody any more and is removed, and his sessions end.
 * Refuses with 'key.password-short', 'rate.exceeded', and with 'guest.reset-invalid' when the link is not for this
 * address, is too old, or was used.
 */
export async function resetGuestAccount(
  ctx: Context,
  { token, address, password, origin }: { token: string; address: string; password: string; origin: Origin },
): Promise<void> {
  judgeKeyPassword(ctx, password)
  await countAsking(ctx, origin)
  const digest = sha256(token)
  const id = await store.accountOfReset(ctx, digest)
  const guest = id === undefined ? null : await guestOf(ctx, id)
  const row = guest && (await guestRow(ctx, guest.account.id))
  if (!row || row.address !== asciiAddress(address)) throw new Refusal('guest.reset-invalid')
  const { tenant, language, inviter, refused } = row
  const made = await makeGuest(ctx, { address: row.address, tenant, language, inviter, password })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, row.account_id).catch(saidAs('guest.reset-invalid', 'account.unknown'))
    if (!(await store.takeReset(ctx, digest))) throw new Refusal('guest.reset-invalid')
    if (!(await removeGuestAccount(ctx, row.account_id))) throw new Refusal('guest.reset-invalid')
    await keepGuest(ctx, { ...made, row: { ...made.row, refused } }, origin)
    const detail = { before: row.account_id }
    await record(ctx, { event: 'guest.account-reset', account: made.account.id, origin, detail })
  })
}
