import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshPostgres, ROOT_PASSWORD } from '#src/testing.ts'
import { type ServerProcess, startProcess } from '../demo/server-process.ts'
import { openWire, type Wire } from './database-wire.ts'

/** What somebody was told, and when he began to ask: milliseconds of this process. */
export interface Told {
  status: number
  begun: number
  retryAfter: string | undefined
  text: string
}

export interface Asking {
  json?: unknown
  token?: string
}

/** A server process with a wire of its own to the database of all. */
export interface Node {
  server: ServerProcess
  wire: Wire
  ask(method: string, path: string, asking?: Asking): Promise<Told>
}

const NEW_PASSWORD = 'Second-Password-2'

function asker(url: string): Node['ask'] {
  const agent = new Agent({ keepAlive: true })
  const ask: Node['ask'] = (method, path, asking = {}) =>
    new Promise((resolve, reject) => {
      const { json, token } = asking
      const begun = performance.now()
      const headers = {
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      }
      const asked = request(url + path, { method, headers, agent }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (part) => {
          text += part
        })
        answer.on('end', () => {
          const retryAfter = answer.headers['retry-after']
          resolve({ status: answer.statusCode!, begun, retryAfter, text })
        })
      })
      asked.on('error', (error) => {
        // The server has just closed a connection that nobody had used for a while: it never saw the question.
        if (asked.reusedSocket) resolve(ask(method, path, asking))
        else reject(error)
      })
      asked.end(json === undefined ? undefined : JSON.stringify(json))
    })
  return ask
}

/** Several nodes over one PostgreSQL, and somebody who may ask whose a token is. */
export async function openNodes(count: number) {
  const database = await freshPostgres(process.env.CHATELAINE_TEST_TEMPLATE)
  const data = mkdtempSync(join(tmpdir(), 'chatelaine-nodes-'))
  const nodes: Node[] = []
  for (let n = 0; n < count; n++) {
    const wire = await openWire(database.url)
    // One after the other: the first one makes the key file.
    const server = await startProcess({
      CHATELAINE_LISTEN: '127.0.0.1:0',
      CHATELAINE_DATA: data,
      CHATELAINE_DATABASE_URL: wire.url,
      CHATELAINE_ROOT_EMAIL: 'root@example.org',
      CHATELAINE_ROOT_PASSWORD: ROOT_PASSWORD,
      CHATELAINE_PASSWORD_MEMORY: '64',
      CHATELAINE_PASSWORD_PASSES: '1',
      CHATELAINE_SIGN_IN_RATE: '100000',
      CHATELAINE_LOG_LEVEL: 'silent',
    })
    nodes.push({ server, wire, ask: asker(server.url) })
  }
  const first = nodes[0]!
  const signIn = async (node: Node, json: object): Promise<string> => {
    const { status, text } = await node.ask('POST', '/api/v1/oauth2', { json })
    assert.equal(status, 200, text)
    return JSON.parse(text).access_token
  }
  const root = await signIn(first, {
    userId: 'root@example.org',
    password: ROOT_PASSWORD,
    newPassword: NEW_PASSWORD,
  })
  let people = 0
  return {
    nodes,
    root,
    /** Makes somebody and signs him in so many times. */
    async tokens(each: number): Promise<string[]> {
      const email = `person-${++people}@example.org`
      const json = { id: '0', email, userRole: 'csr', currentPassword: NEW_PASSWORD }
      const made = await first.ask('POST', '/api/v1/user/0', { json, token: root })
      assert.equal(made.status, 200, made.text)
      const tokens: string[] = []
      for (let n = 0; n < each; n++)
        tokens.push(await signIn(nodes[n % nodes.length]!, { userId: email, password: NEW_PASSWORD }))
      return tokens
    },
    validate: (node: Node, token: string) => node.ask('GET', `/api/v1/validateToken?token=${token}`, { token: root }),
    /** Returns when the answer was there. */
    async revoke(node: Node, token: string): Promise<number> {
      const { status, text } = await node.ask('DELETE', `/api/v1/oauth2/${token}`, { token })
      assert.equal(status, 204, text)
      return performance.now()
    },
    async close() {
      for (const { wire } of nodes) wire.thaw()
      await Promise.all(nodes.map(({ server }) => server.end('SIGTERM')))
      await Promise.all(nodes.map(({ wire }) => wire.close()))
      await database.drop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
