import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { readConfig } from '#src/config.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { complete, login } from '../openwifi/people.ts'
import { softPasskey } from './authenticator.ts'
import {
  addMail,
  type Client,
  codeOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  refused,
  SECURITY,
  signIn,
} from './client.ts'
import { addPasskey, PASSKEYS, pageOf } from './passkey-client.ts'

const AT_ONCE = 20

const secondStep = (client: Client, json: unknown) => client.call('POST', '/login/2fa', { json })
const wrongOf = (code: string, by = 1): string =>
  String((Number(code) + by) % 10 ** code.length).padStart(code.length, '0')
const succeeded = (replies: readonly Reply[]) => replies.filter(({ status }) => status === 200)

let targets = 0
const freshTarget = (): string => `rule-${++targets}@elsewhere.example`

onEveryEngine('rules: what works once', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const sessions = (email: string, count = AT_ONCE): Promise<Client[]> =>
    Promise.all(Array.from({ length: count }, () => signIn(house, email)))

  it('a recovery code works once, also under 20 parallel requests', async () => {
    const { account, recoveryCodes } = await makeTwoStepAccount(house)
    const clients = await sessions(account.email)
    const replies = await Promise.all(clients.map((client) => secondStep(client, { recoveryCode: recoveryCodes[0] })))
    assert.equal(succeeded(replies).length, 1)
    for (const [n, reply] of replies.entries()) {
      if (reply.status === 200) continue
      assert.ok(['AUTH_FAILED', 'TOO_MANY_REQUESTS'].includes(reply.json.errorCode), reply.text)
      refused(await clients[n]!.call('GET', '/account/info'), 403, 'TWO_FACTOR_REQUIRED')
    }
    const { db } = house.ctx
    const events = await db.selectFrom('audit').select('event').where('account_id', '=', account.id).execute()
    assert.equal(events.filter(({ event }) => event === 'recovery-code.used').length, 1)
    // It is gone, and no other is.
    house.clock.turn(901_000)
    empty(await secondStep(await signIn(house, account.email), { recoveryCode: recoveryCodes[1] }))
    const late = await signIn(house, account.email)
    refused(await secondStep(late, { recoveryCode: recoveryCodes[0] }), 401, 'AUTH_FAILED')
  })

  it('a recovery code works once, also in one session and beside another protocol’s', async () => {
    const { account, recoveryCodes } = await makeTwoStepAccount(house)
    const client = await signIn(house, account.email)
    const challenges = await Promise.all([1, 2, 3].map(() => login(house, account.email, PASSWORD)))
    const recoveryCode = recoveryCodes[0]!
    const replies = await Promise.all([
      ...[1, 2, 3].map(() => secondStep(client, { recoveryCode })),
      ...challenges.map(({ json }) => complete(house, json.uuid, recoveryCode)),
    ])
    assert.equal(succeeded(replies).length, 1)
  })

  it('a step of an authenticator works once, also under 20 parallel requests in two protocols', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    for (let round = 0; round < 2; round++) {
      house.clock.turn(901_000)
      const clients = await sessions(account.email, AT_ONCE / 2)
      const challenges = await Promise.all(clients.map(() => login(house, account.email, PASSWORD)))
      const totpToken = app.next()
      const replies = await Promise.all([
        ...clients.map((client) => secondStep(client, { methodId: app.id, totpToken })),
        ...challenges.map(({ json }) => complete(house, json.uuid, totpToken)),
      ])
      assert.equal(succeeded(replies).length, 1)
    }
  })

  it('a step of an authenticator is over with a later one, though its half minute is not', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    house.clock.turn(60_000)
    const [one, two] = [await signIn(house, account.email), await signIn(house, account.email)]
    const ahead = codeOf(house, app.secret, 1)
    empty(await secondStep(one, { methodId: app.id, totpToken: ahead }))
    for (const steps of [1, 0, -1])
      refused(
        await secondStep(two, { methodId: app.id, totpToken: codeOf(house, app.secret, steps) }),
        401,
        'AUTH_FAILED',
      )
    const { db } = house.ctx
    const { last_step } = await db
      .selectFrom('factor')
      .select('last_step')
      .where('id', '=', app.id)
      .executeTakeFirstOrThrow()
    assert.equal(Number(last_step), Math.floor(house.clock.now() / 30_000) + 1)
  })
})

