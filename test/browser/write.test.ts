import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import PostalMime from 'postal-mime'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { uploadExternal } from '#src/domain/correspondents/correspondents.ts'
import { gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, startHouse } from '#src/testing.ts'
import { KEY_PASSWORD, withPassword } from '../conformance/mail/people.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { enter } from './entering.ts'
import { type MailPerson, mailPerson } from './mail-people.ts'

const WRITE = '/my/mail/write'
const GWEN = 'gwen@friend.example'
const GUEST = 'zed@stranger.example'

describe('writing, in a browser', { skip: skip || (hasGnuPg ? false : 'no GnuPG') }, () => {
  let house: House
  let browser: Browser
  let ada: MailPerson
  let ben: MailPerson
  let page: Page
  const ends: (() => void)[] = []
  let gpg: ReturnType<typeof gnuPg>
  before(async () => {
    house = await startHouse({ at: Date.now(), settings: { CHATELAINE_KEY_SOURCES: 'tenant=5,uploaded=4' } })
    ada = await mailPerson(house, 'ada')
    ben = await mailPerson(house, 'ben')
    const afterAll = { after: (end: () => void) => ends.push(end) } as unknown as Parameters<typeof gnuPg>[0]
    gpg = gnuPg(afterAll, house.clock.now())
    gpg.run(['--quick-gen-key', GWEN, 'future-default', 'default', 'never'])
    await uploadExternal(house.ctx, {
      account: (await findByAddress(house.ctx, ada.email))!,
      file: gpg.run(['--export', GWEN]),
      origin: { protocol: 'test', network: '192.0.2.1', agent: 'test' },
    })
    browser = await openBrowser()
    page = await browser.page()
    await enter(page, house, { email: ada.email, place: WRITE })
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
    for (const end of ends) end()
  })

  const send = () => page.getByRole('button', { name: 'Send encrypted' })
  const state = (address: string) => page.locator('li[data-state]', { hasText: address }).getAttribute('data-state')
  const openKey = async () => {
    await page.getByLabel('Key password', { exact: true }).fill(KEY_PASSWORD)
    await page.getByRole('button', { name: 'Open', exact: true }).click()
  }
  /** The next mail to somebody that is encrypted; what the house itself tells him is passed over. */
  const encryptedTo = async (address: string) => {
    let mail = await house.inbox.next(address)
    while (!mail.raw.includes('-----BEGIN PGP MESSAGE')) mail = await house.inbox.next(address)
    return mail
  }

  it('tells for each how it reaches him while he is entered, and sends nothing before all is clear', async () => {
    await look(page, 'write-empty')
    assert.equal(await send().isDisabled(), true)
    await page.getByText('Say to whom it goes.').waitFor()
    const to = page.getByLabel('To', { exact: true })
    await to.focus()
    await page.evaluate(
      `navigator.clipboard.writeText('"Ben, of Sales" <${ben.email}>, ${GWEN}; ${GUEST}, not an address')`,
    )
    await page.keyboard.press('Control+V')
    await page.getByText('not an address is not a mail address.').waitFor()
    await page.getByText('Becomes a guest', { exact: true }).waitFor()
    assert.equal(await state(ben.email), 'encrypted')
    assert.equal(await state(GWEN), 'encrypted')
    assert.equal(await state(GUEST), 'newGuest')
    assert.equal(await state('not an address'), 'invalid')
    await page.getByRole('button', { name: 'Remove not an address' }).click()
    assert.equal(await page.locator('li[data-state]').count(), 3)
    await page.getByText('Write something, or attach a file.').waitFor()
    assert.equal(await send().isDisabled(), true)
    await look(page, 'write-plan')
  })

  it('asks before what was written is lost', async () => {
    await page
      .getByLabel('Subject')
      .fill('Grüße und die Zahlen für das nächste Jahr, wie besprochen – bitte bald lesen')
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Dear all,\nhere they are.\n')
    await page.getByRole('link', { name: 'Keys' }).click()
    await page.getByText('it is lost when you leave this page', { exact: false }).waitFor()
    await look(page, 'write-leave')
    await page.getByRole('button', { name: 'Stay here' }).click()
    assert.equal(
      await page.getByRole('textbox', { name: 'Message', exact: true }).inputValue(),
      'Dear all,\nhere they are.\n',
    )
    assert.equal(new URL(page.url()).pathname, WRITE)
  })

  it('sends to all of them once, says what became of it, and shows the PIN', async () => {
    const numbers = Buffer.from(Array.from({ length: 90_001 }, (_, at) => (at * 13) % 256))
    await page.locator('input[type=file]').setInputFiles({ name: 'Zahlen für 27.bin', mimeType: '', buffer: numbers })
    await page.getByText('90 kB of about').waitFor()
    await page.getByLabel('A few words for that mail').fill('Hello Zed, this is from Ada.')
    await page.getByText('Ready: everybody can get it encrypted.').waitFor()
    await look(page, 'write-ready')
    await send().dblclick()
    // Whoever never chose that password is shown where to have one, and keeps what he has written.
    const [elsewhere] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('link', { name: /never chose one/ }).click(),
    ])
    await elsewhere.getByRole('button', { name: 'I do not know it' }).waitFor()
    await elsewhere.close()
    await openKey()
    await page.getByRole('heading', { level: 1, name: 'Sent' }).waitFor()
    const pin = (await page.getByLabel(`PIN for ${GUEST}`, { exact: true }).textContent()) ?? ''
    assert.match(pin, /^\d{4,}$/)
    await page.getByRole('button', { name: `Copy: PIN for ${GUEST}` }).click()
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), pin)
    await look(page, 'write-sent')

    const { raw } = await encryptedTo(GWEN)
    assert.doesNotMatch(raw, /Zahlen|here they are/)
    gpg.run(['--import'], ada.certificate)
    const armor = /-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----/.exec(raw)![0]
    const { out, status } = gpg.status(['--decrypt'], armor)
    assert.match(status, /GOODSIG/)
    const inside = await PostalMime.parse(out)
    assert.match(inside.subject ?? '', /^Grüße und die Zahlen für das nächste Jahr, wie besprochen – bitte bald lesen$/)
    assert.match(inside.text ?? '', /Dear all,\s+here they are\./)
    assert.equal(inside.attachments[0]?.filename, 'Zahlen für 27.bin')
    assert.deepEqual(Buffer.from(inside.attachments[0]!.content as ArrayBuffer), numbers)
    assert.match(inside.to?.find(({ address }) => address === ben.email)?.name ?? '', /^Ben, of Sales$/)

    const invitation = await house.inbox.next(GUEST)
    assert.match(invitation.text, /Hello Zed, this is from Ada\./)
    assert.match(invitation.text, /\/guest\?item=/)
    assert.doesNotMatch(invitation.raw, new RegExp(`here they are|\\b${pin}\\b`))
    const toGwen = house.inbox.received.filter(({ to, raw }) => to.includes(GWEN) && raw.includes('BEGIN PGP MESSAGE'))
    assert.equal(toGwen.length, 1, 'a doubled click sends once')

    const started = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save your copy' }).click()
    const copy = readFileSync(await (await started).path())
    const read = await ada.post('/mail/decrypt', copy, withPassword())
    assert.equal(read.status, 200, read.text)
  })

  it('is read by a colleague in his own console', async () => {
    const { raw } = house.inbox.received.find(({ to, raw }) => to.includes(ben.email) && raw.includes('BEGIN PGP'))!
    const his = await browser.page()
    await enter(his, house, { email: ben.email, place: '/my/mail' })
    await his.locator('input[type=file]').setInputFiles({
      name: 'mail.eml',
      mimeType: 'message/rfc822',
      buffer: Buffer.from(raw),
    })
    await his.getByLabel('Key password', { exact: true }).fill(KEY_PASSWORD)
    await his.keyboard.press('Enter')
    await his.getByRole('heading', { level: 1, name: /Grüße und die Zahlen/ }).waitFor()
    await his.getByText('Dear all,').waitFor()
    await his.getByText(`Signed by ${ada.email}`).waitFor()
    await his.context().close()
  })

  it('tries again after a lost answer without sending twice', async () => {
    await page.getByRole('button', { name: 'Write another message' }).click()
    await page.getByLabel('To', { exact: true }).fill(ben.email)
    await page.getByLabel('Subject').fill('Only once')
    await page.getByRole('switch', { name: 'Sign it' }).press('Space')
    await page.getByText('Ready: everybody').waitFor()
    let lost = 0
    await page.route('**/mail/send*', async (route) => {
      await route.fetch()
      lost++
      await route.abort()
    })
    await send().click()
    await page.getByText('The server cannot be reached').waitFor()
    assert.equal(lost, 1)
    await page.unroute('**/mail/send*')
    await send().click()
    await page.getByRole('heading', { level: 1, name: 'It was sent before' }).waitFor()
    const once = async () =>
      house.inbox.received.filter(({ to, raw }) => to.includes(ben.email) && raw.includes('BEGIN PGP')).length
    await encryptedTo(ben.email)
    assert.equal(await once(), 2, 'that and the one before')
  })

  it('is written by keyboard alone, in German', async () => {
    const german = await browser.page({ width: 'narrow', language: 'de' })
    await enter(german, house, { email: ada.email, place: WRITE })
    await german.getByLabel('An', { exact: true }).focus()
    await german.keyboard.type(ben.email)
    await german.keyboard.press('Enter')
    await german.locator('li[data-state=encrypted]').waitFor()
    await look(german, 'write-german')
    await german.getByLabel('Betreff').focus()
    await german.keyboard.type('Kurz')
    await german.keyboard.press('Tab')
    await german.keyboard.type('Hallo Ben')
    const button = german.getByRole('button', { name: 'Verschlüsselt senden' })
    for (let at = 0; at < 12 && !(await button.evaluate((one) => one.matches(':focus'))); at++)
      await german.keyboard.press('Tab')
    await german.keyboard.press('Enter')
    await german.getByLabel('Schlüsselpasswort', { exact: true }).waitFor()
    await german.keyboard.insertText(KEY_PASSWORD)
    await german.keyboard.press('Enter')
    await german.getByRole('heading', { level: 1, name: 'Gesendet' }).waitFor()
    await encryptedTo(ben.email)
  })
})
