import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, change, newPerson, type Person, refused, signedIn } from './people.ts'

const WELCOME = { notificationTypes: [{ helper: 'log', id: 1 }], success: 'Welcome! Bienvenue! Bienvenidos!' }
const BAD_TOKEN = { error: 'Invalid token. Closing connection.' }

const addressOf = (house: House, path = '/api/v1/ws') => house.url.replace(/^http/, 'ws') + path

/** A client of the socket that keeps what it hears. */
class Client {
  readonly socket: WebSocket
  // biome-ignore lint/suspicious/noExplicitAny: tests look into wire answers freely
  readonly heard: any[] = []
  closed: number | null = null

  constructor(house: House, token?: string, from?: string) {
    this.socket = new WebSocket(addressOf(house), { headers: from ? { 'X-Forwarded-For': from } : {} })
    this.socket.on('open', () => token !== undefined && this.socket.send(`token:${token}`))
    this.socket.on('message', (data) => this.heard.push(JSON.parse(data.toString())))
    this.socket.on('close', (code) => {
      this.closed = code
    })
    this.socket.on('error', () => {})
  }

  async until(isSo: () => boolean, within = 8000): Promise<void> {
    for (let waited = 0; !isSo(); waited += 10) {
      if (waited > within) throw new Error(`waited in vain; heard ${JSON.stringify(this.heard.slice(0, 20))}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async welcomed(): Promise<this> {
    await this.until(() => this.heard.length > 0)
    assert.deepEqual(this.heard[0], WELCOME)
    return this
  }

  messages(): string[] {
    return this.heard.flatMap(({ notification }) => (notification ? [notification.content.msg] : []))
  }

  hears(text: string): Promise<void> {
    return this.until(() => this.messages().some((message) => message.includes(text)))
  }

  end(): Promise<void> {
    this.socket.terminate()
    return this.until(() => this.closed !== null)
  }
}

const refusedWith = async (client: Client, error: unknown = BAD_TOKEN) => {
  await client.until(() => client.closed !== null)
  assert.deepEqual(client.heard, error ? [error] : [])
}

/** Asks for an upgrade without a client that understands it: the status of the answer. */
const upgradeAt = (url: string, upgrade: string, headers: Record<string, string> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const connection = upgrade === 'h2c' ? 'Upgrade, HTTP2-Settings' : 'Upgrade'
    request(url, { headers: { Connection: connection, Upgrade: upgrade, ...headers } })
      .on('response', (response) => resolve(response.resume().statusCode ?? 0))
      .on('upgrade', (_response, socket) => {
        socket.destroy()
        resolve(101)
      })
      .on('error', reject)
      .end()
  })

onEveryEngine('OpenWiFi: the log socket', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    const settings = { CHATELAINE_LOG_LEVEL: 'warn', CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0' }
    house = await startHouse({ engine, settings })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const level = (value: string, tag = 'all') =>
    house.call('POST', '/api/v1/system', {
      json: { command: 'setloglevel', subsystems: [{ tag, value }] },
      headers: bearer(root.token),
    })

  it('shows root and administrators the log, line by line', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const clients = [new Client(house, root.token), new Client(house, admin.token)]
    for (const client of clients) await client.welcomed()
    const error = new Error('the disk is full', { cause: new Error('no space') })
    house.ctx.log.warn('message.undelivered', { attempts: 2, final: true, more: { a: [1] } })
    house.ctx.log.error('job.failed', { job: 'sweep', error })
    house.ctx.log.info('message.unseen')
    house.ctx.log.error('key-file.last')
    for (const client of clients) {
      await client.hears('key-file.last')
      const [, first, second, third, ...more] = client.heard
      const { timestamp, ...content } = first.notification.content
      assert.ok(Math.abs(timestamp - Date.now() / 1000) < 60)
      assert.deepEqual(content, {
        level: 'warning',
        msg: 'message.undelivered: attempts=2, final=true, more={"a":[1]}',
        source: 'SMTPMailer',
        thread_id: 0,
        thread_name: 'main',
      })
      assert.deepEqual([first.notification.notification_id, first.notification.type_id], [1, 1])
      assert.equal(
        second.notification.content.msg,
        'job.failed: job=sweep, error=Error: the disk is full (Error: no space)',
      )
      assert.deepEqual([third.notification.notification_id, more], [3, []])
      await client.end()
    }
  })

  it('says a line once, also when everything is logged', async () => {
    await level('trace')
    const client = await new Client(house, root.token).welcomed()
    await client.hears('log-socket.opened')
    house.ctx.log.debug('request', { only: 'once' })
    await client.hears('only=once')
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(client.messages().filter((message) => message.includes('only=once')).length, 1)
    assert.ok(client.heard.length < 10, JSON.stringify(client.messages()))
    assert.ok(!client.messages().join().includes(root.token))
    await client.end()
    await level('warning')
  })

  it('lets nobody else in', async () => {
    for (const role of ['csr', 'partner', 'noc', 'system'])
      await refusedWith(new Client(house, (await newPerson(house, root, { role })).token))
    for (const token of ['', 'nonsense', 'x'.repeat(600), `${root.token} ${root.token}`])
      await refusedWith(new Client(house, token))
    for (const first of ['{}', 'Token:x', root.token, Buffer.from(`token:${root.token}`)]) {
      const client = new Client(house)
      client.socket.on('open', () => client.socket.send(first))
      await refusedWith(client)
    }
    const flood = new Client(house)
    flood.socket.on('open', () => flood.socket.send(`token:${'x'.repeat(5000)}`))
    await refusedWith(flood, null)
    assert.equal(flood.closed, 1009)
  })

  it('takes no key of a sibling service or of a user for a token', async () => {
    const name = { name: 'key', expiresOn: Math.floor(house.clock.now() / 1000) + 86_400, rights: { acls: [] } }
    const json = { ...name, userUuid: root.id, description: '' }
    const made = await house.call('POST', `/api/v1/apiKey/${root.id}`, { json, headers: bearer(root.token) })
    assert.equal(made.status, 200, made.text)
    await refusedWith(new Client(house, made.json.apiKey))
    await refusedWith(new Client(house, house.ctx.secrets.internalKey))
  })

  it('understands what its clients send', async () => {
    const client = await new Client(house, root.token).welcomed()
    const { socket } = client
    for (const said of ['no JSON', '', '{', 'null', '7', '"x"', '[]', '{"hello":1}', '{"drop-notifications":1}'])
      socket.send(said)
    await client.until(() => client.heard.length >= 7)
    assert.deepEqual(client.heard.slice(1), Array(6).fill({}))
    socket.send('{"drop-notifications":[2]}')
    socket.send('{}')
    await client.until(() => client.heard.length >= 8)
    house.ctx.log.error('job.failed')
    await client.hears('job.failed')
    socket.send('{"drop-notifications":[1]}')
    socket.send('{}')
    await client.until(() => client.heard.length >= 10)
    house.ctx.log.error('job.failed-again')
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(client.heard.length, 10)
    await client.end()
  })

  it('ends with the session: signed out, suspended, demoted', async () => {
    const [leaves, suspended, demoted] = await Promise.all(
      [1, 2, 3].map(() => newPerson(house, root, { role: 'admin' })),
    )
    const people = [leaves!, suspended!, demoted!]
    const clients = await Promise.all(people.map(({ token }) => new Client(house, token).welcomed()))
    const stays = await new Client(house, root.token).welcomed()
    await house.call('DELETE', `/api/v1/oauth2/${leaves!.token}`, { headers: bearer(leaves!.token) })
    await change(house, root, suspended!.id, { suspended: true })
    await change(house, root, demoted!.id, { userRole: 'csr' })
    for (const client of clients) {
      await client.until(() => client.closed !== null)
      assert.deepEqual(client.heard.at(-1), BAD_TOKEN)
    }
    for (const { token } of people) await refusedWith(new Client(house, token))
    assert.equal(stays.closed, null)
    await stays.end()
  })

  it('is refused at every other path, and is not at the internal listener', async () => {
    const handshake = { 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' }
    const inner = (await house.callInternal('GET', '/api/v1/ws')).status
    assert.equal(inner, 404)
    for (const path of ['/', '/ws', '/api/v1/ws/', '/api/v1/oauth2', '/api/v1/%77s', '//api/v1/ws'])
      assert.equal(await upgradeAt(house.url + path, 'websocket', handshake), 404, path)
    assert.equal(await upgradeAt(`${house.url}/api/v1/ws?x=1`, 'WebSocket', handshake), 101)
    assert.equal(await upgradeAt(`${house.url}/api/v1/ws`, 'websocket'), 400)
    refused(await house.call('GET', '/api/v1/ws'), 400, 1050)
    refused(await house.call('POST', '/api/v1/ws'), 400, 1004)
  })

  it('leaves clients alone that offer another protocol', async () => {
    assert.equal(await upgradeAt(`${house.url}/healthz`, 'h2c', { 'HTTP2-Settings': 'AAMAAABkAAQCAAAAAAIAAAAA' }), 200)
  })

  it('speaks with a browser’s WebSocket', async () => {
    const socket = new globalThis.WebSocket(addressOf(house))
    const first = await new Promise<string>((resolve, reject) => {
      socket.onopen = () => socket.send(`token:${root.token}`)
      socket.onmessage = ({ data }) => resolve(data)
      socket.onerror = () => reject(new Error('no socket'))
    })
    assert.deepEqual(JSON.parse(first), WELCOME)
    socket.close()
  })

  it('ends with the server, at once', async () => {
    const reader = await new Client(house, root.token).welcomed()
    const stranger = new Client(house)
    await new Promise((resolve) => stranger.socket.once('open', resolve))
    // One who never answers: the server does not wait for him.
    const deaf = await new Client(house, root.token).welcomed()
    deaf.socket.pause()
    const started = performance.now()
    await house.restart()
    assert.ok(performance.now() - started < 5000)
    await Promise.all([reader, stranger].map((client) => client.until(() => client.closed !== null)))
    assert.deepEqual([reader.closed, stranger.closed], [1001, 1001])
    deaf.socket.terminate()
  })

  it('ends when the token has lived its life', async () => {
    const client = await new Client(house, root.token).welcomed()
    house.clock.turn(house.ctx.config.tokenLifetime * 1000 + 1000)
    house.ctx.log.error('job.failed', { after: 'the end' })
    await client.until(() => client.closed !== null)
    assert.deepEqual(client.heard, [WELCOME, BAD_TOKEN])
    await refusedWith(new Client(house, root.token))
  })
})

describe('OpenWiFi: a crowd at the log socket', () => {
  let house: House
  let root: Person
  const all: Client[] = []
  before(async () => {
    const settings = { CHATELAINE_LOG_LEVEL: 'error', CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' }
    house = await startHouse({ settings })
    root = await asRoot(house)
  })
  after(async () => {
    for (const { socket } of all) socket.terminate()
    await house.stop()
  })
  const clients = async (count: number, token?: string, from?: string) => {
    const made = Array.from({ length: count }, () => new Client(house, token, from))
    all.push(...made)
    await Promise.all(made.map(({ socket }) => new Promise((resolve) => socket.once('open', resolve))))
    return made
  }
  const leave = async (some: readonly Client[]) => {
    for (const { socket } of some) socket.terminate()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const left = (some: readonly Client[]) => some.filter(({ closed }) => closed === null)

  it('lets a flood from one network push out its own only', async () => {
    const [waiting] = await clients(1, undefined, '198.51.100.7')
    const flood = [...(await clients(30, undefined, '192.0.2.1')), ...(await clients(30, undefined, '192.0.2.1'))]
    await waiting!.until(() => left(flood).length <= 5)
    const wide = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => clients(1, undefined, `2001:db8:1:2::${n}`)))
    await waiting!.until(() => left(wide.flat()).length <= 5)
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual([left(flood).length, left(wide.flat()).length, waiting!.closed], [5, 5, null])
    const [reader] = await clients(1, root.token, '192.0.2.1')
    await reader!.welcomed()
    waiting!.socket.send(`token:${root.token}`)
    await waiting!.welcomed()
    await leave([...flood, ...wide.flat(), reader!, waiting!])
  })

  it('finds room for a reader, however many strangers of however many networks there are', async () => {
    const [waiting] = await clients(1, undefined, '198.51.100.7')
    const networks = Array.from({ length: 14 }, (_, n) => `192.0.2.${n}`)
    const strangers = (await Promise.all(networks.map((from) => clients(5, undefined, from)))).flat()
    await waiting!.until(() => left(strangers).length <= 49)
    const [reader] = await clients(1, root.token, '203.0.113.1')
    await reader!.welcomed()
    assert.ok(left(strangers).length >= 48)
    waiting!.socket.send(`token:${root.token}`)
    await waiting!.welcomed()
    await leave([...strangers, reader!, waiting!])
  })

  it('takes nobody’s word for his network but a proxy’s', async () => {
    const own = await startHouse({ settings: { CHATELAINE_LOG_LEVEL: 'error' } })
    const liars = Array.from({ length: 12 }, (_, n) => new Client(own, undefined, `192.0.2.${n}`))
    await Promise.all(liars.map(({ socket }) => new Promise((resolve) => socket.once('open', resolve))))
    await liars[0]!.until(() => left(liars).length === 5)
    await leave(liars)
    await own.stop()
  })

  const isFull = async (token: string) => {
    const [late] = await clients(1, token)
    await refusedWith(late!, { error: 'Too many connections. Closing connection.' })
    assert.equal(late!.closed, 1013)
  }

  it('has five readers of one account at most, by whatever token', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const readers = await clients(5, admin.token)
    for (const reader of readers) await reader.welcomed()
    await isFull(admin.token)
    await isFull((await signedIn(house, admin.email, admin.password)).token)
    const [other] = await clients(1, root.token)
    await other!.welcomed()
    await readers[0]!.end()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const [next] = await clients(1, admin.token)
    await next!.welcomed()
    await leave([...readers, other!, next!])
  })

  it('has fifty readers at most', async () => {
    const readers: Client[] = []
    for (let n = 0; n < 10; n++) {
      const some = await clients(5, (await newPerson(house, root, { role: 'admin' })).token)
      for (const reader of some) await reader.welcomed()
      readers.push(...some)
    }
    await isFull(root.token)
    await readers[0]!.end()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const [next] = await clients(1, root.token)
    await next!.welcomed()
    await leave([...readers, next!])
  })

  it('keeps nothing for a reader who does not read', async () => {
    const [slow] = await clients(1, root.token)
    await slow!.welcomed()
    slow!.socket.pause()
    const text = 'x'.repeat(3000)
    for (let line = 0; line < 10_000; line++) {
      house.ctx.log.error('job.failed', { line, text })
      if (line % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    slow!.socket.resume()
    await slow!.until(() => slow!.heard.length > 100)
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.ok(slow!.heard.length < 9000, `${slow!.heard.length}`)
    house.ctx.log.error('job.failed', { at: 'the end' })
    await slow!.hears('the end')
    await slow!.end()
  })

  it('waits ten seconds for a token, and no longer', async () => {
    const [silent] = await clients(1)
    const started = performance.now()
    await silent!.until(() => silent!.closed !== null, 12_000)
    assert.ok(performance.now() - started > 9000)
    assert.deepEqual(silent!.heard, [BAD_TOKEN])
  })
})
