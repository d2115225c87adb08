import { atomically, type Context } from '#src/context.ts'
import { type Account, addressesOf, findByAddress, holdAccount, takeAddress } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { canCarry, composeFrom, countCaused } from '#src/domain/messages/messages.ts'
import { followLink, makeLink } from '#src/domain/recovery/recovery.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { isAddress, plainAddress } from '#src/lib/mail-address.ts'
import { openOwn, type RingProof } from './opening.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { keepSecret } from './rewriting.ts'
import { judgeNumberOfUserIds, type KeyRing, rowOf } from './rings.ts'

interface Wish {
  signed: Signed
  ring: KeyRing
  name: string
  email: string
  proof: RingProof
  origin: Origin
}

/**
 * Mails a link that makes an address one of the account's, unless it is somebody's already: whoever asks learns neither.
 * Counted by the account and by the address either way: 'rate.exceeded'.
 */
async function askMailbox(
  ctx: Context,
  { account, address, origin }: { account: Account; address: string; origin: Origin },
): Promise<void> {
  const { linksPerHour, linkLifetime } = ctx.config
  await countCaused(ctx, account.id, 1)
  await takeHourly(ctx, { kind: 'key-address', subject: address, most: linksPerHour }, 'rate.exceeded')
  if (await findByAddress(ctx, address)) return
  const { link, lifetime } = await makeLink(ctx, account, 'key-address', { target: address })
  const values = { link, lifetime: linkLifetime, address }
  await composeFrom(ctx, { channel: 'mail', to: address, template: 'key_address', reader: account, values, lifetime })
  await record(ctx, { event: 'link.sent', account: account.id, origin, detail: { purpose: 'key-address' } })
}

/**
 * Adds a user ID. For an address of the account that is all; any other is asked by mail first, and while it has not
 * answered, the user ID is in the ring and shown to nobody outside. Refuses like `openOwn`, with 'input.invalid' for what
 * cannot stand in a user ID, 'input.too-large', 'mail.off' and 'rate.exceeded'.
 */
export async function addUserId(ctx: Context, wish: Wish): Promise<void> {
  const { signed, name, email, proof, origin } = wish
  const { account } = signed
  const address = plainAddress(email)
  if (!isAddress(address)) throw new Refusal('input.invalid', { params: ['email', email.slice(0, 100)] })
  judgeNumberOfUserIds(wish.ring)
  const isOwn = (await addressesOf(ctx, account)).includes(address)
  if (!isOwn && !canCarry(ctx, 'mail')) throw new Refusal('mail.off')
  const { secret, unlockKey, ring } = await openOwn(ctx, { signed, ring: await rowOf(ctx, wish.ring), proof, origin })
  const input = { secret, name: name.trim(), email: email.trim(), now: ctx.clock.now() }
  const merged = await inOurWords(ctx.workers.openpgp.addUserId(input), ['name', name.slice(0, 100)])
  await atomically(ctx, async (ctx) => {
    const held = await holdAccount(ctx, account.id)
    await keepSecret(ctx, { account, ring, merged, unlockKey })
    const detail = { key: ring.key_id, address }
    await record(ctx, { event: 'key.user-id-added', account: account.id, origin, detail })
    if (!isOwn) await askMailbox(ctx, { account: held, address, origin })
  })
}

/**
 * Makes the address that a link went to one of the account's, by that link: 'link.invalid', also when somebody else has
 * the address by now. Keys that bear it may be shown for it from then on.
 */
export const confirmKeyAddress = (ctx: Context, { token, origin }: { token: string; origin: Origin }): Promise<void> =>
  followLink(ctx, { token, purposes: ['key-address'], origin }, (ctx, account, { target }) =>
    takeAddress(ctx, { account, address: target, origin }),
  ).catch(saidAs('link.invalid', 'account.exists', 'input.too-large'))
