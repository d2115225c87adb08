import assert from 'node:assert/strict'
import { changeAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { changePolicy, type Policy } from '#src/domain/policy/policy.ts'
import { answerLinkRequests } from '#src/domain/recovery/recovery.ts'
import type { House, Received, Reply } from '#src/testing.ts'
import type { SmsProvider } from '../openwifi/sms-provider.ts'
import { type Client, empty, METHODS, plain } from './client.ts'

export const NEXT = 'Another-Horse-1-Battery'

const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }

/** Everything of an answer that must be the same for everybody. */
export const seenOf = ({ status, text, headers }: Reply): unknown => ({
  status,
  text,
  headers: [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'),
})

/** Does what the server does every two seconds, and waits until nothing is on its way any more. */
export async function settled(house: House): Promise<void> {
  while ((await answerLinkRequests(house.ctx)) > 0);
  // The server's own job may be in the middle of answering one: until it is done its request is there to be seen.
  const asked = house.ctx.db.selectFrom('link_request').select('id')
  const waiting = house.ctx.db.selectFrom('message').select('id').where('state', '=', 'queued')
  for (let waited = 0; waited < 5000; waited += 10) {
    if ((await asked.execute()).length + (await waiting.execute()).length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('something is still on its way after five seconds')
}

/** All mails to an address whose text has some words, the newest last. */
export const mailsTo = (house: House, address: string, words: RegExp): Received[] =>
  house.inbox.received.filter(({ to, text }) => to.includes(address) && words.test(text))

/** Says something of its own for one account, or for a domain. */
export const decide = async (house: House, scope: string, changes: Partial<Policy>): Promise<void> => {
  await changePolicy(house.ctx, { scope, changes, actor: 'test', origin })
}

const TOKEN = /^[0-9A-HJKMNP-TV-Z]{26}$/m

/** Asks for a recovery token, and opens the mail that brings it. */
export async function mailedToken(house: House, username: string, email: string): Promise<string> {
  const before = mailsTo(house, email, TOKEN).length
  empty(await plain(house, 'POST', '/recover/password/sendtoken', { json: { username, email } }))
  await settled(house)
  const mails = mailsTo(house, email, TOKEN)
  assert.equal(mails.length, before + 1, 'no token came')
  return TOKEN.exec(mails.at(-1)!.text)![0]
}

/** The same by SMS. */
export async function textedToken(
  house: House,
  { provider, username, phoneNumber }: { provider: SmsProvider; username: string; phoneNumber: string },
): Promise<string> {
  empty(await plain(house, 'POST', '/recover/password/sendtoken', { json: { username, phoneNumber } }))
  await settled(house)
  const text = provider.texts.findLast(
    ({ to, body }) => to === phoneNumber.replaceAll(' ', '') && /\b\d{8}\b/.test(body),
  )
  assert.ok(text, 'no token came')
  return /\b\d{8}\b/.exec(text.body)![0]
}

/** Adds and activates a phone number. */
export async function addPhone(provider: SmsProvider, call: Client['call'], target: string): Promise<string> {
  const created = await call('POST', METHODS, { json: { method: 'sms', target } })
  assert.equal(created.status, 200, created.text)
  const { id } = created.json
  empty(await call('POST', `${METHODS}/${id}/sendtoken`))
  empty(await call('POST', `${METHODS}/${id}/activate`, { json: { totpToken: await provider.code(target) } }))
  return id
}

export const validate = (house: House, username: string, recoveryToken: string): Promise<Reply> =>
  plain(house, 'POST', '/recover/password/validatetoken', { json: { username, recoveryToken } })

export const reset = (house: House, userName: string, recoveryToken: string, newPassword = NEXT): Promise<Reply> =>
  plain(house, 'POST', '/recover/password/reset', { json: { userName, recoveryToken, newPassword } })

/** Shuts an account, as the support desk does. */
export async function suspend(house: House, id: string): Promise<void> {
  const caller = await findByAddress(house.ctx, house.rootEmail)
  await changeAccount(house.ctx, { caller: caller!, id, changes: { suspended: true }, origin })
}
