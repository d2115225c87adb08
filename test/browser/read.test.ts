import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, startHouse } from '#src/testing.ts'
import { KEY_PASSWORD, mailOf, withPassword } from '../conformance/mail/people.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { enter } from './entering.ts'
import { type MailPerson, mailPerson, strangersAsked } from './mail-people.ts'

const file = Buffer.from(Array.from({ length: 70_001 }, (_, at) => (at * 31) % 256))
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const hostile = `<html><head><style>body{background:url(https://track.example/style)}</style>
<link rel=stylesheet href=https://track.example/sheet><meta http-equiv=refresh content="0;url=https://track.example/refresh">
<base href=https://track.example/></head><body background=https://track.example/body onload="fetch('https://track.example/load')">
<h1 style="color:#7a1f1f;font-size:22px">Your account is locked</h1><p style="background:url(https://track.example/url);padding:8px">Read this at once.</p>
<script>parent.document.title='taken';fetch('https://track.example/script')</script>
<img src=https://track.example/pixel.gif alt="our logo"><img src=x onerror="fetch('https://track.example/error')">
<img src="data:image/png;base64,${pixel}" alt="a dot" width=20 height=20><svg><image href=https://track.example/svg /></svg>
<form action=https://track.example/form><input name=password><button>Go on</button></form>
<iframe src=https://track.example/frame></iframe><video src=https://track.example/video autoplay></video>
<div style="position:fixed;inset:0;background:red">over everything</div>
<a href="https://shop.example/offer">an offer</a> <a href="javascript:alert(1)">a trick</a></body></html>`