onEveryEngine('rules: sent codes', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  /** Somebody whose second step can be a mail. */
  async function withMail() {
    const made = await makeTwoStepAccount(house)
    const target = freshTarget()
    return { ...made, target, mail: await addMail(house, made.client.secure, target) }
  }
  const send = (client: Client, id: string) => client.call('POST', `${METHODS}/${id}/sendtoken`)

  it('have six digits or more and live ten minutes or less, whatever the operator wants', async () => {
    for (const settings of [{ CHATELAINE_CODE_DIGITS: '5' }, { CHATELAINE_CODE_LIFETIME: '601' }])
      assert.throws(() => readConfig(settings), /CODE_(DIGITS|LIFETIME)/)
    const { codeDigits, codeLifetime, tries, codesPerHour } = readConfig({})
    assert.deepEqual(
      { codeDigits, codeLifetime, tries, codesPerHour },
      { codeDigits: 6, codeLifetime: 600, tries: 5, codesPerHour: 5 },
    )
    const { account, mail, target } = await withMail()
    const client = await signIn(house, account.email)
    empty(await send(client, mail))
    const totpToken = await house.inbox.code(target)
    assert.match(totpToken, /^\d{6}$/)
    house.clock.turn(599_000)
    const late = await signIn(house, account.email)
    refused(await secondStep(late, { methodId: mail, totpToken }), 401, 'AUTH_FAILED')
    empty(await secondStep(client, { methodId: mail, totpToken }))
  })

  it('are good in the sign-in that asked for them, and for the method that they went to', async () => {
    const { account, client: first, mail, target } = await withMail()
    const other = freshTarget()
    const second = await addMail(house, first.secure, other)
    const [one, two] = [await signIn(house, account.email), await signIn(house, account.email)]
    empty(await send(one, mail))
    const totpToken = await house.inbox.code(target)
    refused(await secondStep(two, { methodId: mail, totpToken }), 401, 'AUTH_FAILED')
    refused(await secondStep(one, { methodId: second, totpToken }), 401, 'AUTH_FAILED')
    refused(
      await first.secure('DELETE', `${SECURITY}/2fa`, { json: { methodId: mail, totpToken } }),
      400,
      'INVALID_TOKEN',
    )
    empty(await secondStep(one, { methodId: mail, totpToken }))
  })

  it('void the one before, also when both are still on their way', async () => {
    const { account, mail, target } = await withMail()
    const client = await signIn(house, account.email)
    const codes: string[] = []
    for (let i = 0; i < 2; i++) {
      house.clock.turn(60_000)
      empty(await send(client, mail))
      codes.push(await house.inbox.code(target))
    }
    const [old = '', current = ''] = codes
    if (old !== current) refused(await secondStep(client, { methodId: mail, totpToken: old }), 401, 'AUTH_FAILED')
    empty(await secondStep(client, { methodId: mail, totpToken: current }))
  })

  it('take five tries, also when twenty come at the same instant', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const target = freshTarget()
    const { id } = (await client.secure('POST', METHODS, { json: { method: 'email', target } })).json
    const activate = (totpToken: string) => client.secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } })
    empty(await send(client, id))
    const code = await house.inbox.code(target)
    const guesses = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => activate(wrongOf(code, n + 1))))
    assert.ok(guesses.every(({ status }) => status === 400 || status === 429))
    refused(await activate(code), 400, 'INVALID_TOKEN')
    const { strikes } = await house.ctx.db
      .selectFrom('sent_code')
      .select('strikes')
      .where('method_id', '=', id)
      .executeTakeFirstOrThrow()
    assert.equal(Number(strikes), 5)
  })

  it('work once, also of twenty answers at the same instant', async () => {
    const { account, mail, target } = await withMail()
    const client = await signIn(house, account.email)
    empty(await send(client, mail))
    const json = { methodId: mail, totpToken: await house.inbox.code(target) }
    const replies = await Promise.all(Array.from({ length: AT_ONCE }, () => secondStep(client, json)))
    assert.equal(succeeded(replies).length, 1)
  })

  it('go to a target five times in an hour, whoever asks at the same instant', async () => {
    const target = freshTarget()
    const clients = await Promise.all(
      Array.from({ length: 8 }, async () => signIn(house, (await makeAccount(house)).email)),
    )
    const ids: string[] = []
    for (const { secure } of clients)
      ids.push((await secure('POST', METHODS, { json: { method: 'email', target } })).json.id)
    const replies = await Promise.all(clients.map((client, n) => send(client, ids[n]!)))
    assert.equal(succeeded(replies).length, 5)
    for (const reply of replies) if (reply.status !== 200) refused(reply, 429, 'TOO_MANY_REQUESTS')
    for (let i = 0; i < 5; i++) await house.inbox.code(target)
    assert.equal(house.inbox.received.filter(({ to }) => to.includes(target)).length, 5)
  })
})

onEveryEngine('rules: the last second factor', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const inUse = (reply: Reply) => refused(reply, 403, 'METHOD_IN_USE')

  it('is not removed while 2-step verification is on: not alone, not with all, not by another session', async () => {
    const { account, client, app } = await makeTwoStepAccount(house)
    const other = await signIn(house, account.email)
    empty(await secondStep(other, { methodId: app.id, totpToken: app.next() }))
    inUse(await client.secure('DELETE', `${METHODS}/${app.id}`))
    inUse(await client.secure('DELETE', METHODS))
    assert.equal((await client.call('GET', `${METHODS}?scope=2fa`)).json.items.length, 1)
    assert.equal((await signIn(house, account.email)).step, 'required')
  })

  it('stays, also when the last two are removed at the same instant', async () => {
    const { client, app } = await makeTwoStepAccount(house)
    let last = app.id
    for (let round = 0; round < 5; round++) {
      const mail = await addMail(house, client.secure, freshTarget())
      const replies = await Promise.all([last, mail].map((id) => client.secure('DELETE', `${METHODS}/${id}`)))
      assert.equal(succeeded(replies).length, 1)
      inUse(replies.find(({ status }) => status !== 200)!)
      const { items } = (await client.call('GET', `${METHODS}?scope=2fa`)).json
      assert.equal(items.length, 1)
      last = items[0].id
    }
  })

  it('stays, also when a passkey and the last method are removed at the same instant', async () => {
    const { client, app } = await makeTwoStepAccount(house)
    const key = await addPasskey(client.secure, softPasskey(pageOf(house)))
    const replies = await Promise.all(
      [`${METHODS}/${app.id}`, `${PASSKEYS}/${key}`].map((path) => client.secure('DELETE', path)),
    )
    assert.equal(succeeded(replies).length, 1)
    inUse(replies.find(({ status }) => status !== 200)!)
    const left = await Promise.all([METHODS, PASSKEYS].map((path) => client.call('GET', path)))
    assert.equal(left.flatMap(({ json }) => json.items).length, 1)
  })
})
