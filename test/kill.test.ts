import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownDatabase } from '../demo/database.ts'
import { call } from '../demo/person.ts'
import { openPostOffice } from '../demo/post-office.ts'
import { type ServerProcess, startProcess } from '../demo/server-process.ts'
import { onEveryEngine } from '../src/testing.ts'

const FIRST = 'First-Password-1'
const SECOND = 'Second-Password-2'
const ROUNDS = 3

const post = (server: ServerProcess, path: string, json: unknown, headers: Record<string, string> = {}) =>
  call(`${server.url}${path}`, { method: 'POST', json, headers })

const SUITE = '/appsuite/api'

/** Calls the Guard protocol as somebody who signs in to App Suite for it. */
async function asSuiteUser(server: ServerProcess, email: string) {
  const form = { name: email, password: FIRST }
  const answer = await call(`${server.url}${SUITE}/login?action=login`, { method: 'POST', form })
  const Cookie = answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
  return (method: string, action: string, fields?: Record<string, string>) =>
    call(`${server.url}${SUITE}/oxguard/keys?action=${action}&session=${answer.json.session}`, {
      method,
      form: fields,
      headers: { Cookie },
    })
}

/** Makes accounts, sessions and keys as fast as it can until the server dies; returns what was acknowledged. */
async function writeUntilDeath(server: ServerProcess, root: Record<string, string>, round: number) {
  const acknowledged = {
    accounts: [] as string[],
    tokens: [] as string[],
    keys: [] as { email: string; fingerprint: string }[],
  }
  const worker = async (n: number) => {
    for (let i = 0; ; i++) {
      const email = `person${round}-${n}-${i}@example.org`
      const made = await post(
        server,
        '/api/v1/user/0',
        { id: '0', email, currentPassword: FIRST, userRole: 'csr' },
        root,
      )
      assert.equal(made.status, 200)
      acknowledged.accounts.push(email)
      const signedIn = await post(server, '/api/v1/oauth2', { userId: email, password: FIRST })
      // One address signs in very often here: being asked to slow down is an answer too.
      if (signedIn.status === 200) acknowledged.tokens.push(signedIn.json.access_token)
      const keys = await asSuiteUser(server, email)
      const created = await keys('POST', 'create', { name: 'Person', password: 'a-key-password' })
      acknowledged.keys.push({ email, fingerprint: created.json.data.publicRing.keys[0].fingerprint })
    }
  }
  const died = Promise.allSettled([0, 1, 2, 3].map(worker))
  // However busy the machine is: in the middle of writing, and not before the first of everything is written.
  const isBegun = () => Object.values(acknowledged).every((list) => list.length > 0)
  for (let waited = 0; waited < 30_000 && !isBegun(); waited += 10) await sleep(10)
  await sleep(300 + 250 * round)
  await server.end('SIGKILL')
  await died
  return acknowledged
}

onEveryEngine('a server that is killed in the middle of its writes', (engine) => {
  it('has lost nothing that it acknowledged when it starts again', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chatelaine-kill-'))
    const office = await openPostOffice()
    const database = await ownDatabase(engine === 'postgres' ? process.env.CHATELAINE_TEST_POSTGRES : undefined)
    const settings = {
      CHATELAINE_LISTEN: '127.0.0.1:0',
      CHATELAINE_DATA: folder,
      CHATELAINE_DATABASE_URL: database.url,
      CHATELAINE_SMTP_URL: office.url,
      CHATELAINE_ROOT_EMAIL: 'root@example.org',
      CHATELAINE_ROOT_PASSWORD: FIRST,
      CHATELAINE_SIGN_IN_RATE: '10000',
      CHATELAINE_PASSWORD_MEMORY: '64',
      CHATELAINE_PASSWORD_PASSES: '1',
    }
    let server = await startProcess(settings)
    try {
      await post(server, '/api/v1/oauth2', { userId: 'root@example.org', password: FIRST, newPassword: SECOND })
      for (let round = 0; round < ROUNDS; round++) {
        const signedIn = await post(server, '/api/v1/oauth2', { userId: 'root@example.org', password: SECOND })
        const root = { Authorization: `Bearer ${signedIn.json.access_token}` }
        const { accounts, tokens, keys } = await writeUntilDeath(server, root, round)
        assert.ok(accounts.length > 0 && tokens.length > 0 && keys.length > 0, 'nothing was written before the end')
        server = await startProcess(settings)
        for (const email of accounts) {
          const found = await call(`${server.url}/api/v1/user/${email}?byEmail=true`, { headers: root })
          assert.equal(found.status, 200, `${email} was acknowledged and is gone`)
        }
        for (const token of tokens) {
          const me = await call(`${server.url}/api/v1/oauth2?me=true`, {
            headers: { Authorization: `Bearer ${token}` },
          })
          assert.equal(me.status, 200, 'a token was acknowledged and is gone')
        }
        for (const { email, fingerprint } of keys) {
          const { text } = await (await asSuiteUser(server, email))('GET', 'getKeys')
          assert.ok(text.includes(fingerprint), `a key of ${email} was acknowledged and is gone`)
        }
      }
    } finally {
      await server.end('SIGKILL')
      await office.close()
      await database.remove()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
