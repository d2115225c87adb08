import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { sendWritten, type Written } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Actor, isService, mayWrite } from './roles.ts'

/** Refuses ('access.denied') whoever may not write messages by hand. */
export function judgeWriting(caller: Actor): void {
  if (!mayWrite(caller)) throw new Refusal('access.denied')
}

/** Under whose name messages are counted. A service calls itself what it likes, so all of them share one bound. */
export const authorOf = (caller: Actor): string => (isService(caller) ? 'service' : caller.id)

/** Sends what a caller wrote by hand, to whom he likes: 'access.denied', and what `sendWritten` refuses. */
export async function writeByHand(
  ctx: Context,
  { caller, origin, ...written }: Written & { caller: Actor; origin: Origin },
): Promise<void> {
  judgeWriting(caller)
  await sendWritten(ctx, { ...written, author: authorOf(caller), origin })
}
