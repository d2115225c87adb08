import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from './context.ts'
import { sweepNetworks } from './domain/accounts/accounts.ts'
import { sweepAudit } from './domain/audit/audit.ts'
import { sweepBodies } from './domain/bodies/bodies.ts'
import { carryDeliveries, sweepDeliveries } from './domain/deliveries/deliveries.ts'
import { sweepDevices } from './domain/devices/devices.ts'
import { refreshKeys, sweepFoundKeys } from './domain/discovery/discovery.ts'
import { sweepFactors } from './domain/factors/factors.ts'
import {
  dispatchMails,
  everythingDispatched,
  followDeliveries,
  returnMails,
  sweepGateway,
  sweepSigning,
} from './domain/gateway/gateway.ts'
import { answerGuestRequests, sweepGuests, sweepItems } from './domain/guests/guests.ts'
import { takeMeasures } from './domain/house/house.ts'
import { judgeEnds, remindOfEnds, sweepKeySessions, sweepUnwantedEscrows } from './domain/keys/keys.ts'
import { channels, deliver, everythingSettled, sweepMessages } from './domain/messages/messages.ts'
import { sweepPasskeys } from './domain/passkeys/passkeys.ts'
import { sweepSubmissions } from './domain/publishing/publishing.ts'
import { answerLinkRequests, finishRecoveries, sweepLinks } from './domain/recovery/recovery.ts'
import { sweepServices } from './domain/services/services.ts'
import { sweepSessions } from './domain/sessions/sessions.ts'
import { sweepCaptchas } from './domain/throttles/captchas.ts'
import { sweepHourly } from './domain/throttles/hourly.ts'
import { sweepThrottles } from './domain/throttles/throttles.ts'
import { minutes, seconds } from './lib/clock.ts'
import { SAMPLE_EVERY } from './lib/measures.ts'

interface Job {
  name: string
  /** milliseconds between two runs */
  every: number
  /** returns how much it did; a full hand is repeated at once */
  does(ctx: Context): Promise<number>
}

async function checkpoint(ctx: Context): Promise<number> {
  ctx.database.checkpoint()
  return 0
}

/** What somebody waits for: begun at once when there is something to do. */
const prompt: readonly Job[] = [
  ...channels.map(
    (channel): Job => ({ name: `deliver by ${channel}`, every: seconds(2), does: (ctx) => deliver(ctx, channel) }),
  ),
  { name: 'carry deliveries', every: seconds(2), does: carryDeliveries },
]

/** What becomes of the mails that the gateway takes: for whoever opens it. */
const dispatching: Job = { name: 'hand mails on', every: seconds(2), does: dispatchMails }
const returning: Job = { name: 'return mails', every: seconds(2), does: returnMails }

/** What follows from the end of a delivery, at once. */
const afterDeliveries: readonly Job[] = [{ name: 'follow deliveries', every: seconds(2), does: followDeliveries }]

const ofMail: readonly Job[] = [
  ...prompt,
  ...afterDeliveries,
  returning,
  { name: 'sweep mails', every: minutes(60), does: sweepGateway },
  { name: 'sweep signing', every: minutes(1), does: sweepSigning },
]

const woken: readonly Job[] = [...prompt, dispatching, returning]

/** What the gateway does in a process of its own; all else is the server's. */
export const gatewayJobs: readonly Job[] = [
  ...ofMail,
  dispatching,
  { name: 'checkpoint', every: minutes(1), does: checkpoint },
]

