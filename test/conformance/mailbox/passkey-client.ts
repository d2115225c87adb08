import assert from 'node:assert/strict'
import type { House, Reply } from '#src/testing.ts'
import { type SoftPasskey, softPasskey, type Twist } from './authenticator.ts'
import { type Client, cookieOf, makeAccount, plain, SECURITY, signIn } from './client.ts'

export const PASSKEYS = `${SECURITY}/passkeys`

/** A page that people of a house without a public address use it from. */
export const pageOf = (house: House): string => `http://localhost:${new URL(house.url).port}`

export async function optionsOf(reply: Promise<Reply>) {
  const { status, text, json } = await reply
  assert.equal(status, 200, text)
  return json
}

/** What a browser answers to fresh creation options of a session. */
export const madeFor = async (call: Client['call'], passkey: SoftPasskey, twist?: Twist) =>
  passkey.create(await optionsOf(call('POST', `${PASSKEYS}/options`)), twist)

/** What a browser answers to fresh request options of a session. */
export const provenFor = async (call: Client['call'], passkey: SoftPasskey, twist?: Twist) =>
  passkey.get(await optionsOf(call('POST', `${PASSKEYS}/proof`)), twist)

/** What a browser answers to fresh request options of nobody's. */
export const signedFor = async (house: House, passkey: SoftPasskey, twist?: Twist) =>
  passkey.get(await optionsOf(plain(house, 'POST', '/login/passkey/options')), twist)

/** Registers a passkey with a session that may; its id. */
export async function addPasskey(call: Client['call'], passkey: SoftPasskey, name?: string): Promise<string> {
  const reply = await call('POST', PASSKEYS, { json: { name, response: await madeFor(call, passkey) } })
  assert.equal(reply.status, 200, reply.text)
  assert.deepEqual(Object.keys(reply.json), ['id'])
  return reply.json.id
}

/** An account with a passkey, and the client that registered it. */
export async function makePasskeyAccount(house: House, options: Parameters<typeof softPasskey>[1] = {}) {
  const account = await makeAccount(house)
  const client = await signIn(house, account.email)
  const passkey = softPasskey(pageOf(house), options)
  const id = await addPasskey(client.secure, passkey)
  return { account, client, passkey, id }
}

/** The same with 2-step verification on, and nothing but the passkey for it. */
export async function makePasskeyOnlyAccount(house: House, options: Parameters<typeof softPasskey>[1] = {}) {
  const made = await makePasskeyAccount(house, options)
  const { client, passkey } = made
  const turnedOn = await client.secure('POST', `${SECURITY}/2fa/passkey`, {
    json: { response: await provenFor(client.call, passkey) },
  })
  assert.equal(turnedOn.status, 200, turnedOn.text)
  client.renew()
  return { ...made, recoveryCodes: turnedOn.json.recoveryCodes as string[] }
}

/** Passes the second step with an answer; the client holds its new cookie then. */
export async function passStep(client: Client, response: unknown): Promise<Reply> {
  const reply = await client.call('POST', '/login/2fa/passkey', { json: { response } })
  if (reply.status === 200) client.cookie = cookieOf(reply)
  return reply
}
