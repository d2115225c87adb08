import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type House, startHouse } from '../../src/testing.ts'
import { makeAccount, PASSWORD } from '../conformance/mailbox/client.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { tabTo } from './keyboard.ts'

describe('signing in, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  before(async () => {
    house = await startHouse({ at: Date.now() })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const signIn = async (page: Page, email: string, password = PASSWORD) => {
    await page.getByLabel('User name or mail address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await submit(page)
  }
  /** Sends what was filled in, and waits for the answer and what follows from it. */
  const submit = async (page: Page) => {
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.locator('button[data-loading]').waitFor({ state: 'detached' })
  }
  const alertOf = async (page: Page) => (await page.getByRole('alert').textContent()) ?? ''

  /** What the picture of a captcha says: people read it. */
  async function captchaText(page: Page): Promise<string> {
    const [answer] = await Promise.all([
      page.waitForResponse((one) => /captcha\?/.test(one.url())),
      page.getByRole('button', { name: 'Another picture' }).click(),
    ])
    const id = (await answer.headerValue('x-captcha-id'))!
    const { ctx } = house
    const row = await ctx.db.selectFrom('captcha').select('sealed').where('id', '=', id).executeTakeFirstOrThrow()
    return ctx.secrets.sealer.open(row.sealed, `captcha ${id}`).toString()
  }

  it('says in plain words that it did not work, the same for whoever is not there', async () => {
    const page = await browser.page()
    await page.goto(house.url)
    await signIn(page, 'nobody@example.org', 'Wrong-Password-1')
    const said = await alertOf(page)
    assert.match(said, /not right/)
    const { email } = await makeAccount(house)
    await signIn(page, email, 'Wrong-Password-1')
    assert.equal(await alertOf(page), said)
    await look(page, 'sign-in')
  })

  it('asks for letters in a picture after three failures, and for patience after five', async () => {
    const { email } = await makeAccount(house)
    const page = await browser.page()
    await page.goto(house.url)
    const letters = page.getByLabel('Letters and digits in the picture')
    for (let failed = 0; failed < 3; failed++) {
      await signIn(page, email, 'Wrong-Password-1')
      await page.getByRole('alert').waitFor()
    }
    await letters.waitFor()
    house.clock.turn(1000)
    await look(page, 'sign-in-captcha')
    // The right password is not enough without the letters, and nothing tells which of them was wrong.
    await letters.fill('xxxxxx')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await submit(page)
    await page.getByText('the password or the letters').waitFor()
    await page.getByLabel('Password', { exact: true }).fill('Wrong-Password-1')
    for (let tries = 0; tries < 4 && !(await page.getByText('too many failed tries').isVisible()); tries++) {
      house.clock.turn(1000)
      await letters.fill(await captchaText(page))
      await submit(page)
    }
    assert.match(await alertOf(page), /too many failed tries/)
    const button = page.getByRole('button', { name: /^Try again in \d+ seconds?$/ })
    assert.ok(await button.isDisabled())
    await look(page, 'sign-in-too-many')
    const said = (await button.textContent())!
    await page.getByRole('button', { name: said, exact: true }).waitFor({ state: 'detached' })
    assert.match((await button.textContent())!, /^Try again in \d+ second/)
  })

  it('goes back to where somebody was whose session has ended, and says why', async () => {
    const { email } = await makeAccount(house)
    const page = await browser.page()
    await page.goto(`${house.url}/my/keys`)
    await signIn(page, email)
    await page.waitForURL('**/my/keys')
    await page.reload()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await house.ctx.db.deleteFrom('session').execute()
    // Back in this window, as after an hour elsewhere.
    await page.evaluate(`window.dispatchEvent(new Event('visibilitychange'))`)
    await page.waitForURL('**/sign-in?to=%2Fmy%2Fkeys')
    await page.getByText('You were signed out').waitFor()
    await look(page, 'sign-in-ended')
    await signIn(page, email)
    await page.waitForURL('**/my/keys')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.equal(await page.getByText('You were signed out').count(), 0)
  })

  it('remembers a browser that is to stay signed in, and nothing that scripts could read', async () => {
    const { email } = await makeAccount(house)
    const page = await browser.page()
    await page.goto(house.url)
    await page.getByLabel('Stay signed in').check()
    await signIn(page, email)
    await page.waitForURL('**/my/security')
    const cookies = await page.context().cookies()
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite, expires }) => [httpOnly, sameSite, expires > 0]),
      [
        [true, 'Strict', true],
        [true, 'Strict', true],
      ],
    )
    const seen = String(await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })'))
    for (const { value } of cookies) assert.ok(!seen.includes(value))
    assert.ok(!page.url().includes('_h='))
  })

  it('is of one person in all windows: what was begun by another one is gone', async () => {
    const [ann, ben] = [await makeAccount(house), await makeAccount(house)]
    const page = await browser.page()
    await page.goto(`${house.url}/my/mail/write`)
    await signIn(page, ann.email)
    await page.getByLabel('Subject').fill('From Ann alone')
    const other = await page.context().newPage()
    await other.goto(`${house.url}/my/security`)
    // Out of reach, he is told that he is not signed out.
    await other.route('**/api/v1/logout', (route) => route.abort())
    await other.getByRole('button', { name: 'Sign out' }).click()
    await other.getByRole('alert').waitFor()
    await other.unroute('**/api/v1/logout')
    await other.getByRole('button', { name: 'Sign out' }).click()
    await signIn(other, ben.email)
    await other.waitForURL('**/my/security')
    await page.evaluate(`window.dispatchEvent(new Event('visibilitychange'))`)
    await page.getByText(ben.email).first().waitFor()
    assert.equal(await page.getByText(ann.email).count(), 0)
    assert.equal(await page.getByLabel('Subject').inputValue(), '')
  })

  it('needs no pointer, in German', async () => {
    const { email } = await makeAccount(house)
    const page = await browser.page({ language: 'de', width: 'narrow' })
    await page.goto(house.url)
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor()
    await tabTo(page, /^Benutzername/)
    await page.keyboard.type(email)
    await tabTo(page, /^Passwort$/)
    await page.keyboard.type('Falsches-Passwort-1')
    await page.keyboard.press('Enter')
    await page.getByText('Name oder Passwort stimmen nicht').waitFor()
    await look(page, 'sign-in-de')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/my/security')
  })
})
