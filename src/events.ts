import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from './context.ts'
import { isRefusal } from './domain/refusals.ts'
import { announceService, dismissService, endedTokens, forgetEnded, ourselves } from './domain/services/services.ts'
import { openTopic, type Topic } from './drivers/kafka.ts'
import { seconds } from './lib/clock.ts'
import { version } from './lib/version.ts'
import { messageKey, presence, readEvent, tokenEnded } from './protocols/openwifi/service-events.ts'

export interface Events {
  /** Says good-bye, if anybody can hear it, and ends; within a few seconds whatever the brokers do. */
  stop(): Promise<void>
}

const TICK = seconds(1)
const TICKS_BETWEEN_WORDS = 5
const LONGEST_BACKOFF = seconds(30)
const GOODBYE_WITHIN = seconds(1)
const STOP_WITHIN = seconds(3)

const pause = (milliseconds: number, over: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal: over }).catch(() => {})

/** Waits for the end of something, however it ends, but not for ever. */
async function waitFor(act: Promise<unknown>, milliseconds: number): Promise<void> {
  const late = new AbortController()
  await Promise.race([act.catch(() => {}), pause(milliseconds, late.signal)])
  late.abort()
}

/** The words of an error and of what is behind it: there alone the client says what is wrong. */
function reasonOf(error: unknown): string {
  const { message = String(error), cause, errors = [] } = error as AggregateError
  const behind = cause === undefined ? errors : [...errors, cause]
  return [message, ...behind.slice(-2).map(reasonOf)].join(' ').slice(0, 500)
}

/** Does something of ours that is no fault of the brokers when it fails. */
async function attempt<T>(ctx: Context, act: () => Promise<T>): Promise<T | null> {
  try {
    return await act()
  } catch (error) {
    // More services than anybody has: somebody plays with the topic.
    if (!isRefusal(error, 'server.busy')) ctx.log.error('kafka.undone', { error })
    return null
  }
}

async function hear(ctx: Context, bytes: Uint8Array): Promise<void> {
  const event = readEvent(bytes)
  if (event?.says === 'here') await announceService(ctx, event.announcement, 'kafka')
  if (event?.says === 'gone') await dismissService(ctx, event.privateUri)
}

/** What this house has to say on the topic. */
function voice(ctx: Context, topic: Topic) {
  const own = ourselves(ctx)
  const write = (values: readonly string[]) => topic.write(messageKey(own), values)
  return {
    async say(event: 'join' | 'keep-alive' | 'leave'): Promise<void> {
      // Who cannot be called says nothing.
      if (own.privateUri !== null) await write([presence(event, own, { key: ctx.secrets.internalKey, version })])
    },
    /** Has the others forget what opens nothing any more; it is forgotten here only once the brokers have it. */
    async tellEnded(): Promise<void> {
      for (;;) {
        const ended = await attempt(ctx, () => endedTokens(ctx))
        if (!ended?.length) return
        await write(ended.map(({ token }) => tokenEnded(own, token)))
        if ((await attempt(ctx, () => forgetEnded(ctx, ended))) === null) return
      }
    },
  }
}

/** One connection's life: from joining until it breaks, which rejects, or `over`. */
async function converse(
  ctx: Context,
  topic: Topic,
  { over, joined }: { over: AbortSignal; joined(): void },
): Promise<void> {
  const { say, tellEnded } = voice(ctx, topic)
  await topic.reach()
  await say('join')
  joined()
  async function speak(): Promise<void> {
    for (let tick = 1; ; tick++) {
      await pause(TICK, over)
      if (over.aborted) return
      await tellEnded()
      if (tick % TICKS_BETWEEN_WORDS === 0) await say('keep-alive')
    }
  }
  const broken = new AbortController()
  const listening = topic.read(
    async (value) => void (await attempt(ctx, () => hear(ctx, value))),
    AbortSignal.any([over, broken.signal]),
  )
  try {
    await Promise.all([listening, speak()])
  } finally {
    broken.abort()
    if (over.aborted) await waitFor(say('leave'), GOODBYE_WITHIN)
  }
}

/** Tells of a change, once each. */
function news({ log }: Context) {
  let state: 'new' | 'joined' | 'lost' = 'new'
  return {
    joined() {
      if (state !== 'joined') log.info(state === 'new' ? 'kafka.joined' : 'kafka.back')
      state = 'joined'
    },
    lost(error: unknown) {
      if (state !== 'lost') log.warn('kafka.lost', { reason: reasonOf(error) })
      state = 'lost'
    },
  }
}

async function live(ctx: Context, over: AbortSignal): Promise<void> {
  const { kafkaBrokers: brokers, kafkaTopic, kafkaTls: tls, kafkaUser: user, kafkaPassword: password } = ctx.config
  const { joined, lost } = news(ctx)
  let failures = 0
  while (!over.aborted) {
    const topic = await openTopic({ brokers, topic: kafkaTopic, tls, user, password })
    try {
      await converse(ctx, topic, {
        over,
        joined() {
          failures = 0
          joined()
        },
      })
    } catch (error) {
      if (!over.aborted) lost(error)
    }
    await waitFor(topic.close(), GOODBYE_WITHIN)
    if (!over.aborted) await pause(Math.min(LONGEST_BACKOFF, seconds(1) * 2 ** failures++), over)
  }
}

/**
 * Takes part in the talk of the services on Kafka, where the settings name brokers: says that this house is here,
 * hears who else is, and tells of tokens that have ended. Brokers that are away are tried again for as long as it takes.
 */
export function startEvents(ctx: Context): Events {
  if (ctx.config.kafkaBrokers.length === 0) return { stop: async () => {} }
  if (ourselves(ctx).privateUri === null)
    ctx.log.warn('kafka.unreachable', {
      advice: 'set CHATELAINE_INTERNAL_LISTEN; until then no service is told where to ask',
    })
  const stopping = new AbortController()
  const life = live(ctx, stopping.signal).catch((error: unknown) => ctx.log.error('kafka.ended', { error }))
  return {
    async stop() {
      stopping.abort()
      await waitFor(life, STOP_WITHIN)
    },
  }
}
