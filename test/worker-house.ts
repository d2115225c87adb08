import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownDatabase } from '../demo/database.ts'
import { openPostOffice, type PostOffice } from '../demo/post-office.ts'
import { type ServerProcess, startProcess } from '../demo/server-process.ts'
import type { Engine } from '../src/db/open.ts'

export const FIRST = 'First-Password-1'
export const SECOND = 'Second-Password-2'

export interface Said {
  status: number
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into wire answers freely
  json: any
}

interface Asked {
  method?: string
  json?: unknown
  token?: string
}

/** One connection that stays, and with it one worker: what is asked by it, it answers. */
export interface Line {
  ask(path: string, asked?: Asked): Promise<Said>
  close(): void
}

const ANSWERED_WITHIN = 20_000

export function openLine(url: string): Line {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    ask: (path, { json, token, method = json === undefined ? 'GET' : 'POST' } = {}) =>
      new Promise((resolve, reject) => {
        const body = json === undefined ? undefined : JSON.stringify(json)
        const headers = {
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        }
        const call = request(`${url}${path}`, { agent, method, headers, timeout: ANSWERED_WITHIN }, (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (piece) => {
            text += piece
          })
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              text,
              get json() {
                return JSON.parse(text)
              },
            }),
          )
          response.on('error', reject)
        })
        call.on('error', reject).on('timeout', () => call.destroy(new Error('no answer in time')))
        call.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** Connections in such a number that each worker has its part of them: they go round. */
export const openLines = (url: string, count = 8): Line[] => Array.from({ length: count }, () => openLine(url))

export interface WorkerHouse {
  server: ServerProcess
  office: PostOffice
  /** the process ids of the workers that were ever ready, by their numbers, the latest last */
  pids(): Map<number, number[]>
  /** Starts it again with the same data; `more` are settings for this time. */
  start(more?: Record<string, string>): Promise<void>
  remove(): Promise<void>
}

function pidsIn(output: string): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const [, worker, pid] of output.matchAll(/"event":"worker\.ready","worker":(\d+),"pid":(\d+)/g))
    found.set(Number(worker), [...(found.get(Number(worker)) ?? []), Number(pid)])
  return found
}

/** A server of several workers with data of its own, and a mail server beside it. */
export async function workerHouse(
  engine: Engine,
  workers: number,
  more: Record<string, string> = {},
): Promise<WorkerHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-workers-'))
  const office = await openPostOffice()
  const database = await ownDatabase(engine === 'postgres' ? process.env.CHATELAINE_TEST_POSTGRES : undefined)
  const settings = {
    CHATELAINE_WORKERS: String(workers),
    CHATELAINE_LISTEN: '127.0.0.1:0',
    CHATELAINE_DATA: folder,
    CHATELAINE_DATABASE_URL: database.url,
    CHATELAINE_SMTP_URL: office.url,
    CHATELAINE_ROOT_EMAIL: 'root@example.org',
    CHATELAINE_ROOT_PASSWORD: FIRST,
    CHATELAINE_SIGN_IN_RATE: '10000',
    CHATELAINE_PASSWORD_MEMORY: '64',
    CHATELAINE_PASSWORD_PASSES: '1',
    ...more,
  }
  const house: WorkerHouse = {
    server: await startProcess(settings),
    office,
    pids: () => pidsIn(house.server.output()),
    async start(again = {}) {
      house.server = await startProcess({ ...settings, ...again })
    },
    async remove() {
      await house.server.end('SIGKILL')
      await office.close()
      await database.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return house
}

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The administrator's own token, after the change of the first password. */
export async function rootToken({ ask }: Line): Promise<string> {
  const userId = 'root@example.org'
  const changed = await ask('/api/v1/oauth2', { json: { userId, password: FIRST, newPassword: SECOND } })
  if (changed.status === 200) return changed.json.access_token
  return (await ask('/api/v1/oauth2', { json: { userId, password: SECOND } })).json.access_token
}
