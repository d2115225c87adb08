import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { CDPSession, Page } from 'playwright-core'
import { type House, startHouse } from '#src/testing.ts'
import { type Browser, openBrowser, skip } from '../browser/browser.ts'
import {
  type Client,
  cookieOf,
  empty,
  METHODS,
  makeAccount,
  plain,
  SECURITY,
  signIn,
} from '../conformance/mailbox/client.ts'
import { optionsOf, PASSKEYS, pageOf, passStep } from '../conformance/mailbox/passkey-client.ts'

// What a page does: nothing is said here that a browser does not make of the server's own JSON.
const creating = (options: unknown) =>
  `navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)}) })
    .then((made) => JSON.stringify(made.toJSON()))`
const getting = (options: unknown) =>
  `navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)}) })
    .then((used) => JSON.stringify(used.toJSON()))`

interface Device {
  authenticatorId: string
}

describe('Passkeys of a real browser', { skip }, () => {
  let house: House
  let browser: Browser
  let page: Page
  let devTools: CDPSession
  let device: Device
  let email: string
  let client: Client

  before(async () => {
    house = await startHouse()
    browser = await openBrowser()
    page = await browser.page()
    await page.goto(pageOf(house))
    devTools = await page.context().newCDPSession(page)
    await devTools.send('WebAuthn.enable')
    device = (await devTools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })) as unknown as Device
    email = (await makeAccount(house, { name: 'Ada' })).email
    client = await signIn(house, email)
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const create = async (options: unknown) => JSON.parse(String(await page.evaluate(creating(options))))
  const get = async (options: unknown) => JSON.parse(String(await page.evaluate(getting(options))))

  it('are made, and known again', async () => {
    const options = await optionsOf(client.secure('POST', `${PASSKEYS}/options`))
    const response = await create(options)
    const made = await client.secure('POST', PASSKEYS, { json: { name: 'Laptop', response } })
    assert.equal(made.status, 200, made.text)
    const { items } = (await client.call('GET', PASSKEYS)).json
    assert.deepEqual([items.length, items[0].name, items[0].id], [1, 'Laptop', made.json.id])
    const { credentials } = (await devTools.send('WebAuthn.getCredentials', { ...device })) as {
      credentials: { isResidentCredential: boolean; rpId: string; userName: string }[]
    }
    assert.deepEqual(
      credentials.map(({ isResidentCredential, rpId, userName }) => [isResidentCredential, rpId, userName]),
      [[true, 'localhost', email]],
    )
    const again = await optionsOf(client.secure('POST', `${PASSKEYS}/options`))
    await assert.rejects(create(again), /InvalidStateError/)
  })

  it('sign in without a name or a password', async () => {
    const response = await get(await optionsOf(plain(house, 'POST', '/login/passkey/options')))
    const reply = await plain(house, 'POST', '/login/passkey', { json: { response } })
    assert.equal(reply.status, 200, reply.text)
    const headers = { Cookie: cookieOf(reply) }
    const list = await plain(house, 'GET', `${METHODS}?_h=${reply.json.sessid}`, { headers })
    assert.equal(list.status, 200, list.text)
    const replayed = await plain(house, 'POST', '/login/passkey', { json: { response } })
    assert.equal(replayed.status, 401)
  })

  it('do not sign in when the browser cannot tell who is there', async () => {
    const options = await optionsOf(plain(house, 'POST', '/login/passkey/options'))
    await devTools.send('WebAuthn.setUserVerified', { ...device, isUserVerified: false })
    await assert.rejects(get(options), /NotAllowedError/)
    // A page that asks for less gets an answer, and nothing for it.
    const response = await get({ ...options, userVerification: 'discouraged' })
    const reply = await plain(house, 'POST', '/login/passkey', { json: { response } })
    assert.equal(reply.status, 401)
    await devTools.send('WebAuthn.setUserVerified', { ...device, isUserVerified: true })
  })

  it('are the second step', async () => {
    const proof = async (call: Client['call']) => get(await optionsOf(call('POST', `${PASSKEYS}/proof`)))
    const json = { response: await proof(client.call) }
    const on = await client.secure('POST', `${SECURITY}/2fa/passkey`, { json })
    assert.equal(on.status, 200, on.text)
    const partial = await signIn(house, email)
    assert.equal(partial.step, 'required')
    empty(await passStep(partial, await proof(partial.call)))
    assert.equal((await partial.call('GET', PASSKEYS)).status, 200)
  })
})
