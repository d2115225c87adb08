import type { Context } from '#src/context.ts'
import { earlier, sweepRows } from '#src/db/sweeping.ts'
import { seats } from '#src/domain/seats.ts'
import { captchaPicture, captchaText, typedCaptcha } from '#src/lib/captcha/captcha.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { minutes } from '#src/lib/clock.ts'
import { hmac, isSame } from '#src/lib/digests.ts'
import { plainAddress } from '#src/lib/mail-address.ts'
import { type Gauge, gauge, isUsedUp, noteFailure } from './throttles.ts'

const LIFETIME = minutes(10)

/**
 * Failed sign-ins of one subject: the primary address of an account, else the name that was typed, whether it is
 * anybody's or not. After `captchaAfter` of them a picture has to be read besides. That slows scripts down and protects nobody alone; the growing waits of throttles.ts do.
 */
export function captchaGauge(ctx: Context, name: string): Gauge {
  const address = plainAddress(name)
  return gauge(ctx, 'captcha', address, ctx.config.captchaAfter, address)
}

/** Must whoever signs in as this subject read a captcha? */
export const isCaptchaRequired = async (ctx: Context, name: string): Promise<boolean> =>
  ctx.config.captchaAfter > 0 && isUsedUp(ctx, captchaGauge(ctx, name))

async function countFailure(ctx: Context, name: string): Promise<void> {
  if (ctx.config.captchaAfter > 0) await noteFailure(ctx, captchaGauge(ctx, name))
}

/** What a captcha is kept under, and bound to. */
const subjectOf = (ctx: Context, name: string): string => hmac(ctx.secrets.pepper, `captcha ${plainAddress(name)}`)

export interface Captcha {
  id: string
  /** PNG */
  picture: Buffer
}

/** A new captcha, for sign-ins by this name, and for one of them. */
export async function makeCaptcha(ctx: Context, name: string): Promise<Captcha> {
  const { chance } = ctx.clock
  const id = opaqueId(chance)
  const text = captchaText(chance)
  const picture = await captchaPicture(chance, text)
  await ctx.db
    .insertInto('captcha')
    .values({
      id,
      subject: subjectOf(ctx, name),
      sealed: ctx.secrets.sealer.seal(text, seats.captcha(id)),
      expires: ctx.clock.now() + LIFETIME,
    })
    .execute()
  return { id, picture }
}

/** A captcha as somebody has read it. */
export interface ReadCaptcha {
  id: string
  text: string
}

/** Takes a captcha away and judges it: whoever misread it needs another. */
async function takeCaptcha(ctx: Context, name: string, { id, text }: ReadCaptcha): Promise<boolean> {
  const row = await ctx.db.deleteFrom('captcha').where('id', '=', id).returningAll().executeTakeFirst()
  if (!row || row.expires <= ctx.clock.now() || !isSame(row.subject, subjectOf(ctx, name))) return false
  return isSame(ctx.secrets.sealer.open(row.sealed, seats.captcha(id)).toString(), typedCaptcha(text))
}

/** What a sign-in has to get past before its password is judged, and where its failures are counted besides. */
export interface Gate {
  isPassed(ctx: Context, subject: string): Promise<boolean>
  failed(ctx: Context, subject: string): Promise<void>
}

/** A sign-in that is asked for a captcha, made for the name that was typed, when its subject has failed too often. */
export const captchaGate = (name: string, read: ReadCaptcha): Gate => ({
  isPassed: async (ctx, subject) => !(await isCaptchaRequired(ctx, subject)) || (await takeCaptcha(ctx, name, read)),
  failed: countFailure,
})

/** A sign-in that could show nobody a picture: it is not asked, and its failures count for those that are. */
export const openGate: Gate = { isPassed: async () => true, failed: countFailure }

/** Takes away captchas that nobody has read in time. Small batches: returns how many went. */
export const sweepCaptchas = (ctx: Context): Promise<number> =>
  sweepRows(ctx, { table: 'captcha', by: ['id'], where: earlier('expires', ctx.clock.now() + 1) })
