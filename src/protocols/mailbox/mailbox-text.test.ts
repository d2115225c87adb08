import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { hurdles } from '#src/domain/sessions/sessions.ts'
import { admissions } from '#src/http/endpoint.ts'
import { endpoints } from './mailbox.ts'
import { mailboxPage } from './mailbox-text.ts'
import { signIns, steps } from './states.ts'

const page = readFileSync(new URL('../../../docs/mailbox.md', import.meta.url), 'utf8')
const endpointAt = (wanted: string) => {
  const found = endpoints.find(({ at }) => at === wanted)
  assert.ok(found, `${wanted} is no endpoint`)
  return found
}

describe('docs/mailbox.md', () => {
  it('is not stale (npm run states makes it anew)', () => assert.equal(page, mailboxPage(page)))

  it('is refused when it has no place for what is made', () =>
    assert.throws(() => mailboxPage(page.replace('<!-- end: diagram -->', '')), /diagram/))
})

describe('the states of a mailbox session', () => {
  for (const hurdle of hurdles)
    it(`${hurdle}: every call that leads out of it is open in it`, () => {
      const { passedBy } = steps[hurdle]
      assert.notEqual(passedBy.length, 0)
      for (const at of passedBy) {
        const { who } = endpointAt(at)
        assert.ok(who !== 'anyone' && admissions[who].states.includes(hurdle), `${at} is closed to ${hurdle}`)
      }
    })

  it('begin at sign-ins that anybody may call', () => {
    for (const at of Object.keys(signIns)) assert.equal(endpointAt(at).who, 'anyone')
  })

  it('leave only what leads on: what is open before the second step is all about it', () => {
    const open = endpoints.filter(({ who }) => who !== 'anyone' && admissions[who].states.includes('required'))
    assert.deepEqual(open.map(({ at }) => at).sort(), [
      'GET /account/security/methods',
      'POST /account/security/methods/{id}/sendtoken',
      'POST /account/security/passkeys/proof',
      'POST /login/2fa',
      'POST /login/2fa/passkey',
      'POST /logout',
      'PUT /session',
    ])
  })
})
