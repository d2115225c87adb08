import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SMTPServer } from 'smtp-server'
import { freePort } from '../demo/server-process.ts'
import { deliver } from '../src/domain/messages/deliver.ts'
import { compose, sweepMessages } from '../src/domain/messages/messages.ts'
import { settleMessage } from '../src/domain/messages/settle.ts'
import { type House, onEveryEngine, startHouse } from '../src/testing.ts'
import { asRoot, bearer, refused } from './conformance/openwifi/people.ts'
import { openSmsProvider } from './conformance/openwifi/sms-provider.ts'

/** An SMTP server whose mood a test can change. */
async function moodyServer(port: number) {
  const mood = { says: 250, words: 'not now' }
  const seen: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onAuth: (_auth, _session, done) => done(null, { user: 'somebody' }),
    onRcptTo(_address, _session, done) {
      done(mood.says === 250 ? null : Object.assign(new Error(mood.words), { responseCode: mood.says }))
    },
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        seen.push(Buffer.concat(chunks).toString())
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { mood, seen, close: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

onEveryEngine('the outbox', (engine) => {
  it('keeps a mail over refusals and a restart, sends it once, and forgets its text', async () => {
    const port = await freePort()
    const house = await startHouse({ engine, settings: { CHATELAINE_SMTP_URL: `smtp://127.0.0.1:${port}` } })
    const state = () =>
      house.ctx.db.selectFrom('message').select(['state', 'attempts', 'content', 'outcome']).executeTakeFirstOrThrow()
    const settled = async (attempts: number) => {
      for (let n = 0; n < 300; n++) {
        const row = await state()
        if (row.attempts >= attempts && row.outcome !== '') return row
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return state()
    }
    const letter = { subject: 'Hello', text: 'A line that should not be readable in the database.\n' }
    await compose(house.ctx, { channel: 'mail', to: 'ann@example.org', letter })
    const refused = await settled(1)
    assert.equal(refused.state, 'queued')
    assert.doesNotMatch(refused.content!, /should not be readable/)
    await house.restart()
    const server = await moodyServer(port)
    server.mood.says = 451
    house.clock.turn(11_000)
    await deliver(house.ctx, 'mail')
    assert.match((await state()).outcome, /451|not now/)
    server.mood.says = 250
    house.clock.turn(60_000)
    await deliver(house.ctx, 'mail')
    const sent = await state()
    assert.deepEqual([sent.state, sent.content], ['sent', null])
    house.clock.turn(600_000)
    await deliver(house.ctx, 'mail')
    assert.equal(server.seen.length, 1)
    assert.match(server.seen[0]!, /should not be readable/)
    await house.stop()
    await server.close()
  })

  it('gives up at once what is refused for good', async () => {
    const port = await freePort()
    const house = await startHouse({ engine, settings: { CHATELAINE_SMTP_URL: `smtp://127.0.0.1:${port}` } })
    const server = await moodyServer(port)
    server.mood.says = 550
    await compose(house.ctx, { channel: 'mail', to: 'nobody@example.org', letter: { subject: 'Hello', text: 'x' } })
    for (let n = 0; n < 200; n++) {
      const { state } = await house.ctx.db.selectFrom('message').select('state').executeTakeFirstOrThrow()
      if (state === 'failed') break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const contents = async () =>
      (await house.ctx.db.selectFrom('message').select('content').executeTakeFirstOrThrow()).content
    // Who runs the house may send it once more, sealed as it is, until its time is over.
    assert.match((await contents())!, /^k1\./)
    house.clock.turn(2 * 86_400_000)
    await sweepMessages(house.ctx)
    assert.equal(await contents(), null)
    await house.stop()
    await server.close()
  })
})

const letter = { from: 'ops@example.org', subject: 'Works tonight', text: 'A line that is readable to nobody else.' }
const hello = { subject: 'Hello', text: 'x' }

onEveryEngine('mails that somebody waits for', (engine) => {
  const startWithPort = async (settings = {}) => {
    const port = await freePort()
    const url = `smtp://somebody:so-secret@127.0.0.1:${port}`
    return { port, house: await startHouse({ engine, settings: { CHATELAINE_SMTP_URL: url, ...settings } }) }
  }
  const post = async (house: House, recipients: string[]) =>
    house.call('POST', '/api/v1/email', {
      json: { ...letter, recipients },
      headers: bearer((await asRoot(house)).token),
    })
  const rows = (house: House, to: string) =>
    house.ctx.db.selectFrom('message').selectAll().where('recipient', '=', to).execute()

  it('are kept over trouble and a restart, and sent once', async () => {
    const { port, house } = await startWithPort()
    const to = 'ann@example.net'
    const reply = await post(house, [to])
    assert.deepEqual(reply.json, { Code: 0, Details: 'Command completed.', Operation: 'POST' })
    const [row] = await rows(house, to)
    assert.deepEqual([row!.state, row!.attempts], ['queued', 1])
    assert.doesNotMatch(JSON.stringify(row), /readable to nobody/)
    await house.restart()
    const server = await moodyServer(port)
    house.clock.turn(60_000)
    await deliver(house.ctx, 'mail')
    for (let n = 0; n < 300 && server.seen.length === 0; n++) await new Promise((resolve) => setTimeout(resolve, 20))
    house.clock.turn(600_000)
    await deliver(house.ctx, 'mail')
    const mails = server.seen.filter((mail) => mail.includes(`To: ${to}`))
    assert.equal(mails.length, 1)
    assert.match(mails[0]!, /readable to nobody else/)
    assert.match(mails[0]!, /^From: ops@example\.org\r$/m)
    await house.stop()
    await server.close()
  })

  it('are not sent again once they are refused for good, and whoever wrote them is told why', async () => {
    const { port, house } = await startWithPort()
    const server = await moodyServer(port)
    Object.assign(server.mood, { says: 550, words: 'nobody of that name, nor so-secret, lives here' })
    const to = 'nobody@example.net'
    const reply = await post(house, [to])
    refused(reply, 500, 500)
    assert.match(reply.json.ErrorDescription, /refused by its carrier.*nobody of that name/)
    assert.doesNotMatch(reply.text, /so-secret/)
    const two = await post(house, [to, 'other@example.net'])
    refused(two, 500, 500)
    assert.match(two.json.ErrorDescription, /nobody@example\.net: .*; other@example\.net: /)
    server.mood.says = 250
    house.clock.turn(600_000)
    await deliver(house.ctx, 'mail')
    assert.deepEqual(
      [...new Set((await rows(house, to)).map(({ state, content }) => `${state} ${content}`))],
      ['failed null'],
    )
    assert.deepEqual(
      server.seen.filter((mail) => mail.includes(to)),
      [],
    )
    await house.stop()
    await server.close()
  })

  it('are handed over once, though several want to', async () => {
    const { port, house } = await startWithPort()
    const server = await moodyServer(port)
    for (let round = 0; round < 5; round++) {
      const to = `once-${round}@example.net`
      const id = await compose(house.ctx, { channel: 'mail', to, letter: hello })
      const settled = await Promise.all([
        settleMessage(house.ctx, id),
        deliver(house.ctx, 'mail'),
        settleMessage(house.ctx, id),
        settleMessage(house.ctx, id),
      ])
      assert.deepEqual([settled[0], settled[2], settled[3]], ['sent', 'sent', 'sent'])
      assert.equal(server.seen.filter((mail) => mail.includes(`To: ${to}`)).length, 1)
    }
    await house.stop()
    await server.close()
  })
})

onEveryEngine('texts that somebody waits for', (engine) => {
  it('are waited for as long as it was said, and go on without it; a server that stops waits for them', async () => {
    const provider = await openSmsProvider()
    const house = await startHouse({ engine, settings: provider.settings })
    provider.mood.milliseconds = 600
    const id = await compose(house.ctx, { channel: 'sms', to: '+41446681800', letter: hello })
    const started = performance.now()
    assert.equal(await settleMessage(house.ctx, id, 100), 'waiting')
    assert.ok(performance.now() - started < 500)
    await house.restart()
    const { state } = await house.ctx.db.selectFrom('message').select('state').executeTakeFirstOrThrow()
    assert.equal(state, 'sent')
    assert.equal(provider.texts.length, 1)
    provider.mood.milliseconds = 0
    provider.mood.status = 400
    const bad = await compose(house.ctx, { channel: 'sms', to: '+41446681801', letter: hello })
    assert.deepEqual(await settleMessage(house.ctx, bad), { refused: 'HTTP 400 {}' })
    assert.deepEqual(await settleMessage(house.ctx, bad), { refused: 'HTTP 400 {}' })
    await house.stop()
    provider.close()
  })

  it('do not wait for another kind of carrier that does not answer', async () => {
    const provider = await openSmsProvider()
    // Longer than anybody waits for a mail below.
    provider.mood.milliseconds = 8000
    const house = await startHouse({ engine, settings: provider.settings })
    for (let text = 0; text < 25; text++)
      await compose(house.ctx, { channel: 'sms', to: `+49170123450${text}`, letter: hello })
    await compose(house.ctx, { channel: 'mail', to: 'quick@example.net', letter: hello })
    await house.inbox.next('quick@example.net')
    provider.close()
    await house.stop()
  })
})
