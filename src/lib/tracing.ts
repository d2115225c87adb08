import type { Log } from './log.ts'
import type { Tell } from './watch.ts'

export type Facts = Record<string, string | number | boolean>

/** A span while its work goes on. */
export interface Following {
  /** What it is called and what is known of it once it is. Never a path, query, address, or anything secret. */
  note(name: string, facts: Facts): void
  /** It came to no good end. */
  fail(): void
  /** What a server that is asked meanwhile has to be sent along, so that its own spans become part of the same trace. */
  readonly headers: Record<string, string>
}

/** How traces come to be. Where nobody collects them each of these runs its work and does nothing else. */
export interface Tracing {
  /** Follows a request. `caller`: its headers, where whoever sent them may say which trace it is part of; else null. */
  request<T>(caller: Headers | null, work: (span: Following) => Promise<T>): Promise<T>
  /** Follows a run of a job, which tells how much it did: one that did nothing is forgotten. */
  job(name: string, work: () => Promise<number>): Promise<number>
  /** Follows a question to another server, within whatever asks it. */
  outgoing<T>(name: string, facts: Facts, work: (span: Following) => Promise<T>): Promise<T>
  /** Hears of what took time within what is followed; null where nobody wants to know. */
  readonly tell: Tell | null
  /** How many spans the collector has, wait for it, and were lost; null where there is none. */
  load(): { sent: number; waiting: number; dropped: number } | null
  /** Sends what waits; a collector that does not answer is not waited for. */
  close(): Promise<void>
}

const nothing: Following = { note() {}, fail() {}, headers: {} }

export const noTracing: Tracing = {
  request: (_caller, work) => work(nothing),
  job: (_name, work) => work(),
  outgoing: (_name, _facts, work) => work(nothing),
  tell: null,
  load: () => null,
  close: async () => {},
}

type Environment = Record<string, string | undefined>

export interface TracingOptions {
  /** base URL of the collector; null: as the standard variables have it */
  endpoint: string | null
  database: 'sqlite' | 'postgresql'
  /** of this process */
  instance: string
  environment: Environment
  log: Log
}

const isWanted = ({ endpoint, environment }: TracingOptions): boolean =>
  environment.OTEL_SDK_DISABLED !== 'true' &&
  environment.OTEL_TRACES_EXPORTER !== 'none' &&
  Boolean(endpoint || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || environment.OTEL_EXPORTER_OTLP_ENDPOINT)

/** Traces by OpenTelemetry where a collector is named; nothing of that is loaded elsewhere. */
export async function openTracing(options: TracingOptions): Promise<Tracing> {
  if (!isWanted(options)) return noTracing
  const { collectedTracing } = await import('./otel-tracing.ts')
  return collectedTracing(options)
}
