import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { answersOf } from '#src/protocols/openwifi/hot-answers.ts'
import type { CallOptions, House, Reply } from '#src/testing.ts'
import { bearer, type Person } from './people.ts'

/** What a program proves itself with. */
export const withKey = (value: string): Record<string, string> => ({ 'X-API-KEY': value })

export const INTERNAL_KEY = 'internal-key-of-the-tests-0123456789'

/** What a sibling service proves itself with at the internal listener. */
export const asService = (key = INTERNAL_KEY, name = 'https://owgw.example.org:16002'): Record<string, string> => ({
  'X-INTERNAL-NAME': name,
  'X-API-KEY': key,
})

export const inSeconds = (house: House, seconds: number): number => Math.floor(house.clock.now() / 1000) + seconds

export const keysOf = (house: House, by: Person, method: string, path: string, json?: unknown) =>
  house.call(method, `/api/v1/apiKey/${path}`, { headers: bearer(by.token), ...(json === undefined ? {} : { json }) })

let made = 0

/** Makes a key of somebody's own; its entry as the owner sees it. */
export async function newKey(house: House, by: Person, more: Record<string, unknown> = {}) {
  made++
  const wish = { name: `key${made}`, expiresOn: inSeconds(house, 3600), ...more }
  const reply = await keysOf(house, by, 'POST', by.id, wish)
  assert.equal(reply.status, 200, reply.text)
  return reply.json as { id: string; name: string; apiKey: string; expiresOn: number; lastUse: number }
}

export const validateKey = (house: House, headers: CallOptions['headers'], value: string) =>
  house.call('GET', `/api/v1/validateApiKey?apikey=${value}`, { headers })

type Ask = () => Promise<Reply>

/** Asks, and tells whether the answer was given without working it out. */
export async function askFor(house: House, ask: Ask): Promise<{ reply: Reply; isKept: boolean }> {
  const { hits } = answersOf(house.ctx).counts
  const reply = await ask()
  return { reply, isKept: answersOf(house.ctx).counts.hits > hits }
}

/** Is the answer to this worked out? */
export const isWorkedOut = async (house: House, ask: Ask): Promise<boolean> => !(await askFor(house, ask)).isKept

// Nothing is kept before the first look at a database that has to be looked at; a starved machine takes its time.
const TRIES = 200
const PAUSE = 25

/** Asks until the answer is a kept one, and gives that: the second time, unless PostgreSQL is not watched yet. */
export async function keptAnswer(house: House, ask: Ask): Promise<Reply> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { reply, isKept } = await askFor(house, ask)
    assert.equal(reply.status, 200, reply.text)
    if (isKept) return reply
    if (tries > 0) await sleep(PAUSE)
  }
  throw new Error('no answer was kept')
}

/** The status of a GET whose headers are sent line by line, as they are. */
export const rawGet = (base: string, path: string, lines: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const socket = connect(Number(port), hostname)
    socket.once('error', reject)
    socket.once('data', (data) => {
      resolve(Number(data.toString().slice(9, 12)))
      socket.destroy()
    })
    socket.write([`GET ${path} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n'))
  })
