import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { compileCacheIn } from '#src/lib/compile-cache.mjs'
import type { Level, Log } from '#src/lib/log.ts'

/** What the carrier has to know. It holds passwords: it goes over the channel, not by environment or command line. */
export interface CarrierFacts {
  /** where the key file is, and SQLite's file unless another database is named */
  data: string
  databaseUrl: string | null
  /** off behind a pooler that hands out connections by the transaction */
  databasePrepare?: boolean
  /** `smtp://` or `smtps://`, with nodemailer's own query options */
  hop: string
  /** milliseconds that the next hop may stay silent at any step but the last */
  stepMs: number
  /** how many messages are handed over at the same time */
  width: number
}

/** To the carrier: how it is to begin, then, each time there is something to do, what time it is. */
export type ToCarrier = { facts: CarrierFacts; now: number } | { now: number }
/** From the carrier: a delivery has come to its end; or what the log is to say. */
export type FromCarrier = { ended: string } | { level: Level; event: string; facts: Record<string, unknown> }

/** The process that hands whole messages to the next hop. It outlives us until all that it has in hand is settled. */
export interface Carrier {
  /** Has it look for what is due at `now`, epoch milliseconds; starts it when it does not run. */
  look(now: number): void
  /** `listener` is called whenever a delivery has come to its end. */
  whenEnded(listener: () => void): void
  /** Resolves once it has settled what it had in hand and is gone; or after a while, and it goes on by itself. */
  close(): Promise<void>
}

const main = fileURLToPath(new URL('../carrier-main.mjs', import.meta.url))

// A next hop that is slow to answer must not hold up our own end: the carrier needs nobody.
const GONE_WITHIN = 20_000

/** Our settings hold secrets, which a process's environment shows; the runner of tests has words of its own for a child. */
const environment = (data: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CHATELAINE_|NODE_TEST_|NODE_CHANNEL_)/.test(name)),
  ),
  NODE_COMPILE_CACHE: compileCacheIn(data),
})

/**
 * Starts the carrier: in a session of its own, so that no signal to our process group meets it, and with nothing that
 * would break when we end but the channel, whose end tells it.
 */
const startChild = ({ data }: CarrierFacts): ChildProcess =>
  spawn(process.execPath, [main], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: environment(data),
  })

/** Carries deliveries by a process of its own, started when there is a first one. */
export function carrierProcess(facts: CarrierFacts, log: Log): Carrier {
  let child: ChildProcess | null = null
  let isClosed = false
  const listeners: (() => void)[] = []

  function hear(message: FromCarrier): void {
    if ('event' in message) log[message.level](message.event, message.facts)
    else for (const listener of listeners) listener()
  }

  function start(now: number): ChildProcess {
    const started = startChild(facts)
    const over = (why: Record<string, unknown>) => {
      if (child === started) child = null
      if (!isClosed) log.error('carrier.ended', why)
    }
    log.info('carrier.started', { pid: started.pid })
    started.on('message', hear)
    started.once('exit', (code, signal) => over({ code, signal }))
    started.once('error', (error) => over({ error }))
    tell(started, { facts, now })
    // What it does is no reason for us to stay.
    started.unref()
    started.channel?.unref()
    return started
  }

  // A carrier that has just died cannot be told: its end is heard of by itself, and the next look starts another.
  const tell = (to: ChildProcess, message: ToCarrier): void => void to.send(message, () => {})

  return {
    look(now) {
      if (isClosed) return
      if (child?.connected) tell(child, { now })
      else child ??= start(now)
    },
    whenEnded: (listener) => void listeners.push(listener),
    async close() {
      isClosed = true
      const last = child
      if (!last || last.exitCode !== null || last.signalCode !== null) return
      const gone = new Promise<void>((resolve) => last.once('exit', () => resolve()))
      last.ref()
      if (last.connected) last.disconnect()
      const waiting = new AbortController()
      await Promise.race([gone, sleep(GONE_WITHIN, undefined, { signal: waiting.signal }).catch(() => {})])
      waiting.abort()
      last.unref()
    },
  }
}
