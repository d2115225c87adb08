import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { waitingRecovery } from '../../src/domain/recovery/recovery.ts'
import { type House, startHouse } from '../../src/testing.ts'
import { addMail, makeAccount, makeTwoStepAccount, PASSWORD, plain } from '../conformance/mailbox/client.ts'
import { mailedToken } from '../conformance/mailbox/recovery.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { confirmPassword, enter } from './entering.ts'
import { tabTo } from './keyboard.ts'

describe('the security home by keyboard, in German, and when somebody wants in', { skip }, () => {
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

  it('stops a removal of all second factors that somebody else has asked for', async () => {
    const { account, client, app } = await makeTwoStepAccount(house)
    const target = 'rescue@elsewhere.example'
    await addMail(house, client.secure, target)
    const page = await browser.page()
    await page.goto(`${house.url}/sign-in?to=/my/security`)
    await page.getByLabel('User name or mail address').fill(account.email)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('Code', { exact: true }).fill(app.next())
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor()
    house.clock.turn(60_000)
    const recoveryToken = await mailedToken(house, account.email, target)
    const json = { username: account.email, password: PASSWORD, recoveryToken }
    const asked = await plain(house, 'POST', '/recover/secondfactor', { json })
    assert.equal(asked.status, 200, asked.text)
    await page.reload()
    await page.getByText(/All your second factors will be removed on/).waitFor()
    await look(page, 'security-waiting')
    await page.getByRole('button', { name: 'Stop it' }).click()
    await confirmPassword(page)
    await page.getByText(/The removal is stopped/).waitFor()
    assert.equal(await waitingRecovery(house.ctx, account.id), null)
  })

  it('is walked by keyboard alone', async () => {
    const { email } = await makeAccount(house)
    const page = await browser.page()
    await enter(page, house, { email, place: '/my/security' })
    await tabTo(page, /^Set up a second step/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Second step' }).waitFor()
    assert.equal(await page.evaluate('document.activeElement?.tagName'), 'H1')
    await tabTo(page, /^Add a way/)
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.locator('[role=menuitem]:focus').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await page.keyboard.press('Shift+Tab')
    assert.match(String(await page.evaluate('document.activeElement?.textContent')), /Turn it on/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.match(String(await page.evaluate('document.activeElement?.textContent')), /Turn it on/)
  })

  it('speaks German', async () => {
    const { email } = await makeAccount(house)
    const page = await browser.page({ language: 'de', width: 'narrow' })
    await enter(page, house, { email, place: '/my/security' })
    await page.getByRole('heading', { name: 'Nur ein Passwort schützt Ihr Konto' }).waitFor()
    await look(page, 'security-home-german')
    for (const [link, title] of [
      [/^Passwort Geändert/, 'Passwort'],
      [/^Zweiter Schritt/, 'Zweiter Schritt'],
      [/^Passkeys/, 'Passkeys'],
      [/^App-Passwörter/, 'App-Passwörter'],
      [/^Offene Sitzungen/, 'Sitzungen und Browser'],
      [/^Alle Ereignisse/, 'Ereignisse'],
    ] as const) {
      await page.getByRole('link', { name: link }).click()
      await page.getByRole('heading', { level: 1, name: title }).waitFor()
      await page.getByRole('link', { name: 'Sicherheit im Überblick' }).click()
    }
    await page.getByRole('link', { name: /^Alle Ereignisse/ }).click()
    await page.getByText('Das Konto wurde angelegt').waitFor()
    await look(page, 'security-activity-german')
  })
})
