import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { record } from '../../src/domain/audit/audit.ts'
import { type House, startHouse } from '../../src/testing.ts'
import { makeAccount } from '../conformance/mailbox/client.ts'
import { until } from '../next-hop.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { enterAs } from './operator.ts'

describe('the record, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  let ann: { id: string; email: string }
  before(async () => {
    house = await startHouse({ at: Date.now() })
    browser = await openBrowser()
    ann = await makeAccount(house)
    const origin = { protocol: 'mailbox', network: '198.51.100.7', agent: '' }
    for (let n = 0; n < 70; n++) {
      house.clock.turn(1000)
      await record(house.ctx, { event: 'sign-in.failed', account: ann.id, origin, detail: { needs: `n${n}` } })
    }
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  it('is filtered while one types, read on, and exported as it is filtered', async () => {
    const page = await browser.page()
    const { email } = await enterAs(house, page, 'root', '/admin/record')
    const lines = page.getByRole('main').getByRole('listitem')
    await until('the first page is there', async () => (await lines.count()) === 50)
    await look(page, 'record')
    await page.getByLabel('Whose account').fill(ann.email)
    await page.getByRole('combobox', { name: 'What happened' }).fill('Sign-in fa')
    await page.getByRole('option', { name: 'Sign-in failed' }).click()
    await until('the filter is in the address', () => /event=sign-in\.failed/.test(page.url()))
    await until('only they are there', async () =>
      (await lines.allTextContents()).every((line) => line.includes('Sign-in failed') && line.includes(ann.email)),
    )
    await page.getByRole('button', { name: 'Show more' }).click()
    await until('all are there', async () => (await lines.count()) === 70)
    await lines.first().getByRole('button').click()
    await lines.first().getByText('needs: n69').waitFor()
    await look(page, 'record-filtered')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: 'For spreadsheets (CSV)' }).click()
    const file = await download
    assert.match(file.suggestedFilename(), /^record-\d{4}-\d\d-\d\d\.csv$/)
    const rows = readFileSync(await file.path(), 'utf8')
      .trimEnd()
      .split('\r\n')
    assert.equal(rows.length, 71)
    assert.match(rows[1]!, new RegExp(`"sign-in\\.failed","${ann.id}","${ann.email}"`))
    const [taken] = await house.ctx.db.selectFrom('audit').selectAll().where('event', '=', 'record.exported').execute()
    const who = await house.ctx.db.selectFrom('account').select('id').where('email', '=', email).executeTakeFirst()
    assert.equal(taken!.actor_id, who!.id)
  })

  it('says when an address is nobody’s, and is read by keyboard', async () => {
    const page = await browser.page({ width: 'narrow' })
    await enterAs(house, page, 'admin', '/admin/record')
    await page.getByLabel('Whose account').focus()
    await page.keyboard.type('nobody@example.net')
    await page.getByText('There is no account with this address.', { exact: false }).waitFor()
    await look(page, 'record-none')
    await page.getByRole('button', { name: 'Clear the filter' }).focus()
    await page.keyboard.press('Enter')
    const first = page.getByRole('main').getByRole('listitem').first().getByRole('button')
    await first.focus()
    await page.keyboard.press('Enter')
    assert.equal(await first.getAttribute('aria-expanded'), 'true')
    await page.getByRole('main').locator('pre').waitFor()
  })

  it('speaks German', async () => {
    const page = await browser.page({ language: 'de' })
    await enterAs(house, page, 'root', '/admin/record?event=account.created')
    await page.getByRole('listitem').filter({ hasText: 'Konto angelegt' }).first().waitFor()
    await look(page, 'record-de')
  })
})
