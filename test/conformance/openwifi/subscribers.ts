import assert from 'node:assert/strict'
import type { House } from '#src/testing.ts'
import { bearer, PASSWORD, type Person } from './people.ts'

let made = 0

/** Makes a subscriber and signs in as him, at the subscribers' door. */
export async function newSubscriber(house: House, by: Person): Promise<Person> {
  made++
  const email = `subscriber-${made}@example.org`
  const created = await house.call('POST', '/api/v1/subuser/0', {
    json: { id: '0', email, userRole: 'subscriber', currentPassword: PASSWORD },
    headers: bearer(by.token),
  })
  assert.equal(created.status, 200, created.text)
  const reply = await house.call('POST', '/api/v1/suboauth2', { json: { userId: email, password: PASSWORD } })
  assert.equal(reply.status, 200, reply.text)
  const { access_token: token, refresh_token: refresh } = reply.json
  return { id: created.json.id, email, password: PASSWORD, token, refresh }
}
