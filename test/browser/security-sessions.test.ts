import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type House, startHouse } from '../../src/testing.ts'
import { type Client, makeAccount, PASSWORD, SECURITY, signIn } from '../conformance/mailbox/client.ts'
import { ask, mailServer } from '../conformance/mailbox/mail-server.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { confirmPassword, enter } from './entering.ts'

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const NEW_PASSWORD = 'Seven-Brown-Geese-8'

describe('what is let into an account, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  let page: Page
  let email: string
  let phone: Client
  let desk: Client
  before(async () => {
    house = await startHouse({ at: Date.now(), settings: mailServer })
    browser = await openBrowser()
    page = await browser.page()
    email = (await makeAccount(house)).email
    phone = await signIn(house, email, PASSWORD, { 'User-Agent': IPHONE })
    desk = await signIn(house, email, PASSWORD, { 'User-Agent': FIREFOX })
    await enter(page, house, { email, place: '/my/security' })
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const isOpen = async ({ call }: Client): Promise<boolean> =>
    (await call('GET', `${SECURITY}/overview`)).status === 200

  it('lists sessions by device and place in words, and ends one there', async () => {
    await page.getByRole('link', { name: /^Open sessions/ }).click()
    const row = page.getByRole('listitem').filter({ hasText: 'Safari on iPhone' })
    await row.getByText('Web pages, on this server itself').waitFor()
    await page.getByRole('listitem').filter({ hasText: 'this one' }).getByText('Chrome on Linux').waitFor()
    await look(page, 'security-sessions')
    await page.getByRole('button', { name: 'End the session: Safari on iPhone' }).click()
    await look(page, 'security-session-end')
    await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click()
    await row.waitFor({ state: 'detached' })
    assert.equal(await isOpen(phone), false)
    assert.equal(await isOpen(desk), true)
  })

  it('makes a password for a mail program that works there, and shows it once', async () => {
    await page.getByRole('link', { name: 'Security overview' }).click()
    await page.getByRole('link', { name: /^App passwords/ }).click()
    await look(page, 'security-apps-none')
    await page.getByRole('button', { name: 'Make an app password' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Mail on the laptop')
    await look(page, 'security-app-make')
    await page.getByRole('button', { name: 'Make it' }).click()
    await confirmPassword(page)
    const password = (await page.locator('code').textContent()) ?? ''
    await look(page, 'security-app-made')
    const mails = { address: email, password }
    assert.equal((await ask(house, { ...mails, protocol: 'imap' })).json.decision, 'allow')
    assert.equal((await ask(house, { ...mails, protocol: 'caldav' })).json.decision, 'deny')
    await page.getByRole('button', { name: 'I have entered it' }).click()
    await page.getByText('Read mail (IMAP) and send mail (SMTP)').waitFor()
    assert.equal(await page.getByText(password).count(), 0)
    await page.reload()
    await page.getByText(/Last used .*: Mail program \(IMAP\)/).waitFor()
    await look(page, 'security-apps')
    await page.getByRole('button', { name: 'Remove: Mail on the laptop' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await confirmPassword(page)
    await page.getByText('No app passwords yet').waitFor()
    assert.equal((await ask(house, { ...mails, protocol: 'imap' })).json.decision, 'deny')
  })

  it('changes the password, which ends every other session and not this one', async () => {
    await page.getByRole('link', { name: 'Security overview' }).click()
    await page.getByRole('link', { name: /^Password/ }).click()
    await page.getByLabel('Current password').fill(PASSWORD)
    await page.getByLabel('New password').fill('short')
    await look(page, 'security-password')
    await page.getByLabel('New password').fill(email)
    await page.getByLabel('The same once more').fill(email)
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByRole('alert').filter({ hasText: 'only your name' }).waitFor()
    await look(page, 'security-password-refused')
    await page.getByLabel('New password').fill(NEW_PASSWORD)
    await page.getByLabel('The same once more').fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByText(/Your password is changed/).waitFor()
    assert.equal(await isOpen(desk), false)
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Password' }).waitFor()
  })

  it('tells what happened, day by day, and what was perhaps somebody else', async () => {
    await page.getByRole('link', { name: 'Security overview' }).click()
    await page.getByRole('link', { name: 'All activity' }).click()
    await page.getByRole('heading', { level: 2, name: 'Today' }).waitFor()
    await page.getByText('The app password “Mail on the laptop” was made').waitFor()
    await page.getByText('The password was changed').waitFor()
    // The mail server's question with the password that was taken away.
    const asked = page.getByText('Was it you?')
    assert.equal(await asked.count(), 1)
    await house.call('POST', '/api/v1/login/cookie', { json: { username: email, password: 'Wrong-Password-1' } })
    await page.reload()
    await asked.nth(1).waitFor()
    await page.getByText('A sign-in failed: the password was wrong').first().waitFor()
    await page
      .getByText(/somebody tried, and did not get in/)
      .first()
      .waitFor()
    await look(page, 'security-activity')
  })

  it('signs out everywhere', async () => {
    const other = await signIn(house, email, NEW_PASSWORD)
    await page.getByRole('link', { name: 'Security overview' }).click()
    await page.getByRole('link', { name: /^Open sessions/ }).click()
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    assert.equal(await isOpen(other), false)
    await page.goto(`${house.url}/my/security`)
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  })
})