const ofServer: readonly Job[] = [
  ...ofMail,
  { name: 'answer link requests', every: seconds(2), does: answerLinkRequests },
  { name: 'finish recoveries', every: minutes(1), does: finishRecoveries },
  { name: 'sweep sessions', every: minutes(5), does: sweepSessions },
  { name: 'sweep second factors', every: minutes(5), does: sweepFactors },
  { name: 'sweep passkey challenges', every: minutes(5), does: sweepPasskeys },
  { name: 'sweep key sessions', every: minutes(5), does: sweepKeySessions },
  { name: 'judge when keys end', every: minutes(60), does: judgeEnds },
  { name: 'remind of keys that end', every: minutes(15), does: remindOfEnds },
  { name: 'sweep unwanted second copies', every: minutes(60), does: sweepUnwantedEscrows },
  { name: 'sweep mailed keys', every: minutes(60), does: sweepSubmissions },
  { name: 'refresh found keys', every: minutes(1), does: refreshKeys },
  { name: 'sweep found keys', every: minutes(60), does: sweepFoundKeys },
  { name: 'sweep unclaimed bodies', every: minutes(60), does: sweepBodies },
  { name: 'sweep deliveries', every: minutes(60), does: sweepDeliveries },
  { name: 'answer guest requests', every: seconds(2), does: answerGuestRequests },
  { name: 'sweep mails of guests', every: minutes(15), does: sweepItems },
  { name: 'sweep guests', every: minutes(60), does: sweepGuests },
  { name: 'sweep captchas', every: minutes(5), does: sweepCaptchas },
  { name: 'sweep throttles', every: minutes(10), does: sweepThrottles },
  { name: 'sweep hourly bounds', every: minutes(10), does: sweepHourly },
  { name: 'sweep services', every: minutes(1), does: sweepServices },
  { name: 'sweep links', every: minutes(60), does: sweepLinks },
  { name: 'sweep trusted devices', every: minutes(60), does: sweepDevices },
  { name: 'sweep messages', every: minutes(60), does: sweepMessages },
  { name: 'sweep the record', every: minutes(60), does: sweepAudit },
  { name: 'take measures', every: SAMPLE_EVERY, does: takeMeasures },
  { name: 'sweep known networks', every: minutes(60), does: sweepNetworks },
  { name: 'checkpoint', every: minutes(1), does: checkpoint },
]

export interface Jobs {
  /** Delivers messages now rather than at their next turn. */
  wake(): void
  /** Lets what runs come to its end, and starts nothing more. */
  stop(): Promise<void>
}

/** All that the server does by itself. */
export const serverJobs = ({ config }: Context): readonly Job[] =>
  config.gatewayInside ? [...ofServer, dispatching] : ofServer

/** Starts these jobs; each waits for its own end before its next turn. */
export function startJobs(ctx: Context, jobs: readonly Job[]): Jobs {
  let isStopped = false
  const timers = new Map<Job, NodeJS.Timeout>()
  const running = new Map<Job, Promise<void>>()
  const again = new Set<Job>()

  async function seen(job: Job): Promise<number> {
    const { measures, tracing } = ctx.house
    const begun = performance.now()
    let failed = true
    try {
      const done = await tracing.job(job.name, () => job.does(ctx))
      failed = false
      return done
    } finally {
      measures.ran(job.name, { at: ctx.clock.now(), took: performance.now() - begun, failed })
    }
  }

  async function turn(job: Job): Promise<void> {
    try {
      let done: number
      do {
        again.delete(job)
        done = await seen(job)
        // A long sweep lets requests in between its batches.
        await nextTurn()
      } while ((done > 0 || again.has(job)) && !isStopped)
    } catch (error) {
      ctx.log.error('job.failed', { job: job.name, error })
    }
  }

  function start(job: Job): void {
    if (isStopped || running.has(job)) {
      again.add(job)
      return
    }
    clearTimeout(timers.get(job))
    const run = turn(job).finally(() => {
      running.delete(job)
      if (!isStopped) timers.set(job, setTimeout(start, job.every, job).unref())
    })
    running.set(job, run)
  }

  ctx.carriers.carrier?.whenEnded(() => {
    for (const job of afterDeliveries) start(job)
  })
  for (const job of jobs) timers.set(job, setTimeout(start, Math.min(job.every, seconds(2)), job).unref())
  return {
    wake() {
      for (const job of woken) if (jobs.includes(job)) start(job)
    },
    async stop() {
      isStopped = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(running.values())
      // What they took in hand, and others with them.
      await Promise.all([everythingSettled(ctx), everythingDispatched(ctx)])
    },
  }
}
