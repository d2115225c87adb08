import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type House, startHouse } from '../../src/testing.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'

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

  it('says in plain words that it did not work, and nothing more', async () => {
    const page = await browser.page()
    await page.goto(house.url)
    await page.getByLabel('User name or mail address').fill('nobody@example.org')
    await page.getByLabel('Password', { exact: true }).fill('Wrong-Password-1')
    await page.getByRole('button', { name: 'Sign in' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /not right/)
    await look(page, 'sign-in')
  })
})
