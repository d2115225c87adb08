import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { compose } from '../../src/domain/messages/messages.ts'
import { type House, startHouse } from '../../src/testing.ts'
import { type NextHop, openNextHop, until } from '../next-hop.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { confirmPassword } from './entering.ts'
import { enterAs } from './operator.ts'

describe('the outbox, in a browser', { skip }, () => {
  let house: House
  let hop: NextHop
  let browser: Browser
  before(async () => {
    hop = await openNextHop({ recipient: () => 451 })
    house = await startHouse({ at: Date.now(), settings: { CHATELAINE_SMTP_URL: hop.url } })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
    await hop?.close()
  })

  const write = (to: string) =>
    compose(house.ctx, {
      channel: 'mail',
      to,
      template: 'email_invitation',
      letter: { subject: 'Your account', text: 'Only its reader may see this.' },
    })

  it('shows a mail that failed, sends it from there, and it arrives once', async () => {
    const page = await browser.page()
    await enterAs(house, page, 'root', '/admin/outbox')
    await page.getByText('No letters').waitFor()
    await look(page, 'outbox-empty')
    await write('ann@example.net')
    const item = page.getByRole('listitem').filter({ hasText: 'ann@example.net' })
    await item.getByText('Waiting').waitFor()
    await item.getByText(/451 says the next hop/).waitFor()
    await item.getByText('Invitation to a new account').waitFor()
    assert.doesNotMatch(await page.content(), /Only its reader/)
    await look(page, 'outbox-waiting')
    hop.mood.recipient = () => 250
    await item.getByRole('button', { name: 'Send now to ann@example.net' }).click()
    await page.getByText('It is sent at once.').waitFor()
    await item.getByText('Sent', { exact: true }).waitFor()
    assert.equal(hop.taken.filter(({ to }) => to.includes('ann@example.net')).length, 1)
    assert.match(hop.taken[0]!.raw, /Only its reader may see this/)
    assert.equal(await item.getByRole('button').count(), 0)
  })

  it('drops what waits, by keyboard, after the password was shown', async () => {
    hop.mood.recipient = () => 451
    const id = await write('carl@example.net')
    const page = await browser.page()
    await enterAs(house, page, 'admin', '/admin/outbox')
    await page.getByText('carl@example.net').waitFor()
    await page.getByLabel('Recipient').focus()
    await page.keyboard.type('CARL@')
    await until('the others are gone', async () => (await page.getByText('ann@example.net').count()) === 0)
    await page.getByRole('button', { name: 'Drop what is for carl@example.net' }).focus()
    await page.keyboard.press('Enter')
    const dialogue = page.getByRole('dialog', { name: 'Drop this letter?' })
    await dialogue.getByText(/“Invitation to a new account” for carl@example.net will not be sent/).waitFor()
    await look(page, 'outbox-drop')
    await dialogue.getByRole('button', { name: 'Drop' }).focus()
    await page.keyboard.press('Enter')
    await confirmPassword(page)
    await page.getByText('It was taken out of the outbox.').waitFor()
    await page.getByRole('listitem').getByText('Dropped', { exact: true }).waitFor()
    const row = await house.ctx.db.selectFrom('message').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    assert.deepEqual([row.state, row.content], ['dropped', null])
    await page.getByLabel('State').selectOption('Sent')
    await page.getByText('Nothing suits. Change the state or the recipient.').waitFor()
    assert.match(page.url(), /state=sent/)
  })

  it('speaks German about mails on their way', async () => {
    const page = await browser.page({ language: 'de' })
    await enterAs(house, page, 'root', '/admin/outbox')
    await page.getByLabel('Was gezeigt wird').selectOption('Weitergegebene Mails')
    await page.getByText('Keine Mails').waitFor()
    await look(page, 'outbox-de')
  })
})
