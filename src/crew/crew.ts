import type { Context } from '#src/context.ts'
import type { Metrics } from '../metrics.ts'

/** The processes of one server, as one of them sees them. */
export interface Crew {
  /** which one this is, from 1 on; the first one does what one alone has to do */
  readonly number: number
  readonly size: number
  /** Gives a context what all of them have together, and shows them the metrics of this one. */
  join(ctx: Context, metrics: Metrics): void
}
