import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SMTPServer } from 'smtp-server'
import { freePort } from '../demo/server-process.ts'
import { deliver } from '../src/domain/messages/deliver.ts'
import { compose } from '../src/domain/messages/messages.ts'
import { onEveryEngine, startHouse } from '../src/testing.ts'

/** An SMTP server whose mood a test can change. */
async function moodyServer(port: number) {
  const mood = { says: 250 }
  const seen: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo(_address, _session, done) {
      done(mood.says === 250 ? null : Object.assign(new Error('not now'), { responseCode: mood.says }))
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
    await deliver(house.ctx)
    assert.match((await state()).outcome, /451|not now/)
    server.mood.says = 250
    house.clock.turn(60_000)
    await deliver(house.ctx)
    const sent = await state()
    assert.deepEqual([sent.state, sent.content], ['sent', null])
    house.clock.turn(600_000)
    await deliver(house.ctx)
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
    const row = await house.ctx.db.selectFrom('message').select(['state', 'content']).executeTakeFirstOrThrow()
    assert.deepEqual([row.state, row.content], ['failed', null])
    await house.stop()
    await server.close()
  })
})
