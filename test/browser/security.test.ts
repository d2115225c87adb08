import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type House, startHouse } from '../../src/testing.ts'
import { codeOf, makeAccount, signIn } from '../conformance/mailbox/client.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { confirmPassword, enter } from './entering.ts'

describe('the security home, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  let page: Page
  let email: string
  let secret: string
  let recoveryCodes: string[]
  before(async () => {
    house = await startHouse({ at: Date.now() })
    browser = await openBrowser()
    page = await browser.page()
    email = (await makeAccount(house, { name: 'Ada Lovelace' })).email
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  it('says what protects a new account, and the one thing to do next', async () => {
    await enter(page, house, { email, place: '/my/security' })
    await page.getByRole('heading', { name: 'Only a password protects your account' }).waitFor()
    await page.getByText('One thing to do next').waitFor()
    await page.getByRole('link', { name: /Forgotten password.*needs attention/ }).waitFor()
    await look(page, 'security-home-weak')
  })

  it('sets up an authenticator as the second step, by picture or typed, asking for the password once', async () => {
    await page.getByRole('link', { name: 'Set up a second step' }).click()
    await page.getByRole('heading', { level: 1, name: 'Second step' }).waitFor()
    await look(page, 'security-second-step-off')
    await page.getByRole('button', { name: 'Turn it on' }).click()
    await look(page, 'security-ways')
    await page.getByRole('button', { name: /Authenticator app/ }).click()
    await confirmPassword(page)
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    secret = (await page.locator('code').textContent())!.replaceAll(/\s/g, '')
    assert.match(secret, /^[A-Z2-7]{32}$/)
    await look(page, 'security-authenticator')
    await page.getByLabel('Code', { exact: true }).fill(codeOf(house, secret))
    const usual = page.viewportSize()!
    await page.setViewportSize({ width: 360, height: 640 })
    await page.getByRole('button', { name: 'Confirm the code' }).click()
    const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
    await codes.first().waitFor()
    const { y } = (await page.getByText('one of these codes lets you in instead', { exact: false }).boundingBox())!
    assert.ok(y > 0, 'the dialogue that was scrolled shows its beginning')
    await page.setViewportSize(usual)
    recoveryCodes = await codes.allInnerTexts()
    assert.equal(recoveryCodes.length, 10)
    await page.getByRole('button', { name: /Copy/ }).click()
    // As text: what runs in the page has other globals than what is here.
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), recoveryCodes.join('\n'))
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as a file' }).click()
    assert.equal((await saved).suggestedFilename(), 'recovery-codes.txt')
    await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'The second step is on' }).waitFor()
    await look(page, 'security-second-step-on')
  })

  it('has the next sign-in demand it, and a recovery code works once', async () => {
    const client = await signIn(house, email)
    assert.equal(client.step, 'required')
    const use = () => client.call('POST', '/login/2fa', { json: { recoveryCode: recoveryCodes[0] } })
    const passed = await use()
    assert.equal(passed.status, 200, passed.text)
    const second = await signIn(house, email)
    const again = await second.call('POST', '/login/2fa', { json: { recoveryCode: recoveryCodes[0] } })
    assert.equal(again.json.errorCode, 'AUTH_FAILED')
  })

  it('adds a mail address that brings back a forgotten password', async () => {
    await page.getByRole('button', { name: 'Add a way' }).click()
    await page.getByRole('menuitem', { name: 'Mail address' }).click()
    await page.getByRole('textbox', { name: 'Mail address' }).fill('ada.lovelace@elsewhere.example')
    await page.getByRole('button', { name: 'Send a code' }).click()
    await confirmPassword(page)
    await page.getByLabel('Code', { exact: true }).fill(await house.inbox.code('ada.lovelace@elsewhere.example'))
    await page.getByRole('button', { name: 'Confirm', exact: true }).click()
    await page.getByText('Mail to ada***@***ample').first().waitFor()
    await page.getByText('forgotten password', { exact: true }).waitFor()
    await look(page, 'security-methods')
    await page.getByRole('link', { name: 'Security overview' }).click()
    await page.getByRole('heading', { name: 'Your account is well protected' }).waitFor()
    await look(page, 'security-home-strong')
  })

  it('names an authenticator, and says what would be left without one', async () => {
    await page.getByRole('link', { name: /^Second step/ }).click()
    await page.getByRole('button', { name: /^Rename/ }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Blue phone')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Blue phone', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Remove: Blue phone' }).click()
    await page.getByText(/still prove yourself with then: mail to ada/).waitFor()
    await look(page, 'security-remove')
    await page.getByRole('button', { name: 'Cancel' }).click()
  })

  it('makes new recovery codes, and the old ones are worthless', async () => {
    await page.getByRole('button', { name: 'Make new codes' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click()
    const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
    await codes.first().waitFor()
    const [fresh] = await codes.allInnerTexts()
    await look(page, 'security-recovery-codes')
    await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    const client = await signIn(house, email)
    const old = await client.call('POST', '/login/2fa', { json: { recoveryCode: recoveryCodes[1] } })
    assert.equal(old.json.errorCode, 'AUTH_FAILED')
    const passed = await client.call('POST', '/login/2fa', { json: { recoveryCode: fresh } })
    assert.equal(passed.status, 200, passed.text)
  })

  it('turns it off again only with the second step', async () => {
    await page.getByRole('button', { name: 'Turn it off' }).click()
    const dialog = page.getByRole('dialog', { name: 'Turn the second step off?' })
    house.clock.turn(30_000)
    await dialog.getByLabel('Code', { exact: true }).fill(codeOf(house, secret))
    await dialog.getByRole('button', { name: 'Turn it off' }).click()
    await page.getByRole('heading', { name: 'The second step is off' }).waitFor()
    assert.equal((await signIn(house, email)).step, null)
  })
})
