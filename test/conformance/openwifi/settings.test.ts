import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, it } from 'node:test'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import { activateFactor, beginFactor, sendFactorCode } from '#src/domain/factors/factors.ts'
import { findSession } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  asRoot,
  authenticatorOf,
  change,
  complete,
  denied,
  login,
  NEW_ROOT_PASSWORD,
  newPerson,
  PASSWORD,
  type Person,
  refused,
  withMethod,
} from './people.ts'

const NUMBER = '+41446681800'

onEveryEngine('OpenWiFi: codes by SMS', (engine) => {
  let house: House
  let provider: Server
  const texts: string[] = []
  before(async () => {
    provider = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        texts.push(body)
        response.end('{}')
      })
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => provider.once('listening', resolve))
    const { port } = provider.address() as AddressInfo
    house = await startHouse({ engine, settings: { CHATELAINE_SMS_URL: `http://127.0.0.1:${port}/` } })
  })
  after(async () => {
    await house.stop()
    provider.close()
  })

  async function texted(): Promise<string> {
    for (let waited = 0; waited < 5000; waited += 10) {
      const code = /\b\d{6}\b/.exec(texts.shift() ?? '')?.[0]
      if (code) return code
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error('no SMS within five seconds')
  }

  async function activateNumber(someone: Person): Promise<void> {
    const { ctx } = house
    const { session } = await findSession(ctx, someone.token, 'openwifi')
    const account = (await findAccount(ctx, someone.id))!
    const origin = { protocol: 'openwifi', network: '127.0.0.1', agent: '' }
    const id = await beginFactor(ctx, { account, sessionId: session.id, kind: 'sms', target: NUMBER })
    await sendFactorCode(ctx, { account, sessionId: session.id, id })
    await activateFactor(ctx, { account, sessionId: session.id, id, code: await texted(), origin })
  }

  const wish = (number?: string) => ({
    userTypeProprietaryInfo: { mfa: { enabled: true, method: 'sms' }, ...(number ? { mobiles: [{ number }] } : {}) },
  })

  it('go to a number that was proven before, and to no other', async () => {
    const someone = await newPerson(house, await asRoot(house))
    refused(await change(house, someone, someone.id, wish(NUMBER)), 400, 1044)
    await activateNumber(someone)
    refused(await change(house, someone, someone.id, wish('+41446681801')), 400, 1044)
    const on = await change(house, someone, someone.id, wish('+41 44 668 18 00'))
    assert.deepEqual(on.json.userTypeProprietaryInfo, {
      authenticatorSecret: '',
      mfa: { enabled: true, method: 'sms' },
      mobiles: [{ number: NUMBER, primary: true, verified: true }],
    })
    assert.equal((await change(house, someone, someone.id, wish())).status, 200)
    const { uuid, method } = (await login(house, someone.email, PASSWORD)).json
    assert.equal(method, 'sms')
    assert.ok((await complete(house, uuid, await texted())).json.access_token)
  })
})

onEveryEngine('OpenWiFi: where the second step is mandatory', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('lets nobody in without it, and does not let it be switched off', async () => {
    const root = await asRoot(house)
    const someone = await newPerson(house, root)
    const code = await authenticatorOf(house, someone)
    await change(house, someone, someone.id, withMethod('authenticator'))
    Object.assign(house.ctx, { config: { ...house.ctx.config, twoStep: 'mandatory' } })
    denied(await login(house, root.email, NEW_ROOT_PASSWORD), 12)
    const off = { userTypeProprietaryInfo: { mfa: { enabled: false } } }
    denied(await change(house, someone, someone.id, off), 7)
    const { uuid } = (await login(house, someone.email, PASSWORD)).json
    assert.equal((await complete(house, uuid, code())).status, 200)
  })
})

onEveryEngine('OpenWiFi: more sign-ins than the machine bears', (engine) => {
  let house: House
  before(async () => {
    const settings = {
      CHATELAINE_PASSWORD_MEMORY: '65536',
      CHATELAINE_PASSWORD_WIDTH: '1',
      CHATELAINE_PASSWORD_QUEUE: '1',
    }
    house = await startHouse({ engine, settings })
  })
  after(() => house.stop())

  it('are answered with 503 and when to come back', async () => {
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => login(house, house.rootEmail, house.rootPassword)),
    )
    const busy = replies.filter(({ status }) => status === 503)
    assert.ok(busy.length > 0 && busy.length < 12)
    for (const reply of busy) {
      refused(reply, 503, 503)
      assert.ok(Number(reply.headers.get('retry-after')) > 0)
    }
    denied(await login(house, house.rootEmail, house.rootPassword), 1)
  })
})
