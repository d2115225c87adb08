import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * kcat and the library below it, librdkafka, are an independent implementation of Kafka in C: they play the broker (the
 * library has a small one for tests), and the other services.
 */
export const needsKcat = { skip: spawnSync('kcat', ['-V']).error ? 'kcat is not installed' : false }

export const TOPIC = 'service_events'

async function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}

export interface Broker {
  port: number
  stop(): Promise<void>
}

/** A broker on loopback that lives in a producer which never has anything to say. */
export async function startBroker(): Promise<Broker> {
  const settings = ['-X', 'test.mock.num.brokers=1', '-b', 'itself', '-P', '-t', 'unused']
  const child = spawn('kcat', settings)
  for await (const line of createInterface(child.stderr)) {
    const port = /replaced with 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port) return { port: Number(port), stop: () => ended(child) }
  }
  throw new Error('kcat opened no broker')
}

export interface Told {
  key: string
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages freely
  value: any
}

export interface Listener {
  told: Told[]
  /** The next message that has not been taken yet and suits; waits up to fifteen seconds. */
  next(suits: (told: Told) => boolean): Promise<Told>
  stop(): Promise<void>
}

/** A service that reads the topic from its beginning. */
export function listen(port: number, topic = TOPIC): Listener {
  const child = spawn('kcat', ['-b', `127.0.0.1:${port}`, '-C', '-t', topic, '-o', 'beginning', '-u', '-J', '-q', '-E'])
  const told: Told[] = []
  const taken = new Set<Told>()
  child.stderr.resume()
  createInterface(child.stdout).on('line', (line) => {
    const { key, payload } = JSON.parse(line)
    try {
      const value = JSON.parse(payload)
      told.push({ key, event: value.event, value })
    } catch {
      // What others wrote to see whether we bear it.
    }
  })
  return {
    told,
    async next(suits) {
      for (let waited = 0; waited < 15_000; waited += 20) {
        const found = told.find((one) => !taken.has(one) && suits(one))
        if (found) {
          taken.add(found)
          return found
        }
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error('not said within fifteen seconds')
    },
    stop: () => ended(child),
  }
}

/** Writes whole messages, whatever is in them, as another service would. */
export async function say(port: number, values: readonly (string | Uint8Array)[], more: string[] = []): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-kafka-'))
  try {
    const files = values.map((value, index) => {
      const file = join(folder, String(index))
      writeFileSync(file, value)
      return file
    })
    const child = spawn('kcat', ['-b', `127.0.0.1:${port}`, '-P', '-t', TOPIC, '-k', 'a-sibling', ...more, ...files])
    child.stdout.resume()
    let complaint = ''
    child.stderr.on('data', (text) => {
      complaint += text
    })
    const code = await new Promise((resolve) => child.once('exit', resolve))
    if (code !== 0) throw new Error(`kcat could not write: ${complaint}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
