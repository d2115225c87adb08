import { X509Certificate } from 'node:crypto'
import type { Context } from '#src/context.ts'
import type { JobFigures } from '#src/lib/measures.ts'
import { version } from '#src/lib/version.ts'
import { type Metering, plainly } from './kinds.ts'

/** The process itself: what it is, its turns, its jobs, its certificate, its traces. */
export function meterProcess(ctx: Context, meter: Metering): void {
  const { measures, tracing } = ctx.house
  meter.level({
    name: 'chatelaine_build_info',
    help: 'Always 1; which version, on which Node.js and database',
    labels: ['version', 'node', 'engine'],
    together: 'first',
    read: () => [[{ version, node: process.versions.node, engine: ctx.database.engine }, 1]],
  })
  meter.level({
    name: 'chatelaine_event_loop_delay_seconds',
    help: 'What is due waits so long for its turn: 99 of 100 wait less; of the last five seconds',
    together: 'max',
    read: () => plainly((measures.latest()?.eventLoop.p99 ?? 0) / 1000),
  })
  meterJobs(ctx, meter)
  const certificate = remembered((pem: string) => Date.parse(new X509Certificate(pem).validTo))
  meter.level({
    name: 'chatelaine_certificate_expires_seconds',
    help: 'Until the certificate of the listeners ends; absent without TLS',
    together: 'min',
    read() {
      const pem = ctx.house.certificate()
      return plainly(pem === null ? null : (certificate(pem) - ctx.clock.now()) / 1000)
    },
  })
  meter.total({
    name: 'chatelaine_trace_spans_sent_total',
    help: 'Spans that the collector took',
    read: () => plainly(tracing.load()?.sent ?? 0),
  })
  meter.total({
    name: 'chatelaine_trace_spans_dropped_total',
    help: 'Spans that were lost: the collector was away, or did not keep up',
    read: () => plainly(tracing.load()?.dropped ?? 0),
  })
}

function meterJobs({ house: { measures } }: Context, meter: Metering): void {
  const each = (of: (figures: Readonly<JobFigures>) => number) => () =>
    [...measures.jobs].map(([job, figures]): [Record<string, string>, number] => [{ job }, of(figures)])
  const labels = ['job']
  meter.total({ name: 'chatelaine_job_runs_total', help: 'Runs of a job', labels, read: each(({ runs }) => runs) })
  meter.total({
    name: 'chatelaine_job_failures_total',
    help: 'Runs of a job that failed: see `job.failed` in the log',
    labels,
    read: each(({ failures }) => failures),
  })
  meter.total({
    name: 'chatelaine_job_seconds_total',
    help: 'Time of all runs of a job',
    labels,
    read: each(({ tookInAll }) => tookInAll / 1000),
  })
  meter.level({
    name: 'chatelaine_job_last_seconds',
    help: 'Time of the last run of a job',
    labels,
    together: 'max',
    read: each(({ took }) => took / 1000),
  })
  meter.level({
    name: 'chatelaine_job_last_end_timestamp_seconds',
    help: 'When a job last came to its end',
    labels,
    together: 'max',
    read: each(({ ended }) => ended / 1000),
  })
}

/** Works something out anew only when what it is made of has changed. */
function remembered<T>(of: (from: string) => T): (from: string) => T {
  let last: { from: string; made: T } | null = null
  return (from) => {
    if (last?.from !== from) last = { from, made: of(from) }
    return last.made
  }
}
