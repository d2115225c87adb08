import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import { openPostOffice } from '../demo/post-office.ts'
import { startProcess } from '../demo/server-process.ts'
import { openSqlite } from '../src/db/open.ts'
import { KEY, type Question, questions, targetOf } from '../test/conformance/mailbox/existence.ts'
import { figures, PASSWORD } from './house.ts'
import { median } from './load.ts'

const REQUESTS = 200
const ROUNDS = 5
const NAMES = 50
const WARM = 10

const numbered = (n: number): string => String(n).padStart(2, '0')
const known = (n: number): string => `known-${numbered(n)}@example.org`
const unknown = (n: number): string => `never-${numbered(n)}@example.org`

/** Accounts of all kinds: every other one with a mail address to recover by, every third with 2-step verification. */
async function fill(folder: string): Promise<void> {
  const database = openSqlite(join(folder, 'chatelaine.sqlite'))
  const { passwordMemory: memoryCost, passwordPasses: timeCost } = figures
  const password = await hash(PASSWORD, { algorithm: 2, memoryCost, timeCost, parallelism: 1 })
  const root = await database.query.selectFrom('account').selectAll().executeTakeFirstOrThrow()
  await database.query.transaction().execute(async (db) => {
    for (let n = 0; n < NAMES; n++) {
      const [id, email, created] = [randomUUID(), known(n), root.created]
      const account = {
        ...root,
        id,
        email,
        role: 'csr',
        password,
        must_change_password: 0,
        two_step: n % 3 === 0 ? 1 : 0,
      }
      await db.insertInto('account').values(account).execute()
      await db.insertInto('address').values({ address: email, account_id: id, created }).execute()
      if (n % 2 === 0)
        await db
          .insertInto('factor')
          .values({
            id: randomUUID(),
            account_id: id,
            kind: 'email',
            target: targetOf(email),
            secret: null,
            last_step: 0,
            created,
            last_used: null,
            name: '',
            recovered: 0,
          })
          .execute()
    }
  })
  await database.close()
}

/** Milliseconds until the whole answer is there. */
async function timeOf(url: string, { question, name, from }: { question: Question; name: string; from: string }) {
  const [method, path, { json, form, headers } = {}] = question.asks(name)
  const type: Record<string, string> = json === undefined ? {} : { 'Content-Type': 'application/json' }
  const body = json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json)
  const started = performance.now()
  const reply = await fetch(url + path, {
    method,
    headers: { ...type, ...headers, 'X-Forwarded-For': from },
    body: body ?? null,
  })
  await reply.arrayBuffer()
  const spent = performance.now() - started
  if (!question.statuses.includes(reply.status)) throw new Error(`${question.what}: ${reply.status}`)
  return spent
}

/** Asks for known and unknown names in turn, in no order that either could profit from. */
async function medians(
  url: string,
  { question, place, round }: { question: Question; place: number; round: number },
): Promise<{ known: number; unknown: number }> {
  const spent: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
  for (let n = -WARM; n < REQUESTS; n++) {
    const at = Math.abs(n) % NAMES
    // A network for each pair: nobody has to wait for the tries of others.
    const from = `10.${place}.${n + WARM}.${round}`
    const pair = [['known', known(at)] as const, ['unknown', unknown(at)] as const]
    for (const [which, name] of Math.random() < 0.5 ? pair : pair.toReversed()) {
      const time = await timeOf(url, { question, name, from })
      if (n >= 0) spent[which].push(time)
    }
  }
  return { known: median(spent.known), unknown: median(spent.unknown) }
}

type Report = (what: string, value: number, target: string, holds: boolean, beside: string) => void

/** What the time of an answer tells about an account: the median for known names, against that for unknown ones. */
export async function benchExistence(report: Report): Promise<void> {
  console.log(
    `answers about known names against those about unknown ones: ${ROUNDS} rounds of ${REQUESTS} requests each`,
  )
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-bench-'))
  const postOffice = await openPostOffice()
  const settings = {
    CHATELAINE_LISTEN: '127.0.0.1:0',
    CHATELAINE_DATA: folder,
    CHATELAINE_ROOT_EMAIL: 'root@example.org',
    CHATELAINE_ROOT_PASSWORD: 'First-Password-1',
    CHATELAINE_LOG_LEVEL: 'error',
    CHATELAINE_SMTP_URL: postOffice.url,
    CHATELAINE_MAIL_SERVER_KEY: KEY,
    CHATELAINE_TRUSTED_PROXIES: '127.0.0.1',
    // Every password is judged: what has to wait, or lacks a captcha, is answered before.
    CHATELAINE_ACCOUNT_FAILURES_ALLOWED: '1000000',
    CHATELAINE_CAPTCHA_AFTER: '0',
  }
  await (await startProcess(settings)).end('SIGTERM')
  await fill(folder)
  const server = await startProcess(settings)
  try {
    for (const [place, question] of questions.entries()) {
      const rounds = []
      for (let round = 0; round < ROUNDS; round++) rounds.push(await medians(server.url, { question, place, round }))
      const ratios = rounds.map(({ known, unknown }) => known / unknown)
      const ratio = median(ratios)
      const own = median(rounds.map(({ known }) => known)).toFixed(2)
      const other = median(rounds.map(({ unknown }) => unknown)).toFixed(2)
      const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
      const holds = ratio > 0.9 && ratio < 1.1
      report(question.what, ratio, '0.9 to 1.1', holds, `${own} ms against ${other} ms; the rounds ${spread}`)
    }
  } finally {
    await server.end('SIGTERM')
    await postOffice.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
