import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type House, startHouse } from '#src/testing.ts'
import { KEY_PASSWORD, withPassword } from '../conformance/mail/people.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { enter } from './entering.ts'
import { type MailPerson, mailPerson } from './mail-people.ts'

const data = Buffer.from(Array.from({ length: 40_001 }, (_, at) => (at * 17) % 256))

describe('files, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  let ada: MailPerson
  let ben: MailPerson
  let page: Page
  before(async () => {
    house = await startHouse({ at: Date.now(), settings: { CHATELAINE_KEY_SOURCES: 'tenant=5,uploaded=4' } })
    ada = await mailPerson(house, 'ada')
    ben = await mailPerson(house, 'ben')
    browser = await openBrowser()
    page = await browser.page()
    await enter(page, house, { email: ada.email, place: '/my/mail/files' })
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const choose = (name: string, buffer: Buffer, at = 0) =>
    page.locator('input[type=file]').nth(at).setInputFiles({ name, mimeType: '', buffer })
  const saved = async (name: string): Promise<Buffer> => {
    const started = page.waitForEvent('download')
    await page.getByRole('button', { name: `Save ${name}` }).click()
    const download = await started
    assert.equal(download.suggestedFilename(), name)
    return readFileSync(await download.path())
  }
  const openKey = async () => {
    await page.getByLabel('Key password', { exact: true }).fill(KEY_PASSWORD)
    await page.keyboard.press('Enter')
  }
  const work = (name: string) => page.locator('label').getByText(name, { exact: true }).click()

  it('encrypts one for a colleague, signed, and refuses what could be for nobody', async () => {
    await work('Encrypt')
    await choose('plan.pdf', data)
    await page.getByRole('textbox', { name: 'Also for' }).fill('nobody@stranger.example')
    await page.keyboard.press('Enter')
    await page.getByText('This person has no key.', { exact: false }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Encrypt it' }).isDisabled(), true)
    await look(page, 'files-encrypt')
    await page.getByRole('button', { name: 'Remove nobody@stranger.example' }).click()
    await page.getByRole('textbox', { name: 'Also for' }).fill(`Ben <${ben.email}>`)
    await page.keyboard.press('Enter')
    await page.locator('li[data-state=encrypted]').waitFor()
    await page.getByRole('switch', { name: 'Sign it as well' }).press('Space')
    await page.getByRole('button', { name: 'Encrypt it' }).click()
    await openKey()
    const sealed = await saved('plan.pdf.gpg')
    const opened = await ben.post(`/mail/files/decrypt?from=${ada.email}`, sealed, withPassword())
    assert.deepEqual(opened.bytes, data)
    assert.equal(JSON.parse(opened.headers.get('x-signatures')!)[0].matchesSender, true)
  })

  it('opens one, and says who signed it', async () => {
    const sealed = await ben.post(
      `/mail/files/encrypt?to=${ada.email}&sign=true&name=numbers.bin`,
      data,
      withPassword(),
    )
    await work('Open')
    await choose('numbers.bin.gpg', sealed.bytes)
    await page.getByRole('button', { name: 'Open it' }).click()
    await openKey()
    await page.getByText(`Signed by ${ben.email}, and not changed since.`).waitFor()
    assert.deepEqual(await saved('numbers.bin'), data)
    await look(page, 'files-open')
  })

  it('makes a signature that lies beside a file, and checks one', async () => {
    await work('Sign')
    await choose('plan.pdf', data)
    await page.getByRole('button', { name: 'Sign it' }).click()
    await openKey()
    const signature = await saved('plan.pdf.asc')
    assert.match(signature.toString(), /BEGIN PGP SIGNATURE/)

    await work('Check')
    await choose('plan.pdf', data)
    await choose('plan.pdf.asc', signature, 1)
    await page.getByRole('button', { name: 'Check it' }).click()
    await page.getByText(`Signed by ${ada.email}, and not changed since.`).waitFor()
    await look(page, 'files-check')
    await choose('plan.pdf', Buffer.from(data).fill(9, 100, 200))
    await page.getByRole('button', { name: 'Check it' }).click()
    await page.getByText('The signature does not fit', { exact: false }).waitFor()
  })
})
