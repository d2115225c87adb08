import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { planFlaw } from './plan-flaws.ts'

describe('Plans of statements', () => {
  const scan = 'select * from "session" where "agent" = ?'

  it('are wrong where a large table is read through', () => {
    assert.match(planFlaw(scan, ['SCAN session']) ?? '', /^SCAN session: select/)
    assert.ok(planFlaw('delete from "key_ring" where "id" in (select 1)', ['SCAN key_ring']))
    const counted = 'select count(*) as "count" from "account" where "population" = ?'
    assert.ok(planFlaw(counted, ['SEARCH account USING COVERING INDEX account_population (population=?)']))
    const sifted = 'select * from "message" where "recipient" = ? order by "created" limit ?'
    assert.ok(planFlaw(sifted, ['SCAN message USING INDEX message_created']))
  })

  it('are right where rows are sought, or a list is shown from its beginning', () => {
    assert.equal(planFlaw(scan, ['SEARCH session USING INDEX session_agent (agent=?)']), null)
    const page = 'select * from "audit" order by "at" desc, "id" desc limit ?'
    assert.equal(planFlaw(page, ['SCAN audit USING INDEX audit_place']), null)
    assert.equal(planFlaw('select * from "server_secret"', ['SCAN server_secret']), null)
    const few = 'select count(*) as "count" from (select "id" from "message" where "state" = ? limit ?) as "queued"'
    assert.equal(planFlaw(few, ['CO-ROUTINE queued', 'SEARCH message USING INDEX x (state=?)', 'SCAN queued']), null)
  })

  it('are watched in every test', () => {
    assert.match(
      String(DatabaseSync.prototype.prepare),
      /explain query plan/,
      'scripts/test.ts loads test/plans.ts first',
    )
  })
})
