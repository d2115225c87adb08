import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { readConfig } from './config.ts'
import type { Context } from './context.ts'
import type { Engine } from './db/open.ts'
import type { Clock } from './lib/clock.ts'
import { jsonLog } from './lib/log.ts'
import { type Running, startServer } from './server.ts'

/** The engines that tests run on: SQLite always, PostgreSQL when the test runner started one. */
export const engines: readonly Engine[] =
  (process.env.CHATELAINE_TEST_POSTGRES ?? 'off') === 'off' ? ['sqlite'] : ['sqlite', 'postgres']

/** A suite on every engine. */
export function onEveryEngine(name: string, suite: (engine: Engine) => void): void {
  for (const engine of engines) describe(`${name} (${engine})`, () => suite(engine))
}

/** A clock that stands still until a test turns it. */
export interface TestClock extends Clock {
  turn(milliseconds: number): void
}

const testClock = (start: number): TestClock => {
  let now = start
  return {
    now: () => now,
    turn(milliseconds) {
      now += milliseconds
    },
  }
}

export interface Received {
  to: string[]
  raw: string
  subject: string
  /** the body as plain text */
  text: string
  /** the body as HTML; empty when the mail has none */
  html: string
}

/** A real SMTP server on loopback that keeps what it is given. */
export interface Inbox {
  url: string
  received: Received[]
  /** The next mail to an address that has not been taken yet; waits up to fifteen seconds. */
  next(to: string): Promise<Received>
  /** The next mail to an address that says something; those that do not can still be taken. */
  saying(to: string, words: RegExp): Promise<Received>
  /** The six digits of the next mail to an address that carries a code; other mails to it are passed over. */
  code(to: string): Promise<string>
  close(): Promise<void>
}

export async function openInbox(): Promise<Inbox> {
  const received: Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    // Nobody asks what a name server calls loopback.
    disableReverseLookup: true,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks)
        PostalMime.parse(raw).then(({ subject = '', text = '', html = '' }) => {
          const to = session.envelope.rcptTo.map(({ address }) => address.toLowerCase())
          received.push({ to, raw: raw.toString('utf8'), subject, text, html })
          done()
        }, done)
      })
    },
  })
  // A sender that dies in the middle of a mail is no reason to fail.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as { port: number }
  const taken = new Set<Received>()
  async function take(to: string, suits: (mail: Received) => boolean): Promise<Received> {
    for (let waited = 0; waited < 15_000; waited += 10) {
      const mail = received.find((one) => !taken.has(one) && one.to.includes(to.toLowerCase()) && suits(one))
      if (mail) {
        taken.add(mail)
        return mail
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`no mail to ${to} within fifteen seconds`)
  }
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    next: (to) => take(to, () => true),
    saying: (to, words) => take(to, ({ subject, text }) => words.test(`${subject}\n${text}`)),
    async code(to) {
      const mail = await take(to, ({ text }) => /\b\d{6}\b/.test(text))
      return /\b(\d{6})\b/.exec(mail.text)![1]!
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A database of its own on the test server, empty unless a template is named. */
export async function freshPostgres(template = 'template1'): Promise<{ url: string; drop(): Promise<void> }> {
  const admin = process.env.CHATELAINE_TEST_POSTGRES!
  const name = `test_${randomBytes(6).toString('hex')}`
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: admin })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  await run(`create database ${name} template ${template}`)
  const url = new URL(admin)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`drop database ${name} with (force)`) }
}

// Copying what scripts/test.ts migrated once is far quicker than to migrate for every house.
const migratedPostgres = () => freshPostgres(process.env.CHATELAINE_TEST_TEMPLATE)

export interface Reply {
  status: number
  headers: Headers
  text: string
  bytes: Buffer
  /** the body as JSON; throws when it is none */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into wire answers freely
  json: any
}

