import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { spanBatches } from './otel-batches.ts'
import { samplerOf } from './otel-samplers.ts'
import type { Facts, Following, Tracing, TracingOptions } from './tracing.ts'
import { version } from './version.ts'
import type { Lapse } from './watch.ts'

// A job that goes on and on must not keep a memory of all of it.
const HELD = 500

/**
 * What is being followed. A job's span is made only once the job is known to have done something: what happened until
 * then is held.
 */
interface Trail {
  span: Span | null
  context: Context
  name: string
  from: number
  held: { lapse: Lapse; end: number }[]
}

const now = (): number => performance.timeOrigin + performance.now()
const propagator = new W3CTraceContextPropagator()
const getter = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
}
const setter = {
  set(headers: Record<string, string>, name: string, value: string) {
    headers[name] = value
  },
}

const failed = { code: SpanStatusCode.ERROR }

function resourceOf({ instance, environment }: TracingOptions) {
  const own = { 'service.name': 'chatelaine', 'service.version': version, 'service.instance.id': instance }
  const named = environment.OTEL_SERVICE_NAME ? { 'service.name': environment.OTEL_SERVICE_NAME } : {}
  return defaultResource()
    .merge(resourceFromAttributes(own))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes(named))
}

function providerOf(options: TracingOptions, batches: ReturnType<typeof spanBatches>): TracerProvider {
  const sampler = samplerOf(options.environment)
  if (!sampler) throw new Error('OTEL_TRACES_SAMPLER: there is no sampler of this name')
  return new TracerProvider({ sampler, resource: resourceOf(options), spanProcessors: [batches.processor] })
}

const following = (span: Span, context: Context): Following => ({
  note: (name, facts) => void span.updateName(name).setAttributes(facts),
  fail: () => void span.setStatus(failed),
  get headers() {
    const headers: Record<string, string> = {}
    propagator.inject(context, headers, setter)
    return headers
  },
})

const words: Record<Lapse['of'], (lapse: Lapse, database: string) => { name: string; facts: Facts }> = {
  database: ({ name, table }, database) => ({
    name: table ? `${name} ${table}` : name,
    facts: {
      'db.system.name': database,
      'db.operation.name': name,
      ...(table ? { 'db.collection.name': table } : {}),
    },
  }),
  argon2: ({ name, waited }) => ({ name: `argon2 ${name}`, facts: { 'chatelaine.waited_ms': waited } }),
  openpgp: ({ name, waited }) => ({ name: `openpgp ${name}`, facts: { 'chatelaine.waited_ms': waited } }),
}

/** Traces that go to a collector by OTLP over HTTP, as JSON. */
export function collectedTracing(options: TracingOptions): Tracing {
  const url = options.endpoint ? { url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces` } : {}
  const batches = spanBatches(new OTLPTraceExporter(url), options.log)
  const provider = providerOf(options, batches)
  const tracer: Tracer = provider.getTracer('chatelaine', version)
  const trails = new AsyncLocalStorage<Trail>()

  function begin(name: string, kind: SpanKind, parent: Context, from = now()): Trail & { span: Span } {
    const span = tracer.startSpan(name, { kind, startTime: from }, parent)
    return { span, context: trace.setSpan(parent, span), name, from, held: [] }
  }

  function add({ context }: Trail, { lapse, end }: Trail['held'][number]): void {
    const { name, facts } = words[lapse.of](lapse, options.database)
    const startTime = end - lapse.took - lapse.waited
    const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL, startTime, attributes: facts }, context)
    if (lapse.failed) span.setStatus(failed)
    span.end(end)
  }

  /** Makes the span of a job that has done something, and of what was held until then. */
  function prove(trail: Trail): Span {
    if (trail.span) return trail.span
    const { span, context } = begin(trail.name, SpanKind.INTERNAL, ROOT_CONTEXT, trail.from)
    Object.assign(trail, { span, context })
    for (const one of trail.held.splice(0)) add(trail, one)
    return span
  }

  async function follow<T>(trail: Trail & { span: Span }, work: (span: Following) => Promise<T>): Promise<T> {
    const { span, context } = trail
    try {
      return await trails.run(trail, work, following(span, context))
    } catch (error) {
      span.setStatus(failed)
      throw error
    } finally {
      span.end(now())
    }
  }

  return {
    request: (caller, work) =>
      follow(
        begin('request', SpanKind.SERVER, caller ? propagator.extract(ROOT_CONTEXT, caller, getter) : ROOT_CONTEXT),
        work,
      ),
    async job(name, work) {
      const trail: Trail = { span: null, context: ROOT_CONTEXT, name: `job ${name}`, from: now(), held: [] }
      try {
        const done = await trails.run(trail, work)
        if (done > 0) prove(trail).setAttribute('chatelaine.done', done)
        return done
      } catch (error) {
        prove(trail).setStatus(failed)
        throw error
      } finally {
        trail.span?.end(now())
      }
    },
    outgoing(name, facts, work) {
      const asking = trails.getStore()
      if (asking) prove(asking)
      const trail = begin(name, SpanKind.CLIENT, asking?.context ?? ROOT_CONTEXT)
      trail.span.setAttributes(facts)
      return follow(trail, work)
    },
    tell(lapse) {
      const trail = trails.getStore()
      if (!trail) return
      const one = { lapse, end: now() }
      if (trail.span) {
        if (trail.span.isRecording()) add(trail, one)
      } else if (trail.held.length < HELD) trail.held.push(one)
    },
    load: batches.load,
    close: () => provider.shutdown(),
  }
}
