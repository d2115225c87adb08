import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type House, startHouse } from '../../src/testing.ts'
import { codeOf } from '../conformance/mailbox/client.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { tabTo } from './keyboard.ts'

const NEW = 'four wild geese over the moor'

describe('the first start, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  const closing: (() => Promise<void>)[] = []
  before(async () => {
    house = await startHouse({ at: Date.now() })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
    for (const close of closing) await close()
  })

  const signIn = async (page: Page, password: string) => {
    await page.getByLabel('User name or mail address').fill(house.rootEmail)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }

  it('leads from the printed password over a new one to a second step, and to the overview', async () => {
    const page = await browser.page()
    await page.goto(house.url)
    await signIn(page, house.rootPassword)

    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
    const save = page.getByRole('button', { name: 'Save and continue' })
    await page.getByLabel('New password').fill('Short-1')
    assert.ok(await save.isDisabled(), 'the page knows that this is too short')
    await look(page, 'first-start-password')
    // What only the server knows is said in words: which rule it was.
    await page.getByLabel('New password').fill(house.rootEmail)
    await page.getByLabel('The same once more').fill(house.rootEmail)
    await save.click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /only your name, your address/)
    await page.getByLabel('New password').fill(NEW)
    await page.getByLabel('The same once more').fill(`${NEW} `)
    await save.click()
    await page.getByText('The two are not the same.').waitFor()
    await page.getByLabel('The same once more').fill(NEW)
    await save.click()

    await page.getByRole('heading', { name: 'Protect your account' }).waitFor()
    assert.equal(new URL(page.url()).pathname, '/sign-in/protect')
    await look(page, 'first-start-protect')
    await page.getByRole('button', { name: /Authenticator app/ }).click()
    // Nobody is asked again for the password that he has just typed.
    const key = (await page.locator('code').textContent())!.replaceAll(' ', '')
    assert.match(key, /^[A-Z2-7]{32}$/)
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    // Rejects where the picture is none.
    await page.evaluate(`document.querySelector('img[src^="blob:"]').decode()`)
    assert.match((await page.getByRole('link', { name: /Open the app/ }).getAttribute('href')) ?? '', /^otpauth:/)
    await look(page, 'first-start-authenticator')
    await page.getByLabel('Code').fill('000000')
    await page.getByRole('button', { name: 'Confirm the code' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /not right, or too old/)
    const code = codeOf(house, key)
    await page.getByLabel('Code').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await page.getByRole('button', { name: 'Confirm the code' }).click()

    await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor()
    const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents()
    assert.equal(codes.length, 10)
    await look(page, 'first-start-codes')
    await page.getByRole('button', { name: /Copy/ }).click()
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), codes.join('\n'))
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a file' }).click(),
    ])
    assert.equal(saved.suggestedFilename(), 'recovery-codes.txt')
    const go = page.getByRole('button', { name: 'Continue' })
    assert.ok(await go.isDisabled())
    await page.getByLabel('I have put them in a safe place').check()
    await go.click()
    await page.waitForURL('**/admin')

    // The server has it too: the password is not enough any more, and each code works.
    const json = { username: house.rootEmail, password: NEW }
    const reply = await house.call('POST', '/api/v1/login/cookie', { json })
    assert.equal(reply.headers.get('x-axigen-2fa'), 'required')
    const again = await browser.page({ width: 'narrow' })
    await again.goto(house.url)
    await signIn(again, NEW)
    await again.getByRole('heading', { name: 'Second step' }).waitFor()
    await again.getByLabel('Recovery code', { exact: true }).first().check()
    await again.getByRole('textbox', { name: 'Recovery code' }).fill(codes[0]!.toLowerCase())
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.waitForURL('**/admin')
  })

  it('needs no pointer, in German, and can put the second step off', async () => {
    const fresh = await startHouse({ at: Date.now() })
    closing.push(() => fresh.stop())
    const page = await browser.page({ language: 'de', width: 'narrow' })
    await page.goto(fresh.url)
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor()
    const { keyboard } = page
    await tabTo(page, /^Benutzername/)
    await keyboard.type(fresh.rootEmail)
    await keyboard.press('Tab')
    await keyboard.type(fresh.rootPassword)
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Neues Passwort wählen' }).waitFor()
    await page.getByLabel('Neues Passwort').waitFor()
    await tabTo(page, /^Neues Passwort$/)
    await keyboard.type(NEW)
    await tabTo(page, /^Noch einmal dasselbe/)
    await keyboard.type(NEW)
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Schützen Sie Ihr Konto' }).waitFor()
    await look(page, 'first-start-de')
    await page.getByRole('link', { name: 'Jetzt nicht' }).waitFor()
    await tabTo(page, /^Jetzt nicht/)
    await keyboard.press('Enter')
    await page.waitForURL('**/admin')
    // Put off is not forgotten.
    await page.getByRole('link', { name: 'Zweiten Schritt einrichten' }).waitFor()
    await tabTo(page, /^Zweiten Schritt einrichten/)
    await look(page, 'first-start-notice')
    await keyboard.press('Enter')
    await page.waitForURL('**/sign-in/protect?to=%2Fadmin')
  })
})
