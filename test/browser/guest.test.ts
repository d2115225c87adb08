import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import PostalMime from 'postal-mime'
import { type House, startHouse } from '../../src/testing.ts'
import { messageIn, type Person, person } from '../conformance/mail/people.ts'
import { type Browser, judge, look, openBrowser, skip } from './browser.ts'
import { chooseFirst, GUEST_PASSWORD, linkFor, write } from './guests.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A mail with HTML, and a picture as an attachment. */
const rich = [
  '--out',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<h1>The offer</h1><p>Dear Zoë, <b>here it is</b>.</p><p><img src="https://track.example/1.gif"></p>',
  '--out',
  'Content-Type: image/png; name="=?utf-8?q?caf=C3=A9=2Epng?="',
  'Content-Disposition: attachment',
  'Content-Transfer-Encoding: base64',
  '',
  png.toString('base64'),
  '--out--',
  '',
].join('\r\n')

const ZOE = 'zoe@stranger.example'

describe('A guest, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  let ada: Person
  let page: Page
  before(async () => {
    house = await startHouse({ at: Date.now(), settings: { CHATELAINE_KEY_PASSWORD_MIN_LENGTH: '10' } })
    ada = await person(house, 'ada')
    browser = await openBrowser()
    page = await browser.page()
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()
  const sealedTo = async (address: string) => {
    for (;;) {
      const { raw } = await house.inbox.next(address)
      if (raw.includes('-----BEGIN PGP MESSAGE-----')) return raw
    }
  }
  const opened = async (by: Person) => {
    const raw = await sealedTo(by.email)
    const reply = await by.decrypt(raw)
    return { raw, json: reply.json, mail: await PostalMime.parse(messageIn(reply)) }
  }

  it('learns from the link who wrote, what this is and what it never asks for', async () => {
    const type = 'multipart/mixed; boundary=out'
    const pin = await write(ada, { to: ZOE, subject: 'The offer', body: rich, type, query: 'sign=true&pin=true' })
    await page.goto(await linkFor(house, ZOE))
    await heading(`${ada.email} has sent you an encrypted message`)
    await page.getByText('z***@***ample', { exact: true }).waitFor()
    await page.getByText(/We never ask for the password of your mailbox/).waitFor()
    const host = await page.getByRole('banner').textContent()
    assert.match(host ?? '', /Chatelaine127\.0\.0\.1/)
    await look(page, 'guest-first')

    await page.getByLabel('Your mail address').fill('eve@stranger.example')
    await page.getByLabel('PIN').fill(pin)
    await page.getByLabel('New password').fill('short')
    await page.getByLabel('The same again').fill('other')
    await page.getByRole('button', { name: 'Choose and read' }).click()
    await page.getByText('it needs 10 characters at least').waitFor()
    await chooseFirst(page, { address: 'eve@stranger.example', pin })
    assert.match((await page.getByRole('alert').textContent()) ?? '', /did not go to this address/)
    await chooseFirst(page, { address: ZOE, pin: pin === '0000' ? '0001' : '0000' })
    await page.getByText(/The PIN is wrong/).waitFor()
    await look(page, 'guest-first-wrong')
    await page.getByLabel('PIN').fill(pin)
    await page.getByLabel('Question').fill('Dog?')
    await page.getByRole('button', { name: 'Choose and read' }).click()
    await page.getByText(/A question needs an answer/).waitFor()
    await page.getByLabel('Answer').fill('Rex')
    await page.getByRole('button', { name: 'Choose and read' }).click()
    await heading('The offer')
  })

  it('reads it: what it says, who signed, and the attachment as it was', async () => {
    const frame = page.frameLocator('iframe[title="What the message says"]')
    await frame.getByRole('heading', { name: 'The offer' }).waitFor()
    await page.getByText('Signed by the sender, and not changed since.').waitFor()
    await page.getByText(/wanted to load something from elsewhere/).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download: café.png' }).click(),
    ])
    assert.equal(download.suggestedFilename(), 'café.png')
    assert.deepEqual(readFileSync(await download.path()), png)
    const [plain] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Readable file' }).click(),
    ])
    assert.match(readFileSync(await plain.path(), 'utf8'), /Subject: The offer[\s\S]*Dear Zo/)
    const [sealed] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Encrypted file' }).click(),
    ])
    assert.match(readFileSync(await sealed.path(), 'utf8'), /-----BEGIN PGP MESSAGE-----/)
    await look(page, 'guest-mail')
    const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])')
    assert.doesNotMatch(String(kept), /guest-session|v1\.|purple/)
  })

  it('answers, encrypted, once for a doubled click, and finds the copy', async () => {
    await page.getByLabel('Your answer').fill('Gladly, größe.')
    await page.getByLabel('Put the message below my answer').check()
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'bill.txt', mimeType: 'text/plain', buffer: Buffer.from('9 €') })
    await page.getByText('bill.txt').waitFor()
    await look(page, 'guest-answer')
    await page.getByRole('button', { name: 'Send encrypted' }).dblclick()
    await page.getByText(/Your answer is on its way/).waitFor()
    const { raw, json, mail } = await opened(ada)
    assert.doesNotMatch(raw, /Gladly|offer|bill/)
    assert.match(mail.text ?? '', /^Gladly, größe\.\n[\s\S]*> .*Dear Zoë/)
    assert.equal(Buffer.from(mail.attachments[0]!.content as ArrayBuffer).toString(), '9 €')
    assert.equal(json.signatures[0].signer, ZOE)
    await page.getByRole('link', { name: 'All messages' }).first().click()
    await heading('Your encrypted messages')
    const rows = page.getByRole('list', { name: 'Your encrypted messages' }).getByRole('listitem')
    await page.getByText('Sent by you').waitFor()
    assert.equal(await rows.count(), 2)
    await page.getByRole('link', { name: /Re: The offer/ }).click()
    await page.getByText('You signed this.').waitFor()
    assert.equal(await page.getByRole('heading', { name: 'Answer' }).count(), 0)
  })

  it('follows the next link without signing in, answers to all, and drops a file', async () => {
    const ben = await person(house, 'ben')
    await write(ada, { to: `${ZOE}, ${ben.email}`, subject: 'All' })
    await page.goto(await linkFor(house, ZOE))
    await heading('All')
    await page.getByLabel('To the others who got this message, too').check()
    await page.getByLabel('Your answer').fill('to all of you')
    const dropped = await page.evaluateHandle(
      "(() => { const all = new DataTransfer(); all.items.add(new File(['dropped'], 'a.txt')); return all })()",
    )
    await page.getByRole('button', { name: 'Add files' }).dispatchEvent('drop', { dataTransfer: dropped })
    await page.getByText('a.txt').waitFor()
    await page.getByRole('button', { name: 'Send encrypted' }).click()
    await page.getByText(/Your answer is on its way/).waitFor()
    // What ada wrote comes first.
    await sealedTo(ben.email)
    const { mail } = await opened(ben)
    assert.equal(mail.text?.trim(), 'to all of you')
    assert.equal(Buffer.from(mail.attachments[0]!.content as ArrayBuffer).toString(), 'dropped')
  })

  it('sees what is new, by keyboard alone, removes it and leaves', async () => {
    await write(ada, { to: ZOE, subject: 'Soon <b>gone</b>' })
    const id = /item=([\w-]+)/.exec(await linkFor(house, ZOE))![1]!
    await page.getByRole('link', { name: 'All messages' }).first().focus()
    await page.keyboard.press('Enter')
    await page.getByText('not read yet', { exact: true }).waitFor()
    await look(page, 'guest-inbox')
    const press = async (name: string | RegExp, role: 'link' | 'button') => {
      for (let tabs = 0; tabs < 40; tabs++) {
        await page.keyboard.press('Tab')
        const focused = page.getByRole(role, { name }).and(page.locator(':focus'))
        if ((await focused.count()) > 0) return page.keyboard.press('Enter')
      }
      assert.fail(`no ${name} by the keyboard`)
    }
    await press(/Soon <b>gone<\/b>/, 'link')
    await heading('Soon <b>gone</b>')
    await press('Remove this message …', 'button')
    await page
      .getByRole('dialog')
      .getByText(/nobody can bring it back/)
      .waitFor()
    await look(page, 'guest-remove')
    await press('Remove for good', 'button')
    await heading('Your encrypted messages')
    await page.getByText('Soon <b>gone</b>').waitFor({ state: 'detached' })
    const there = await house.call('POST', '/api/v1/guest/link', { json: { item: id } })
    assert.equal(there.json.door, 'gone')
    await press('Sign out', 'button')
    await heading('Your encrypted messages')
    await page.getByLabel('Password', { exact: true }).waitFor()
    assert.deepEqual(await page.context().cookies(), [])
    await page.goto(`${house.url}/guest?item=${id}`)
    await heading('This message is not here any more')
    await look(page, 'guest-gone')
    for (const broken of [`/guest?item=${'x'.repeat(65)}`, '/guest?item=%00', '/guest/nothing']) {
      await page.goto(house.url + broken)
      await heading('There is nothing here')
    }
    await judge(page)
  })

  it('signs in with the password for the mail that the link is about', async () => {
    await write(ada, { to: ZOE, subject: 'Once more' })
    const link = await linkFor(house, ZOE)
    await page.goto(link)
    await page.getByText(/You have been here before/).waitFor()
    await look(page, 'guest-sign-in')
    await page.getByLabel('Your mail address').fill(ZOE)
    await page.getByLabel('Password', { exact: true }).fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /Address or password is wrong/)
    await page.getByLabel('Password', { exact: true }).fill(GUEST_PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await heading('Once more')
  })
})
