import { isIP } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Consumer } from '@platformatic/kafka'

export interface KafkaSettings {
  /** host:port of some brokers; the others are learnt from them */
  brokers: readonly string[]
  topic: string
  tls: boolean
  /** for SASL (SCRAM-SHA-256) */
  user?: string | undefined
  password?: string | undefined
}

/** One topic of a Kafka cluster. Everything rejects once the cluster cannot be reached; then open another one. */
export interface Topic {
  /** Returns once a broker has answered for the topic. */
  reach(): Promise<void>
  /** Writes messages under one key, in their order; returns once every replica in sync has them. */
  write(key: string, values: readonly string[]): Promise<void>
  /** Hands over every value that is written from now on, one at a time, until `over`. */
  read(take: (value: Uint8Array) => Promise<void>, over: AbortSignal): Promise<void>
  close(): Promise<void>
}

// How long one step may take, and how often it is taken again: a topic that has just been made needs a moment.
const STEP = 5000
const RETRIES = 1
const ALL_REPLICAS = -1
const LATEST = -1n
const CONTROL_BATCH = 0x20
// What one question for news waits for and brings, at the most.
const WAIT = 500
const MOST = 1_048_576

const saslOf = ({ user, password }: KafkaSettings) =>
  user === undefined ? {} : { sasl: { mechanism: 'SCRAM-SHA-256' as const, username: user, password: password ?? '' } }

function tlsOf({ tls, brokers }: KafkaSettings) {
  if (!tls) return {}
  // TLS knows no addresses as server names.
  const haveNames = brokers.every((broker) => isIP(broker.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')) === 0)
  return { tls: {}, ...(haveNames ? { tlsServerName: true } : {}) }
}

/** The partitions that somebody leads now, by the node that does. */
async function ledPartitions(consumer: Consumer, topic: string) {
  const metadata = await consumer.metadata({ topics: [topic] })
  const { id, partitions } = metadata.topics.get(topic) ?? { id: topic, partitions: [] }
  const nodes = new Map<number, number[]>()
  const led = partitions.flatMap(({ leader }, partition) => (leader >= 0 ? [{ leader, partition }] : []))
  for (const { leader, partition } of led) nodes.set(leader, [...(nodes.get(leader) ?? []), partition])
  return { id, nodes }
}

/**
 * All partitions from their ends on, without a group: every process reads everything, nothing is remembered about it at
 * the brokers, nobody waits for others who come and go, and the right to read the topic is all it takes.
 */
async function readTopic(
  { consumer, topic }: { consumer: Consumer; topic: string },
  take: (value: Uint8Array) => Promise<void>,
  over: AbortSignal,
): Promise<void> {
  const next = new Map<number, bigint>()

  // One question for each: they become known one at a time, and whoever is not led must not hold up the others.
  async function begin(partition: number): Promise<void> {
    if (next.has(partition)) return
    const found = await consumer.listOffsets({
      topics: [topic],
      partitions: { [topic]: [partition] },
      timestamp: LATEST,
    })
    next.set(partition, found.get(topic)?.[partition] ?? 0n)
  }

  async function news(node: number, topicId: string, partitions: readonly number[]) {
    const asked = partitions.map((partition) => ({
      partition,
      fetchOffset: next.get(partition)!,
      partitionMaxBytes: MOST,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
    }))
    const topics = [{ topicId, partitions: asked }]
    const { responses } = await consumer.fetch({ node, topics, maxWaitTime: WAIT, minBytes: 1, maxBytes: MOST })
    return responses.flatMap((response) => response.partitions)
  }

  consumer.topics.track(topic)
  while (!over.aborted) {
    const { id, nodes } = await ledPartitions(consumer, topic)
    if (nodes.size === 0) await pause(WAIT)
    await Promise.all([...nodes.values()].flat().map(begin))
    const found = await Promise.all([...nodes].map(([node, partitions]) => news(node, id, partitions)))
    for (const { partitionIndex, records } of found.flat())
      for (const batch of records ?? []) {
        const from = next.get(partitionIndex) ?? 0n
        // A batch comes whole, though we may have had its beginning.
        const fresh = batch.records.filter(({ offsetDelta }) => batch.firstOffset + BigInt(offsetDelta) >= from)
        next.set(partitionIndex, batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n)
        if ((batch.attributes & CONTROL_BATCH) === 0)
          for (const { value } of fresh) if (value && !over.aborted) await take(value)
      }
  }
}

/** Opens a topic; nothing is asked of the brokers yet. The package is loaded here: nobody else waits for it. */
export async function openTopic(settings: KafkaSettings): Promise<Topic> {
  const { Consumer, Producer } = await import('@platformatic/kafka')
  const { topic } = settings
  const options = {
    clientId: 'chatelaine',
    bootstrapBrokers: [...settings.brokers],
    connectTimeout: STEP,
    requestTimeout: STEP,
    timeout: STEP,
    retries: RETRIES,
    retryDelay: 500,
    // Whether a topic that is not there may be made by using it, the brokers decide.
    autocreateTopics: true,
    ...tlsOf(settings),
    ...saslOf(settings),
  }
  const producer = new Producer({ ...options })
  // A name has to be given; no group is ever joined by it.
  const consumer = new Consumer({ ...options, groupId: 'chatelaine' })
  // A connection that breaks a second time while it is being closed would end the process, were nobody to listen.
  for (const client of [producer, consumer])
    client.connections.on('connecting', ({ connection }) => connection.on('error', () => {}))
  return {
    async reach() {
      await consumer.metadata({ topics: [topic] })
    },
    async write(key, values) {
      const messages = values.map((value) => ({ topic, key: Buffer.from(key), value: Buffer.from(value) }))
      await producer.send({ messages, acks: ALL_REPLICAS })
    },
    read: (take, over) => readTopic({ consumer, topic }, take, over),
    async close() {
      await Promise.allSettled([producer.close(true), consumer.close(true)])
    },
  }
}
