import type { Renewable } from '#src/context.ts'
import type { Line, Log } from '#src/lib/log.ts'
import type { Resources } from '#src/lib/resources.ts'
import type { Shown } from '../metrics.ts'

// What the primary and its workers say to each other.

/** A level that somebody set while the server runs. */
export interface LevelOrder {
  subsystem: Parameters<Log['setLevel']>[0]
  level: Parameters<Log['setLevel']>[1]
}

/** How a worker is to begin. */
export interface Begin {
  /** which one it is, from 1 on; the first one does what one alone has to do */
  number: number
  size: number
  /** the settings as the primary read them: a file that was changed meanwhile must not make two sorts of workers */
  environment: Record<string, string | undefined>
  /** when the server started, epoch milliseconds */
  started: number
  levels: readonly LevelOrder[]
}

export interface Ready {
  url: string
  firstPassword: string | null
}

export interface Call {
  place: string
  key: string
  most: number
  now: number
}

/** The metrics of one worker, for adding up. */
export interface OwnMetrics {
  pid: number
  shown: Shown
}

/** What a worker may ask of the primary. */
export type PrimaryActs = {
  /** Answered once this worker may begin: the first one at once, the others when it listens. */
  hello(input: null): Promise<Begin>
  ready(input: Ready): void
  /** Why it cannot start, in plain words. */
  failed(words: string): void
  mayCall(call: Call): boolean
  setLevel(order: LevelOrder): Promise<void>
  reload(parts: readonly Renewable[]): Promise<void>
  resources(input: null): Promise<Resources[]>
  /** Lines of the others are wanted, or no longer. */
  watch(isWatching: boolean): void
  line(line: Line): void
  /** Has the carrier look for what is due. */
  look(now: number): void
}

/** What the primary may ask of a worker. */
export type WorkerActs = {
  end(input: null): void
  setLevel(order: LevelOrder): void
  reload(parts: readonly Renewable[]): Promise<void>
  resources(input: null): Promise<Resources>
  metrics(input: null): Promise<OwnMetrics>
  /** Each line of its log is wanted elsewhere, or no longer. */
  relay(isWanted: boolean): void
  line(line: Line): void
  /** A delivery has come to its end. */
  deliveryEnded(input: null): void
}
