import assert from 'node:assert/strict'
import type { CallOptions, House, Reply } from '#src/testing.ts'
import { asGuest, GUEST_PASSWORD } from '../guard/guests.ts'
import { mailOf, type Person, withPassword } from '../mail/people.ts'

export const API = '/api/v1/guest'

/** A guest, signed in; calls carry his token. */
export interface Reader {
  address: string
  token: string
  cookie: string
  /** ids of his mails, the newest first */
  ids(): Promise<string[]>
  call(method: string, path: string, options?: CallOptions): Promise<Reply>
}

export const readerOf = (house: House, address: string, reply: Reply): Reader => {
  const token = reply.json.auth
  assert.ok(token?.length > 20, reply.text)
  const call: Reader['call'] = (method, path, options = {}) =>
    house.call(method, `${API}${path}`, { ...options, headers: { 'X-Guest-Auth': token, ...options.headers } })
  return {
    address,
    token,
    cookie: reply.headers.getSetCookie()[0]!.split(';')[0]!,
    call,
    ids: async () => (await call('GET', '/items')).json.items.map(({ id }: { id: string }) => id),
  }
}

/** Sends a mail, signed; whoever has no key becomes a guest. */
export async function send(
  by: Person,
  header: Record<string, string>,
  { body = 'Hello', query = 'sign=true' }: { body?: string | Uint8Array; query?: string } = {},
): Promise<Reply> {
  const mail = mailOf({ From: by.email, ...header }, body)
  const reply = await by.post(`/mail/send?${query}`, mail, withPassword())
  assert.equal(reply.status, 200, reply.text.slice(0, 400))
  return reply
}

/** The id in the link of the next invitation to an address. */
export async function invitedItem(house: House, address: string): Promise<string> {
  const { text } = await house.inbox.next(address)
  const [, id] = /\/guest\?item=([\w-]+)/.exec(text) ?? []
  assert.ok(id, text)
  return id
}

/** A stranger to whom somebody has written, and who has chosen a password. */
export async function newReader(house: House, by: Person, address: string, body?: string): Promise<Reader> {
  await send(by, { To: address, Subject: 'Lunch at noon' }, body === undefined ? {} : { body })
  const itemId = await invitedItem(house, address)
  const json = { question: 'Dog?', answer: 'Rex', newpass: GUEST_PASSWORD, email: address, itemId }
  return readerOf(house, address, await asGuest(house, 'firstpass', json))
}
