import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { gnuPg, hasGnuPg } from '../../src/lib/openpgp/testing.ts'
import { type House, startHouse } from '../../src/testing.ts'
import { currentOf, masterOf, ringsOf } from '../conformance/guard/own-keys.ts'
import { newPerson, PASSWORD } from '../conformance/guard/person.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { enter } from './entering.ts'

const SECRET = 'Eine lange Zeile 7'

describe('own keys, in a browser', { skip }, () => {
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

  const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })

  /** Presses what downloads a file, and reads it. */
  async function saved(page: Page, press: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download'), press()])
    return readFile((await download.path())!, 'utf8')
  }

  it('makes a key that works: others encrypt to it, and its password opens what they wrote', async (t) => {
    const page = await browser.page()
    const ann = await newPerson(house, 'ann@example.org')
    await enter(page, house, { email: ann.email, password: PASSWORD, place: '/my/keys' })
    await page.getByText('You have no key yet').waitFor()
    await look(page, 'keys-none')
    await page.getByRole('link', { name: 'Make a key' }).click()
    await heading(page, 'Make a key').waitFor()
    await page.getByLabel('Your name').fill('Ann Ä')
    await page.getByLabel('Key password').fill(SECRET)
    await page.getByLabel('Once more').fill('something else')
    await page.getByText('The two are not the same.').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Make the key' }).isDisabled())
    await look(page, 'keys-make')
    await page.getByLabel('Once more').fill(SECRET)
    await page.getByRole('button', { name: 'Make the key' }).click()
    await heading(page, 'Your key is ready').waitFor()
    await look(page, 'keys-made')
    const { fingerprint } = masterOf(await currentOf(ann))
    assert.ok(await page.getByText('Others find it under your address.').isVisible())
    await page.getByRole('link', { name: 'Go to the key' }).click()
    await heading(page, 'Key of Ann Ä <ann@example.org>').waitFor()
    await page
      .getByRole('button', { name: 'Show as QR code' })
      .click()
      .catch(() => {})
    const armor = await saved(page, () => page.getByRole('button', { name: 'Download: Public part' }).click())
    await page.getByRole('button', { name: 'Download: Private part' }).click()
    await page.getByLabel('Key password').fill('wrong password')
    await page.getByRole('button', { name: 'Download', exact: true }).click()
    assert.equal(await page.getByRole('alert').textContent(), 'The password is not right.')
    await page.getByLabel('Key password').fill(SECRET)
    const locked = await saved(page, () => page.getByRole('button', { name: 'Download', exact: true }).click())
    assert.match(locked, /BEGIN PGP PRIVATE KEY BLOCK/)
    if (!hasGnuPg) return
    const gpg = gnuPg(t, house.clock.now())
    gpg.run(['--import'], armor)
    assert.match(gpg.run(['--with-colons', '-k']).toString(), new RegExp(fingerprint))
    const written = gpg.run(['--armor', '-r', fingerprint, '--encrypt'], 'Hallo Ann')
    const mail = [
      'From: Stan <stan@example.net>',
      'To: ann@example.org',
      'Subject: x',
      'MIME-Version: 1.0',
      'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b',
      '',
      '--b',
      'Content-Type: application/pgp-encrypted',
      '',
      'Version: 1',
      '',
      '--b',
      'Content-Type: application/octet-stream',
      '',
      written.toString(),
      '--b--',
      '',
    ].join('\r\n')
    const opened = await house.call('POST', `/api/v1/mail/decrypt?session=${ann.session}`, {
      body: mail,
      headers: {
        Cookie: ann.cookie,
        'Content-Type': 'message/rfc822',
        'X-Key-Password': encodeURIComponent(SECRET),
      },
    })
    assert.equal(opened.status, 200, opened.text)
    assert.match(opened.text, /Hallo Ann/)
  })

  it('takes in a key that GnuPG made, and says what it learnt', {
    skip: !hasGnuPg && 'gpg is not installed',
  }, async (t) => {
    const page = await browser.page({ width: 'narrow', scheme: 'dark' })
    const bob = await newPerson(house, 'bob@example.org')
    await enter(page, house, { email: bob.email, password: PASSWORD, place: '/my/keys' })
    const gpg = gnuPg(t, house.clock.now())
    gpg.run(['--quick-gen-key', 'Bob <bob@example.org>', 'default', 'default', '2y'])
    const [fingerprint = ''] = /(?<=^fpr:+)[0-9A-F]{40}/m.exec(gpg.run(['--with-colons', '-K']).toString()) ?? []
    await page.getByRole('link', { name: 'Bring a key' }).click()
    await page.getByText('Drop the file here').waitFor()
    await look(page, 'keys-bring')
    const bring = (name: string, buffer: Buffer) =>
      page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer })
    await bring('bob.asc', Buffer.from('no key at all'))
    await page.getByRole('button', { name: 'Take it in' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /no key in this/)
    await page.getByRole('button', { name: 'Another file' }).click()
    await bring('bob.gpg', gpg.run(['--export-secret-keys', fingerprint]))
    await page.getByLabel('Password of the file').fill('pw')
    await page.getByLabel('Key password here').fill(SECRET)
    await page.getByLabel('Once more').fill(SECRET)
    await look(page, 'keys-bring-private')
    await page.getByRole('button', { name: 'Take it in' }).click()
    await page.getByText('New here').waitFor()
    await look(page, 'keys-brought')
    const ring = await currentOf(bob)
    assert.equal(masterOf(ring).fingerprint, fingerprint)
    assert.ok(ring.privateRing)
    // A second address, made elsewhere: the same key learns it.
    gpg.run(['--quick-add-uid', fingerprint, 'Bob <bob@work.example>'])
    await page.getByRole('button', { name: 'Bring another one' }).click()
    await bring('bob.asc', gpg.run(['--armor', '--export', fingerprint]))
    await page.getByRole('button', { name: 'Take it in' }).click()
    await page.getByText('One more name or address.').waitFor()
    assert.equal((await ringsOf(bob)).length, 1)
    assert.equal(masterOf(await currentOf(bob)).userIds.length, 2)
  })
})
