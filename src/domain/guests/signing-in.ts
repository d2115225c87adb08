import type { Context } from '#src/context.ts'
import { isShutOut, networkGauge } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { signInWithKey, tryNobodysPassword } from '#src/domain/keys/keys.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { openSession, type Signed } from '#src/domain/sessions/sessions.ts'
import { counted } from '#src/domain/throttles/throttles.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { guessesFrom } from './asking.ts'
import { type Guest, guestAt } from './finding.ts'
import { initialOf } from './initial.ts'
import { hasItem } from './items.ts'
import { provePin } from './pins.ts'
import * as store from './store.ts'

/** What a session is held by, as `openSession` takes it. */
export interface Hold {
  token: string
  proof: string
}

interface Wish {
  address: string
  /** left out, the mail with the link shows who he is, as long as he has chosen no password */
  password?: string | undefined
  itemId?: string | undefined
  pin?: string | undefined
  hold: Hold
  origin: Origin
}

export interface SignedGuest {
  signed: Signed
  guest: Guest
  auth: string
}

async function enter(ctx: Context, { hold, pin, origin }: Wish, guest: Guest, password: string): Promise<SignedGuest> {
  const { account } = guest
  const entered = await signInWithKey(ctx, {
    account,
    password,
    origin,
    // Behind the password: whoever knows his address alone must not use up the tries at his PIN.
    judge: () => provePin(ctx, { guest, pin, origin }),
    async open(ctx) {
      // He may have become a user at this moment: the next try learns it.
      if (!(await store.keepThere(ctx, account.id))) throw new Refusal('server.busy', { retryAfter: 1 })
      const session = await openSession(ctx, {
        ...hold,
        account,
        state: 'guest',
        origin: { ...origin, protocol: 'guest' },
      })
      await record(ctx, { event: 'guest.signed-in', account: account.id, origin })
      return { session, account }
    },
  })
  return { ...entered, guest }
}

/** Failures at an address from one network, and those of everybody there. Those from everywhere are counted with the key. */
const gaugesOf = (ctx: Context, kind: 'guest' | 'guest-item', wish: Wish) => ({
  gauges: [guessesFrom(ctx, kind, wish)],
  shared: [networkGauge(ctx, wish.origin)],
  reason: 'key.delayed' as const,
})

/**
 * An address without a guest costs the same, and is answered in the same words. A wrong PIN comes behind the right
 * password, and has its own bound.
 */
async function enterByPassword(ctx: Context, wish: Wish, guest: Guest | null, password: string): Promise<SignedGuest> {
  const entered = await counted(ctx, gaugesOf(ctx, 'guest', wish), {
    judge: () =>
      guest && !isShutOut(guest.account)
        ? enter(ctx, wish, guest, password).catch(withoutPin)
        : tryNobodysPassword(ctx, { name: asciiAddress(wish.address), password, origin: wish.origin }),
    // The room of the keys has written it down.
    onFailure: async () => {},
  })
  if (entered instanceof Refusal) throw entered
  return entered
}

function withoutPin(error: unknown): Refusal {
  if (isRefusal(error, 'guest.pin-wrong')) return error
  throw error
}

/** Who has the mail with the link; the id of an item is too long to be guessed, but nobody tries without end. */
async function enterByItem(ctx: Context, wish: Wish, guest: Guest | null): Promise<SignedGuest> {
  const { itemId } = wish
  const missing = new Refusal('key.password-missing')
  if (!itemId) throw missing
  const shown = await counted(ctx, gaugesOf(ctx, 'guest-item', wish), {
    async judge() {
      if (!(await hasItem(ctx, guest, itemId)) || !guest || isShutOut(guest.account)) throw missing
      return guest
    },
    onFailure: async () => {},
  })
  if (shown.hasPassword) throw new Refusal('guest.has-password')
  if (shown.needsInitial) throw new Refusal('key.password-missing', { why: 'mailed' })
  const initial = await initialOf(ctx, shown)
  if (initial === null) throw new Refusal('guest.has-password')
  return enter(ctx, wish, shown, initial)
}

/**
 * Signs a guest in, and answers his session with an auth token for his key, which is also left with the session. Without
 * a password it takes the id of a mail of his, and the PIN where there is one, and works until he has chosen a password
 * or was mailed a first one. The first password that was mailed needs the PIN besides as well. Refuses with
 * 'key.password-wrong', 'key.delayed', 'key.password-missing', who has shown such an id with 'guest.has-password', and who
 * has shown that or the password with 'guest.pin-wrong'.
 */
export async function signInGuest(ctx: Context, wish: Wish): Promise<SignedGuest> {
  const guest = await guestAt(ctx, wish.address)
  return wish.password ? enterByPassword(ctx, wish, guest, wish.password) : enterByItem(ctx, wish, guest)
}