export interface CallOptions {
  json?: unknown
  form?: Record<string, string>
  body?: string | Uint8Array | FormData
  headers?: Record<string, string>
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Reply>

const caller =
  (base: () => string): Call =>
  async (method, path, { json, form, body, headers } = {}) => {
    const type: Record<string, string> =
      json !== undefined
        ? { 'Content-Type': 'application/json' }
        : form
          ? { 'Content-Type': 'application/x-www-form-urlencoded' }
          : {}
    const sent = json !== undefined ? JSON.stringify(json) : form ? new URLSearchParams(form).toString() : body
    const response = await fetch(base() + path, {
      method,
      headers: { ...type, ...headers },
      body: sent as RequestInit['body'],
      redirect: 'manual',
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    return {
      status: response.status,
      headers: response.headers,
      text: bytes.toString('utf8'),
      bytes,
      get json() {
        return JSON.parse(bytes.toString('utf8'))
      },
    }
  }

export interface House {
  readonly ctx: Context
  readonly url: string
  /** where load balancers are answered, where `CHATELAINE_HEALTH_LISTEN` opens that */
  readonly healthUrl: string | null
  clock: TestClock
  inbox: Inbox
  call: Call
  /** at the listener for sibling services, where `CHATELAINE_INTERNAL_LISTEN` opens one */
  callInternal: Call
  rootEmail: string
  rootPassword: string
  /** Ends the server and starts it again on the same data. */
  restart(): Promise<void>
  /** Starts again after a restart that failed. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface HouseOptions {
  engine?: Engine
  /** further settings, by their environment names */
  settings?: Record<string, string>
  /** what the clock shows at first, epoch milliseconds */
  at?: number
}

const JOBS_TURNED = 2500

/**
 * Waits until a house that has just been started has had the first turn of all its jobs, two seconds after its start:
 * a test that does a job's work itself, and counts it, would now and then find it done. The next turns are far away.
 */
export const firstJobsOver = (): Promise<void> => sleep(JOBS_TURNED)

export const ROOT_PASSWORD = 'First-Password-1'

/** A whole server on loopback with data of its own, a real SMTP peer, and a clock in the test's hand. */
export async function startHouse({
  engine = 'sqlite',
  settings = {},
  at = Date.UTC(2026, 0, 15, 12),
}: HouseOptions = {}): Promise<House> {
  const data = mkdtempSync(join(tmpdir(), 'chatelaine-test-'))
  const postgres = engine === 'postgres' ? await migratedPostgres() : null
  const inbox = await openInbox()
  const clock = testClock(at)
  const config = readConfig({
    CHATELAINE_LISTEN: '127.0.0.1:0',
    CHATELAINE_DATA: data,
    CHATELAINE_DATABASE_URL: postgres?.url,
    CHATELAINE_SMTP_URL: inbox.url,
    CHATELAINE_ROOT_EMAIL: 'root@example.org',
    CHATELAINE_ROOT_PASSWORD: ROOT_PASSWORD,
    // Cheap hashes: the tests' time is not what an attacker would need.
    CHATELAINE_PASSWORD_MEMORY: '64',
    CHATELAINE_PASSWORD_PASSES: '1',
    CHATELAINE_SIGN_IN_RATE: '1000',
    ...settings,
  })
  const shown = process.env.CHATELAINE_TEST_LOG as typeof config.logLevel | undefined
  // A test that turns the log up watches it; the terminal stays quiet.
  const write = (line: string) => shown && process.stderr.write(line)
  const log = jsonLog(shown ?? (settings.CHATELAINE_LOG_LEVEL ? config.logLevel : 'silent'), Date.now, write)
  let running: Running = await startServer(config, { log, clock })
  return {
    get ctx() {
      return running.ctx
    },
    get url() {
      return running.url
    },
    get healthUrl() {
      return running.healthUrl
    },
    clock,
    inbox,
    call: caller(() => running.url),
    callInternal: caller(() => running.internalUrl ?? 'http://no-internal-listener.invalid'),
    rootEmail: 'root@example.org',
    rootPassword: ROOT_PASSWORD,
    async restart() {
      await running.stop()
      running = await startServer(config, { log, clock })
    },
    async start() {
      running = await startServer(config, { log, clock })
    },
    async stop() {
      await running.stop()
      await inbox.close()
      await postgres?.drop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
