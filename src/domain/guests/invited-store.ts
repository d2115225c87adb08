import type { Context } from '#src/context.ts'

/** The guests whom an account invited first, the newest first. */
export const invitedBy = (ctx: Context, { inviter, most, from }: { inviter: string; most: number; from: number }) =>
  ctx.db
    .selectFrom('guest')
    .select(['account_id', 'address', 'created', 'initial', 'pin', 'refused'])
    .where('inviter', '=', inviter)
    .orderBy('created', 'desc')
    .orderBy('account_id')
    .limit(most)
    .offset(from)
    .execute()