describe('reading, in a browser', { skip }, () => {
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
    await enter(page, house, { email: ben.email, place: '/my/mail' })
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const sealed = async (header: Record<string, string>, body: string): Promise<Buffer> => {
    const all = { From: `Ada <${ada.email}>`, To: `Ben <${ben.email}>`, Date: new Date().toUTCString() }
    const reply = await ada.post('/mail/encrypt?sign=true', mailOf({ ...all, ...header }, body), withPassword())
    assert.equal(reply.status, 200, reply.text)
    return reply.bytes
  }
  const choose = (mail: Buffer | string, name = 'mail.eml') =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType: 'message/rfc822', buffer: Buffer.from(mail) })
  const openKey = async (password = KEY_PASSWORD) => {
    await page.getByLabel('Key password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Open', exact: true }).click()
  }
  const another = () => page.getByRole('button', { name: 'Open another message' }).click()
  const alert = async () => (await page.getByRole('alert').textContent()) ?? ''
  // What runs in the page has other globals than what is here.
  const styleOf = (place: Locator, name: string): Promise<string | undefined> =>
    place.evaluate((one, name) => {
      const { getComputedStyle } = globalThis as unknown as { getComputedStyle(one: unknown): Record<string, string> }
      return getComputedStyle(one)[name]
    }, name)
  const verdict = () => page.locator('[data-verdict]').getAttribute('data-verdict')

  it('opens a dropped message once its key is open: text, quotes, who signed it', async () => {
    await look(page, 'read')
    const quoted = ['> one', '> two', '> three', '> four'].join('\n')
    const mail = await sealed(
      // A name that turns the direction of writing about, so that what is behind it reads from the right.
      { Subject: 'Lunch on Friday', From: `=?UTF-8?B?${Buffer.from('\u202eadA').toString('base64')}?= <${ada.email}>` },
      `Dear Ben,\n\nat noon, behind the café: https://cafe.example/menu.\n\n${quoted}\n\nAda\n`,
    )
    const dropped = await page.evaluateHandle(
      `(() => { const transfer = new DataTransfer(); transfer.items.add(new File([${JSON.stringify(mail.toString())}], 'lunch.eml')); return transfer })()`,
    )
    await page.getByText('Drop it here').dispatchEvent('drop', { dataTransfer: dropped })
    await openKey('wrong')
    assert.match(await alert(), /not the password of this key/)
    await look(page, 'read-key')
    await openKey()
    await page.getByRole('heading', { level: 1, name: 'Lunch on Friday' }).waitFor()
    await page.getByText(`Signed by ${ada.email}`).waitFor()
    assert.equal(await verdict(), 'good')
    await page.locator('dd > bdi').getByText(`<${ada.email}>`, { exact: true }).waitFor()
    assert.equal(await page.getByRole('link', { name: 'https://cafe.example/menu' }).getAttribute('target'), '_blank')
    assert.equal(await page.getByText('three').isVisible(), false)
    await page.getByText('Quoted text, 4 lines').click()
    assert.equal(await page.getByText('three').isVisible(), true)
    await page.getByText('About the signature').click()
    await look(page, 'read-open')
    await another()
  })

  it('gives an attachment back byte for byte, from a mail that GnuPG made, and asks for no kept password', {
    skip: !hasGnuPg && 'gpg is not installed',
  }, async (t: TestContext) => {
    const gpg = gnuPg(t, house.clock.now())
    gpg.run(['--import'], ben.certificate)
    gpg.run(['--quick-gen-key', 'gwen@friend.example', 'future-default', 'default', 'never'])
    const inner = [
      'Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: text/plain; charset=utf-8\n\nHere is the plan.',
      '--out\nContent-Type: application/pdf; name="plan.pdf"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n',
      `${file.toString('base64').replace(/(.{76})/g, '$1\n')}\n--out--\n`,
    ].join('\n')
    const armor = gpg.run(['--armor', '--sign', '--encrypt', '--recipient', ben.email], inner).toString()
    const mail = mailOf(
      {
        From: 'Gwen <gwen@friend.example>',
        To: ben.email,
        Subject: 'The plan',
        'Content-Type': 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b',
      },
      `--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n${armor}\n--b--\n`,
    )
    await choose(mail)
    await page.getByLabel('Keep it on this page for ten minutes').check()
    await openKey()
    await page.getByText('Signed with an unknown key').waitFor()
    const started = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download plan.pdf' }).click()
    const download = await started
    assert.equal(download.suggestedFilename(), 'plan.pdf')
    assert.deepEqual(readFileSync(await download.path()), file)
    await look(page, 'read-attachment')

    // The armor alone: a part whose header was lost is put together again, and the key is still open.
    await another()
    await page.getByLabel('Or paste it').fill(armor)
    await page.getByRole('button', { name: 'Open it' }).click()
    await page.getByText('Here is the plan.').waitFor()
    await page.getByRole('button', { name: 'Download plan.pdf' }).waitFor()
    await page.getByRole('button', { name: 'Lock it again' }).click()
    assert.equal(await page.getByText('Your key stays open').count(), 0)
    const readable = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Readable copy' }).click()
    await openKey()
    assert.match(readFileSync(await (await readable).path(), 'utf8'), /Here is the plan\./)
    await another()
  })

  it('shows hostile HTML as a letter that does nothing, and asks nobody for anything', async () => {
    const asked = strangersAsked(page, house)
    await choose(await sealed({ Subject: 'Urgent', 'Content-Type': 'text/html; charset=utf-8' }, hostile))
    await openKey()
    const frame = page.frameLocator('iframe')
    await frame.getByRole('heading', { name: 'Your account is locked' }).waitFor()
    await page.getByText('from elsewhere were left out').waitFor()
    assert.equal(await frame.locator('script, form, input, button, iframe, video, svg, link, base').count(), 0)
    assert.equal(await frame.getByText('a trick').getAttribute('href'), null)
    assert.equal(await frame.getByText('an offer').getAttribute('rel'), 'noopener noreferrer nofollow')
    assert.equal((await frame.getByText('our logo').count()) + (await frame.getByAltText('our logo').count()), 1)
    assert.equal(await styleOf(frame.locator('h1'), 'color'), 'rgb(122, 31, 31)', 'how it looks is kept')
    assert.equal(await styleOf(frame.getByText('over everything'), 'position'), 'static')
    const dot = await frame
      .getByAltText('a dot')
      .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)
    assert.equal(dot, 1, 'a picture that came along is shown')
    assert.doesNotMatch(await page.title(), /taken/)
    assert.equal(await page.locator('iframe').getAttribute('sandbox'), 'allow-popups allow-popups-to-escape-sandbox')
    await look(page, 'read-html')
    await page.getByText('Text only').click()
    await page.getByText('Read this at once.').waitFor()
    assert.deepEqual(asked, [])
    await another()
  })

  it('says in words what is wrong with a mail, and shows nothing of it', async () => {
    const mail = await sealed({ Subject: 'Whole' }, 'Nobody reads this\n')
    const at = mail.lastIndexOf('-----END PGP MESSAGE') - 200
    const letter = String.fromCharCode(mail[at]!)
    await choose(Buffer.from(mail).fill(letter === 'A' ? 'B' : 'A', at, at + 1))
    await openKey()
    assert.match(await alert(), /damaged: it was cut off or changed/)
    assert.equal(await page.getByText('Nobody reads this').count(), 0)
    await look(page, 'read-damaged')

    const own = await ada.post('/mail/encrypt?for=self', mailOf({ From: ada.email, Subject: 'Mine' }, 'x\n'))
    await choose(own.bytes)
    await openKey()
    assert.match(await alert(), /for none of your keys.*for the key [0-9A-F]{4} [0-9A-F]{4}/)
    await look(page, 'read-not-for-you')

    await choose(mailOf({ From: ada.email, To: ben.email, Subject: 'Plain' }, 'Hello\n'))
    assert.match(await alert(), /neither encrypted nor signed/)
    await choose(Buffer.from([0xc1, 0x4c, 3, 1, 2, 3]), 'plan.pdf.gpg')
    assert.match(await alert(), /encrypted file and no message/)

    const signed = await ada.post(
      '/mail/sign',
      mailOf({ From: ada.email, To: ben.email, Subject: 'Price' }, 'It costs 100.\n'),
      withPassword(),
    )
    await choose(signed.bytes.toString().replace('costs 100', 'costs 900'))
    await page.getByText('The signature does not fit').waitFor()
    await page.getByText('On its way others could read it', { exact: false }).waitFor()
    assert.equal(await verdict(), 'changedSince')
    await look(page, 'read-changed')
    await another()
  })

  it('goes by keyboard alone, and in German', async () => {
    const mail = await sealed({ Subject: 'Grüße' }, 'Bis bald\n')
    const german = await browser.page({ width: 'narrow', language: 'de' })
    await enter(german, house, { email: ben.email, place: '/my/mail' })
    await german.getByLabel('Oder einfügen').focus()
    await german.keyboard.insertText(mail.toString())
    await german.keyboard.press('Tab')
    await german.keyboard.press('Enter')
    await german.getByLabel('Schlüsselpasswort', { exact: true }).waitFor()
    await german.keyboard.insertText(KEY_PASSWORD)
    await german.keyboard.press('Enter')
    await german.getByRole('heading', { level: 1, name: 'Grüße' }).waitFor()
    await german.getByText(`Signiert von ${ada.email}`).waitFor()
    await german.getByText('Bis bald').waitFor()
    await look(german, 'read-german')
  })
})
