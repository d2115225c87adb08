import type { Context } from '#src/context.ts'
import { kindOf } from '#src/domain/factors/factors.ts'
import { hmac } from '#src/lib/digests.ts'
import type { RecoveryKind, Way } from './ways.ts'

// What second addresses look like: their owner's name again, or some other, with one of the large providers.
const BEGINNINGS =
  'alex anna chris daniel david eva frank info julia kathrin lena mail maria max mich paul peter sara tom'
const PROVIDERS =
  'gmail.com gmail.com gmail.com outlook.com hotmail.com icloud.com yahoo.com gmx.de gmx.net web.de t-online.de bluewin.ch'

const beginnings = BEGINNINGS.split(' ')
const providers = PROVIDERS.split(' ')

/** Draws that are always the same for one address, and that nobody without our key can make. */
function drawsFor(ctx: Context, address: string): (bound: number) => number {
  const bytes = Buffer.from(hmac(ctx.secrets.pepper, `decoy ${address}`), 'hex')
  let next = 0
  return (bound) => bytes.readUInt16BE(2 * next++) % bound
}

const made: Record<RecoveryKind, (draw: (bound: number) => number, address: string) => string> = {
  email(draw, address) {
    const own = address.split('@')[0] ?? ''
    const begins = beginnings[draw(beginnings.length)]!
    const provider = providers[draw(providers.length)]!
    return `${draw(2) === 0 && own.length > 3 ? own : begins}@${provider}`
  },
  sms: (draw) => String(1000 + draw(1000)),
}

/**
 * One or two ways to a new password that lead nowhere, for an address that has none. Masked by what masks real ones, so
 * that nothing but the owner of a real one can tell them apart.
 */
export function decoysFor(ctx: Context, open: readonly RecoveryKind[], address: string): Way[] {
  const draw = drawsFor(ctx, address)
  const count = 1 + draw(2)
  // Each by itself: who has two addresses, or two numbers, must not stand out.
  return Array.from({ length: count }, () => open[draw(Math.max(1, open.length))]).flatMap((kind) =>
    kind ? [{ kind, shown: kindOf(kind).shown(made[kind](draw, address)) }] : [],
  )
}
