import type { Context } from '#src/context.ts'

/** Removes key sessions that are over. */
export async function sweepKeySessions(_ctx: Context): Promise<number> {
  return 0
}
