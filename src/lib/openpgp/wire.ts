import type { PlainRefusal } from './refusals.ts'
import type { OperationName } from './types.ts'

/** What travels between the pool and a worker. One job at a time per worker. */
export type ToWorker = { id: number; operation: OperationName; input: unknown }

export type FromWorker =
  | { ready: true }
  | { id: number; value: unknown }
  | { id: number; refusal: PlainRefusal }
  | { id: number; fault: { message: string; stack: string | undefined } }
