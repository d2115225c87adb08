import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { sweepNetworks } from '#src/domain/accounts/accounts.ts'
import { sweepAudit } from '#src/domain/audit/audit.ts'
import { firstJobsOver, type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, signedIn } from './conformance/openwifi/people.ts'

const DAY = 86_400_000

onEveryEngine('What happened long ago is swept', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_AUDIT_DAYS: '10' } })
    await firstJobsOver()
    await asRoot(house)
  })
  after(() => house.stop())

  const entries = async () => (await house.ctx.db.selectFrom('audit').select('id').execute()).length

  it('in small batches, after the days of the setting', async () => {
    const before = await entries()
    assert.ok(before > 0)
    const at = house.clock.now()
    const old = Array.from({ length: 600 }, (_, n) => ({
      id: `old-${n}`,
      at: at - 10 * DAY - 1,
      event: 'sign-in.done',
      account_id: null,
      actor_id: null,
      protocol: 'openwifi',
      network: '127.0.0.1',
      detail: '{}',
    }))
    const oldest = old[0]!
    await house.ctx.db.insertInto('audit').values(old).execute()
    await house.ctx.db
      .insertInto('audit')
      .values({ ...oldest, id: 'young', at: at - 10 * DAY })
      .execute()
    for (let n = 0; n < 6; n++) assert.equal(await sweepAudit(house.ctx), 100)
    assert.equal(await sweepAudit(house.ctx), 0)
    assert.equal(await entries(), before + 1)
  })

  it('with the networks that nobody signs in from any more', async () => {
    const { db } = house.ctx
    const account = await db.selectFrom('account').select('id').executeTakeFirstOrThrow()
    const seen = (network: string, ago: number) => ({
      account_id: account.id,
      network,
      last_seen: house.clock.now() - ago,
    })
    const old = Array.from({ length: 600 }, (_, n) => seen(`10.0.${n >> 8}.${n & 255}`, 10 * DAY + 1))
    await db
      .insertInto('known_network')
      .values([...old, seen('192.0.2.1', 10 * DAY)])
      .execute()
    for (let n = 0; n < 6; n++) assert.equal(await sweepNetworks(house.ctx), 100)
    assert.equal(await sweepNetworks(house.ctx), 0)
    const left = await db.selectFrom('known_network').select('network').orderBy('network').execute()
    assert.deepEqual(
      left.map(({ network }) => network),
      ['127.0.0.1', '192.0.2.1'],
    )
    house.clock.turn(10 * DAY + 1)
    await signedIn(house, house.rootEmail, 'Second-Password-2')
    assert.equal(await sweepNetworks(house.ctx), 1)
  })
})
