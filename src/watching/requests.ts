import type { Context } from '#src/context.ts'
import type { Observe } from '#src/http/mount.ts'
import { answersOf } from '#src/protocols/openwifi/hot-answers.ts'
import { type Metering, plainly } from './kinds.ts'

/** Requests, refusals, sign-ins, and the answers that are kept. */
export function meterRequests(ctx: Context, meter: Metering): Observe {
  const { measures } = ctx.house
  const requests = meter.counter({
    name: 'chatelaine_requests_total',
    help: 'Requests answered by the framework',
    labels: ['protocol', 'endpoint', 'status'],
  })
  const refusals = meter.counter({
    name: 'chatelaine_refusals_total',
    help: 'Requests refused, by reason; `fault` is an error of the server',
    labels: ['protocol', 'reason'],
  })
  const duration = meter.histogram({
    name: 'chatelaine_request_seconds',
    help: 'Time to answer',
    labels: ['protocol'],
    buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
  })
  meter.total({
    name: 'chatelaine_requests_direct_total',
    help: 'Requests answered before the framework: `validation` from memory, `console` with a file of the web console',
    labels: ['of'],
    read: () => [
      [{ of: 'validation' }, measures.tallies.hot],
      [{ of: 'console' }, measures.tallies.files],
    ],
  })
  const happened = (outcomes: Record<string, string>) =>
    Object.entries(outcomes).flatMap(([event, outcome]) =>
      [...(measures.happenings.get(event) ?? [])].map(([protocol, count]): [Record<string, string>, number] => [
        { protocol, outcome },
        count,
      ]),
    )
  meter.total({
    name: 'chatelaine_sign_ins_total',
    help: 'Sign-ins that were completed, and that failed',
    labels: ['protocol', 'outcome'],
    read: () => happened({ 'sign-in.done': 'done', 'sign-in.failed': 'failed' }),
  })
  meter.total({
    name: 'chatelaine_second_steps_total',
    help: 'Second steps that were asked for, and that failed',
    labels: ['protocol', 'outcome'],
    read: () => happened({ 'sign-in.challenged': 'asked', 'second-step.failed': 'failed' }),
  })
  meterKept(ctx, meter)
  return ({ protocol, endpoint, status, reason, milliseconds }) => {
    requests.inc({ protocol, endpoint, status })
    if (reason) refusals.inc({ protocol, reason })
    duration.observe({ protocol }, milliseconds / 1000)
    measures.answered({ reason, milliseconds })
  }
}

function meterKept(ctx: Context, meter: Metering): void {
  const answers = answersOf(ctx)
  meter.total({
    name: 'chatelaine_validation_cache_hits_total',
    help: 'Whose a token or an API key is: answered from memory',
    read: () => plainly(answers.counts.hits),
  })
  meter.total({
    name: 'chatelaine_validation_cache_misses_total',
    help: 'Whose a token or an API key is: looked up in the database',
    read: () => plainly(answers.counts.misses),
  })
  meter.level({
    name: 'chatelaine_validation_cache_entries',
    help: 'Answers that are kept',
    together: 'sum',
    read: () => plainly(answers.load().entries),
  })
  meter.level({
    name: 'chatelaine_validation_cache_bytes',
    help: 'Memory of the answers that are kept',
    together: 'sum',
    read: () => plainly(answers.load().bytes),
  })
  meter.level({
    name: 'chatelaine_validation_cache_usable',
    help: '1 while kept answers may be given; 0 where the database could not say that nothing has changed',
    together: 'min',
    read: () => plainly(Number(answers.load().mayAnswer)),
  })
}
