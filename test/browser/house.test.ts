import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type House, startHouse } from '../../src/testing.ts'
import { until } from '../next-hop.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { confirmPassword, enterAs } from './operator.ts'

describe('the house at a glance, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  before(async () => {
    house = await startHouse({ at: Date.now(), settings: { CHATELAINE_SMTP_URL: '', CHATELAINE_LOG_LEVEL: 'info' } })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  it('says what is missing and how to mend it, and believes that a backup was made', async () => {
    const page = await browser.page()
    await enterAs(house, page, 'root', '/admin')
    const todo = page.getByRole('region', { name: 'What wants doing' })
    await todo.getByRole('heading', { name: /Sending mail/ }).waitFor()
    const titles = await todo.getByRole('heading', { level: 3 }).allTextContents()
    assert.deepEqual(titles, [
      'Sending mailMissing',
      'Public addressMissing',
      'Encrypted connectionsMissing',
      'Backup of the databaseMissing',
      'Copy of the key fileMissing',
      'Sender of our lettersAdvice',
      'Text messagesAdvice',
      'GuestsAdvice',
      'Being watchedAdvice',
      'In order: 3',
    ])
    await until('there is a sample', () => house.ctx.house.measures.after(0).length > 0)
    await page.getByRole('img', { name: /^Sign-ins: done 1 in the last quarter/ }).waitFor()
    await todo.getByRole('button', { name: /Sending mail/ }).click()
    await todo.getByText('CHATELAINE_SMTP_URL=smtp://user:password@mail.example.org:587').waitFor()
    await todo.getByRole('button', { name: 'Copy: what to write' }).click()
    assert.match(await page.evaluate('navigator.clipboard.readText()'), /^CHATELAINE_SMTP_URL=/)
    await look(page, 'house-overview')
    await todo.getByRole('button', { name: /Backup of the database/ }).click()
    await todo.getByText(`sqlite3 ${house.ctx.config.data}/chatelaine.sqlite`).waitFor()
    await todo.getByRole('button', { name: 'I have just made a backup' }).click()
    await page.getByText('Noted: a backup was made just now.').waitFor()
    await todo.getByRole('heading', { name: 'In order: 4' }).waitFor()
    const noted = house.ctx.db.selectFrom('audit').select('id').where('event', '=', 'backup.done').execute()
    assert.equal((await noted).length, 1)
  })

  it('shows its figures as a table, and asks for nothing while nobody looks', async () => {
    const page = await browser.page()
    await enterAs(house, page, 'admin', '/admin/system')
    const asked: string[] = []
    page.on('request', (request) => request.url().includes('/admin/measures') && asked.push(request.url()))
    await page.getByRole('img', { name: /^Memory: in all \d+ MiB just now/ }).waitFor()
    await look(page, 'house-system')
    await page.getByLabel('Show as a table').focus()
    await page.keyboard.press('Space')
    await page.getByRole('columnheader', { name: 'Sign-ins: done' }).waitFor()
    await look(page, 'house-table')
    await until('it asks again', () => asked.length > 0)
    assert.match(asked.at(-1)!, /after=[1-9]/)
    await page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    `)
    await page.waitForTimeout(500)
    const before = asked.length
    await page.waitForTimeout(6000)
    assert.equal(asked.length, before)
  })

  it('changes how much is logged, by keyboard', async () => {
    const page = await browser.page()
    await enterAs(house, page, 'admin', '/admin/system')
    const select = page.getByLabel('Mail', { exact: true })
    await select.focus()
    await page.keyboard.type('Everything')
    const levelOf = (part: string) => house.ctx.log.levels().find(({ subsystem }) => subsystem === part)!.level
    await until('the level is set', () => levelOf('SMTPMailer') === 'debug')
    assert.equal(levelOf('Authentication'), 'information')
    await page.getByLabel('All parts').selectOption('Warnings and faults')
    await until('all are set', () => levelOf('Authentication') === 'warning' && levelOf('SMTPMailer') === 'warning')
    await page.getByRole('button', { name: 'Read the templates again' }).click()
    await page.getByText(/It is being read again/).waitFor()
  })

  it('keeps secrets that it never shows, for root', async () => {
    const page = await browser.page()
    await enterAs(house, page, 'root', '/admin/services')
    await page.getByText('No other service is known').waitFor()
    await page.getByRole('button', { name: 'Set a secret' }).click()
    const dialogue = page.getByRole('dialog', { name: 'Set a secret' })
    await dialogue.getByLabel('Name').fill('google.maps.apikey')
    await dialogue.getByLabel('Value', { exact: true }).fill('not-to-be-seen')
    await look(page, 'house-secret')
    await dialogue.getByRole('button', { name: 'Keep it' }).click()
    await confirmPassword(page)
    await page.getByText('google.maps.apikey is kept.').waitFor()
    await page.getByRole('rowheader', { name: 'google.maps.apikey' }).waitFor()
    assert.doesNotMatch(await page.content(), /not-to-be-seen/)
    await look(page, 'house-services')
    await page.getByRole('button', { name: 'Remove google.maps.apikey' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('google.maps.apikey was removed.').waitFor()
    const kept = await house.ctx.db.selectFrom('system_secret').select('name').execute()
    assert.deepEqual(kept, [])
  })

  it('is not for who looks after people only', async () => {
    const page = await browser.page()
    await enterAs(house, page, 'csr', '/admin')
    await page.getByText('Not for this account').waitFor()
    await look(page, 'house-denied')
  })

  it('speaks German', async () => {
    const page = await browser.page({ language: 'de', width: 'narrow' })
    await enterAs(house, page, 'root', '/admin')
    await page.getByRole('heading', { name: 'Was zu tun ist' }).waitFor()
    await page.getByRole('button', { name: /Mailversand/ }).click()
    await page.getByText('weder Codes noch Links noch Hinweise gehen hinaus', { exact: false }).waitFor()
    await page.getByRole('img', { name: /^Anmeldungen: gelungen/ }).waitFor()
    await look(page, 'house-overview-de')
  })
})
