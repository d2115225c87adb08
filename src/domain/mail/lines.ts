import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { accountLines } from '#src/domain/discovery/discovery.ts'

const lines = accountLines(1)

/**
 * Whole mails are opened and sealed one at a time for each account: a stranger can make a mail that takes long, and the
 * others want to read theirs meanwhile. Throws `QueueFull` when too many wait.
 */
export const oneAtATime = <T>(ctx: Context, { id }: Account, task: () => Promise<T>): Promise<T> => lines(ctx, id, task)
