import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type House, startHouse } from '../../src/testing.ts'
import { until } from '../next-hop.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { confirmPassword } from './entering.ts'
import { enterAs } from './operator.ts'

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
    const todo = page.getByRole('region', { name: 'What is left to do' })
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
      'MonitoringAdvice',
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
    await todo.getByText(`sqlite3 "${house.ctx.config.data}/chatelaine.sqlite"`).waitFor()
    await todo.getByRole('button', { name: 'I have just made a backup' }).click()
    await page.getByText('Noted: a backup was made just now.').waitFor()
    await todo.getByRole('heading', { name: 'In order: 4' }).waitFor()
    const noted = house.ctx.db.selectFrom('audit').select('id').where('event', '=', 'backup.done').execute()
    assert.equal((await noted).length, 1)
  })

  it('tells whoever wants to write that no mail goes out, before he has written anything', async () => {
    const page = await browser.page()
    await enterAs(house, page, 'admin', '/my/mail/write')
    await page.getByRole('status').getByText('This server sends no mail at the moment.').waitFor()
    await page.getByText('Nothing can be sent from here yet.').waitFor()
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
    // The first call, which knows nothing yet, may be among them.
    await until('it asks for what is new', () => asked.some((url) => /after=[1-9]/.test(url)))
    await page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    `)
    await page.waitForTimeout(500)
    const before = asked.length
    await page.waitForTimeout(6000)
    assert.equal(asked.length, before)
  })

  it('shows every process of the house, several versions, and one that went without a word', async () => {
    const { db, clock, house: facts } = house.ctx
    await until('there is a sample', () => facts.measures.latest() !== null)
    const older = { id: 'older', host: 'node-2', pid: 7, worker: 2, version: '0.0.9', node: '26.10.0' }
    const now = clock.now()
    await db
      .insertInto('process_seen')
      .values({ ...older, started: now - 60_000, seen: now })
      .execute()
    const sample = { ...facts.measures.latest()!, seq: 1, requests: 35 }
    await db
      .insertInto('process_sample')
      .values({ process_id: 'older', seq: 1, sample: JSON.stringify(sample) })
      .execute()
    const page = await browser.page()
    await enterAs(house, page, 'admin', '/admin/system')
    const row = page.getByRole('row', { name: /^node-2, worker 2 / })
    await row.getByRole('cell', { name: '7', exact: true }).waitFor()
    await page.getByText(/^Several versions are at work: /).waitFor()
    await page.getByText(/of 2 processes together/).waitFor()
    await page.getByLabel('Figures of').selectOption('node-2, worker 2')
    await page.getByRole('img', { name: /^Requests: answered 35 in the last quarter/ }).waitFor()
    await look(page, 'house-processes')
    await db
      .updateTable('process_seen')
      .set({ seen: now - 60_000 })
      .where('id', '=', 'older')
      .execute()
    await row.getByText('Gone without a word').waitFor()
    await db.deleteFrom('process_seen').where('id', '=', 'older').execute()
    await row.waitFor({ state: 'detached' })
    await page.getByText(/^Several versions are at work/).waitFor({ state: 'detached' })
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

  it('offers each role what it can open, and no more', async () => {
    const all = ['Overview', 'People', 'Guests', 'Outbox', 'Record', 'Services', 'System']
    const offered = [
      { role: 'admin', entries: all, home: '/admin' },
      { role: 'partner', entries: ['People', 'Guests'], home: '/admin/people' },
      { role: 'csr', entries: ['People'], home: '/admin/people' },
      { role: 'accounting', entries: [], home: '/my/security' },
    ] as const
    for (const { role, entries, home } of offered) {
      const page = await browser.page()
      await enterAs(house, page, role, '/my/keys')
      await page.getByRole('link', { name: 'Read a message' }).waitFor()
      assert.deepEqual(await page.getByRole('navigation').locator('a[href^="/admin"]').allTextContents(), entries, role)
      await page.goto(`${house.url}/`)
      await page.waitForURL(house.url + home)
    }
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
