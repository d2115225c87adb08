import type { Context } from '#src/context.ts'
import type { Actor } from '#src/domain/accounts/accounts.ts'
import { judgeOperator } from '#src/domain/operating.ts'
import { backupItems } from './backups.ts'
import { reachItems } from './reach.ts'
import { sendingItems } from './sending.ts'

/** `missing`: the house cannot do what it is for, or not safely; `advice`: it would be better otherwise. */
export type SetupState = 'ok' | 'advice' | 'missing'

/** One thing that can be set up. Nothing in it is secret. */
export interface SetupItem {
  /** what it is, for programs; it never changes its meaning */
  code: string
  state: SetupState
  /** the settings that it depends on, by their environment names */
  settings: string[]
  facts: Record<string, string | number | boolean | null>
}

/** All that can be set up, and how far it is. */
export async function setupOf(ctx: Context, caller: Actor): Promise<SetupItem[]> {
  judgeOperator(caller)
  const { config, database } = ctx
  return [
    ...(await sendingItems(ctx)),
    ...reachItems(ctx),
    ...(await backupItems(ctx, caller)),
    {
      code: 'database',
      state: 'ok',
      settings: ['CHATELAINE_DATABASE_URL'],
      facts: { engine: database.engine },
    },
    {
      code: 'metrics',
      state: config.metricsListen ? 'ok' : 'advice',
      settings: ['CHATELAINE_METRICS_LISTEN'],
      facts: { inUse: config.metricsListen !== undefined },
    },
  ]
}
