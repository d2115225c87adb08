import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Context } from './context.ts'
import { isInTheWay } from './db/gone.ts'
import { sumUpPopulations, sweepNetworks } from './domain/accounts/accounts.ts'
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
import { followKeyFile, KEY_FILE_EVERY } from './key-file.ts'
import { minutes, seconds } from './lib/clock.ts'
import { SAMPLE_EVERY } from './lib/measures.ts'

interface Job {
  name: string
  /** milliseconds between two runs */
  every: number
  /** returns how much it did; a full hand is repeated at once */
  does(ctx: Context): Promise<number>
  /** Nobody waits for it: between two hands it leaves the house to those who do. */
  sweeps?: true
}

const sweep = (what: string, every: number, does: Job['does']): Job => ({
  name: `sweep ${what}`,
  every,
  does,
  sweeps: true,
})

async function checkpoint(ctx: Context): Promise<number> {
  ctx.database.checkpoint()
  return 0
}

async function lookAtKeyFile(ctx: Context): Promise<number> {
  followKeyFile(ctx)
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

/** How each process fares, it alone can tell. */
const measuring: Job = { name: 'take measures', every: SAMPLE_EVERY, does: takeMeasures }

/** In each process: each seals for itself. */
const followingKeyFile: Job = { name: 'look at the key file', every: KEY_FILE_EVERY, does: lookAtKeyFile }

const ofMail: readonly Job[] = [
  ...prompt,
  ...afterDeliveries,
  returning,
  sweep('mails', minutes(60), sweepGateway),
  sweep('signing', minutes(1), sweepSigning),
  followingKeyFile,
]

const woken: readonly Job[] = [...prompt, dispatching, returning]

/** What the gateway does in a process of its own; all else is the server's. */
export const gatewayJobs: readonly Job[] = [
  ...ofMail,
  dispatching,
  { name: 'checkpoint', every: minutes(1), does: checkpoint },
]

/** What people wait for who asked for a mail. */
const answering: readonly Job[] = [
  { name: 'answer link requests', every: seconds(2), does: answerLinkRequests },
  { name: 'answer guest requests', every: seconds(2), does: answerGuestRequests },
]

const ofServer: readonly Job[] = [
  ...ofMail,
  ...answering,
  { name: 'finish recoveries', every: minutes(1), does: finishRecoveries },
  sweep('sessions', minutes(5), sweepSessions),
  sweep('second factors', minutes(5), sweepFactors),
  sweep('passkey challenges', minutes(5), sweepPasskeys),
  sweep('key sessions', minutes(5), sweepKeySessions),
  { name: 'judge when keys end', every: minutes(60), does: judgeEnds },
  { name: 'remind of keys that end', every: minutes(15), does: remindOfEnds },
  sweep('unwanted second copies', minutes(60), sweepUnwantedEscrows),
  sweep('mailed keys', minutes(60), sweepSubmissions),
  { name: 'refresh found keys', every: minutes(1), does: refreshKeys },
  sweep('found keys', minutes(60), sweepFoundKeys),
  sweep('unclaimed bodies', minutes(60), sweepBodies),
  sweep('deliveries', minutes(60), sweepDeliveries),
  sweep('mails of guests', minutes(15), sweepItems),
  sweep('guests', minutes(60), sweepGuests),
  sweep('captchas', minutes(5), sweepCaptchas),
  sweep('throttles', minutes(10), sweepThrottles),
  sweep('hourly bounds', minutes(10), sweepHourly),
  sweep('services', minutes(1), sweepServices),
  sweep('links', minutes(60), sweepLinks),
  sweep('trusted devices', minutes(60), sweepDevices),
  sweep('messages', minutes(60), sweepMessages),
  sweep('the record', minutes(60), sweepAudit),
  measuring,
  { name: 'sum up populations', every: minutes(1), does: sumUpPopulations },
  sweep('known networks', minutes(60), sweepNetworks),
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

/**
 * What each process of a server does, where there are several: what somebody waits for. All else is the first one's;
 * everything is claimed in the database, so that it would be no harm if two did it.
 */
export const jobsOfEach = ({ config }: Context): readonly Job[] => [
  ...prompt,
  ...afterDeliveries,
  returning,
  ...answering,
  measuring,
  followingKeyFile,
  ...(config.gatewayInside ? [dispatching] : []),
]

// All sweeps together have a quarter of the time at most.
const RESTS = 3
const LONGEST_REST = 500

/** Starts these jobs; each waits for its own end before its next turn. */
export function startJobs(ctx: Context, jobs: readonly Job[]): Jobs {
  let isStopped = false
  const timers = new Map<Job, NodeJS.Timeout>()
  const running = new Map<Job, Promise<void>>()
  const again = new Set<Job>()
  const sweeping = new Set<Job>()

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
        const began = performance.now()
        done = await seen(job)
        if (job.sweeps && done > 0) sweeping.add(job)
        const rest = job.sweeps ? RESTS * sweeping.size * (performance.now() - began) : 0
        // A long job lets requests in between.
        await (rest > 0 ? sleep(Math.min(LONGEST_REST, Math.max(1, rest))) : nextTurn())
      } while ((done > 0 || again.has(job)) && !isStopped)
    } catch (error) {
      // Another node was at the same rows: what is left is there at the next turn.
      if (isInTheWay(error)) ctx.log.info('job.put-off', { job: job.name })
      else ctx.log.error('job.failed', { job: job.name, error })
    } finally {
      sweeping.delete(job)
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
