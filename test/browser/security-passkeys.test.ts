import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type House, startHouse } from '../../src/testing.ts'
import { type Client, makeAccount, SECURITY, signIn } from '../conformance/mailbox/client.ts'
import { PASSKEYS, pageOf } from '../conformance/mailbox/passkey-client.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { addPasskeyDevice, confirmPassword, enter } from './entering.ts'

describe('passkeys in the security home, with a real browser', { skip }, () => {
  let house: House
  let browser: Browser
  let page: Page
  let email: string
  let client: Client
  before(async () => {
    house = await startHouse({ at: Date.now() })
    browser = await openBrowser()
    page = await browser.page()
    await addPasskeyDevice(page)
    email = (await makeAccount(house)).email
    await enter(page, { url: pageOf(house) }, { email, place: '/my/security' })
    client = await signIn(house, email)
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const listed = async (): Promise<string[]> =>
    (await client.call('GET', PASSKEYS)).json.items.map(({ name }: { name: string }) => name)

  it('are added and named', async () => {
    await page.getByRole('link', { name: /^Passkeys/ }).click()
    await look(page, 'security-passkeys-none')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByLabel(/Name for this passkey/).fill('Laptop')
    await page.getByRole('button', { name: 'Make a passkey' }).click()
    await confirmPassword(page)
    await page.getByText('Laptop', { exact: true }).waitFor()
    assert.deepEqual(await listed(), ['Laptop'])
    await page.getByRole('button', { name: 'Rename: Laptop' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Laptop at work')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Laptop at work', { exact: true }).waitFor()
    assert.deepEqual(await listed(), ['Laptop at work'])
    await look(page, 'security-passkeys')
  })

  it('offer to end the other sessions, which the server does', async () => {
    await page.getByText('One other session is open').waitFor()
    await page.getByRole('button', { name: 'End the others' }).click()
    await page.getByText('All other sessions are ended.').waitFor()
    assert.equal((await client.call('GET', `${SECURITY}/overview`)).status, 401)
    client = await signIn(house, email)
  })

  it('turn the second step on; then the last one stays', async () => {
    await page.getByRole('link', { name: 'Security overview' }).click()
    await page.getByRole('link', { name: 'Set up a second step' }).click()
    await page.getByRole('button', { name: 'Turn it on' }).click()
    await page.getByRole('button', { name: /Use what you have set up/ }).click()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'The second step is on' }).waitFor()
    assert.equal((await signIn(house, email)).step, 'required')
    await page.getByRole('link', { name: 'Security overview' }).click()
    await page.getByRole('link', { name: /^Passkeys/ }).click()
    await page.getByRole('button', { name: 'Remove: Laptop at work' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await confirmPassword(page)
    await page.getByRole('alert').filter({ hasText: 'The second step needs this one' }).waitFor()
    await look(page, 'security-passkey-needed')
    await page.getByRole('button', { name: 'Cancel' }).click()
  })

  it('let this browser be trusted, and no more', async () => {
    await page.getByRole('link', { name: 'Security overview' }).click()
    await page.getByRole('link', { name: /^Trusted browsers/ }).click()
    await page.getByRole('button', { name: 'Trust this browser' }).click()
    const forget = page.getByRole('button', { name: 'Trust no more: Chrome on Linux' })
    await forget.waitFor()
    await look(page, 'security-trusted')
    await forget.click()
    await page.getByText(/No browser is trusted/).waitFor()
  })
})
