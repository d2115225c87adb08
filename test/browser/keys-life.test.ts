import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type House, startHouse } from '../../src/testing.ts'
import { currentOf, DAY, infoOf, masterOf, ringsOf } from '../conformance/guard/own-keys.ts'
import { KEY_PASSWORD, keyLogin, newKeyOwner, PASSWORD, type Person, tokenOf } from '../conformance/guard/person.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { enter } from './entering.ts'

describe('the life of a key, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  before(async () => {
    const settings = { CHATELAINE_GATEWAY_SIGN: 'asked', CHATELAINE_GATEWAY_INCOMING: 'chosen' }
    house = await startHouse({ at: Date.now(), settings })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const pressed = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()
  const said = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text }).waitFor()
  const dialogue = (page: Page) => page.getByRole('dialog')
  const typed = (page: Page) => dialogue(page).locator('input[type=password]')
  const hkp = (fingerprint: string) => house.call('GET', `/pks/lookup?op=index&options=mr&search=0x${fingerprint}`)
  const wkd = async (person: Person) => (await house.call('GET', `/vks/v1/by-email/${person.email}`)).status

  it('is renewed, gets a new part and an address, is hidden and shown, printed, and revoked', async () => {
    const page = await browser.page()
    const ann = await newKeyOwner(house, 'ann@example.org')
    await enter(page, house, { email: ann.email, password: PASSWORD, place: '/my/keys' })
    await page.getByText('Mail to you can be encrypted.').waitFor()
    await look(page, 'keys-overview')
    const { fingerprint } = masterOf(await currentOf(ann))

    await pressed(page, /^Renew/)
    await dialogue(page).getByLabel('Valid from now for').selectOption({ label: 'Five years' })
    await typed(page).fill('wrong password')
    await dialogue(page).getByRole('button', { name: 'Renew' }).click()
    assert.equal(await dialogue(page).getByRole('alert').textContent(), 'The password is not right.')
    await look(page, 'keys-renew')
    await typed(page).fill(KEY_PASSWORD)
    await dialogue(page).getByRole('button', { name: 'Renew' }).click()
    await said(page, 'The key is renewed')
    const { keys } = await infoOf(house, await currentOf(ann))
    assert.ok(Math.abs(keys[0]!.expires! - house.clock.now() - 1825 * DAY) < DAY)

    await page.getByRole('link', { name: /^Look closer/ }).click()
    await page.getByText('What a stranger sees now').waitFor()
    await page.getByRole('button', { name: 'Show as QR code' }).click()
    await page.getByRole('img', { name: /ann@example.org/ }).waitFor()
    await look(page, 'keys-key')

    await pressed(page, 'New part for encryption')
    await dialogue(page).getByLabel('Declare the older parts invalid').check()
    await typed(page).fill(KEY_PASSWORD)
    await dialogue(page).getByRole('button', { name: 'Make it' }).click()
    await said(page, 'new part')
    const parts = (await currentOf(ann)).publicRing.keys
    assert.deepEqual(
      parts.map(({ revoked }) => revoked),
      [false, false, true],
    )

    await pressed(page, 'Add an address')
    await dialogue(page).getByLabel('Mail address').fill('ann@work.example')
    await typed(page).fill(KEY_PASSWORD)
    await dialogue(page).getByRole('button', { name: 'Add' }).click()
    await said(page, 'ann@work.example')
    assert.equal(masterOf(await currentOf(ann)).userIds.length, 2)
    assert.match((await house.inbox.next('ann@work.example')).text, /https?:/)

    assert.equal(await wkd(ann), 200)
    await page.getByLabel('The world may find this key').click()
    await page.getByText('Nothing: this key cannot be found.').waitFor()
    assert.equal(await wkd(ann), 404)
    await page.getByLabel('The world may find this key').click()
    await page.getByText('Nothing: this key cannot be found.').waitFor({ state: 'detached' })
    assert.equal(await wkd(ann), 200)

    await pressed(page, 'Print …: Printable copy')
    await typed(page).fill(KEY_PASSWORD)
    await dialogue(page).getByRole('button', { name: 'Print …' }).click()
    const paper = page.frameLocator('iframe')
    await paper.getByRole('heading', { level: 1, name: 'Copy of an encryption key' }).waitFor()
    assert.ok((await paper.locator('svg').count()) >= 2)
    assert.match((await paper.locator('pre').textContent()) ?? '', /BEGIN PGP PRIVATE KEY BLOCK/)
    // 80 mm, as its style says: that was let in.
    const { width } = (await paper.locator('svg').first().boundingBox())!
    assert.ok(width > 250 && width < 310, String(width))
    await look(page, 'keys-paper')
    await dialogue(page).getByRole('button', { name: 'Close' }).click()

    await pressed(page, 'Revoke …')
    const revoking = dialogue(page).getByRole('button', { name: 'Revoke the key' })
    await dialogue(page).getByText('Sign-in password').click()
    await typed(page).fill(PASSWORD)
    await dialogue(page).getByLabel('Why').selectOption({ label: 'Somebody else may have it' })
    assert.ok(await revoking.isDisabled())
    await look(page, 'keys-revoke')
    await dialogue(page).getByLabel('I understand that this cannot be undone').check()
    await revoking.click()
    await said(page, 'The key is revoked')
    await page.getByText('That this key was revoked.').waitFor()
    assert.match((await hkp(fingerprint)).text, new RegExp(`^pub:${fingerprint}:.*:r`, 'm'))
    await look(page, 'keys-revoked')
  })

  it('has its password changed, forgotten and mailed, and the copy removed; the gateway signs by consent', async () => {
    const page = await browser.page({ width: 'narrow' })
    const bob = await newKeyOwner(house, 'bob@example.org')
    await enter(page, house, { email: bob.email, password: PASSWORD, place: '/my/keys' })
    await page.getByRole('link', { name: 'Password and mail' }).click()
    await page.getByRole('heading', { level: 2, name: 'Key password' }).waitFor()
    await look(page, 'keys-settings')
    await pressed(page, 'Change the password')
    await dialogue(page).getByLabel('Key password until now').fill(KEY_PASSWORD)
    await dialogue(page).getByLabel('New key password').fill('quite another one')
    await dialogue(page).getByLabel('Once more').fill('quite another one')
    await dialogue(page).getByRole('button', { name: 'Change the password' }).click()
    await said(page, 'The key password is changed')
    await tokenOf(bob, 'quite another one')

    await page.getByLabel('Sign in my name').click()
    await dialogue(page)
      .getByText(/can then sign as you/)
      .waitFor()
    await look(page, 'keys-gateway')
    await typed(page).fill('quite another one')
    await dialogue(page).getByRole('button', { name: 'Let it sign' }).click()
    await said(page, 'The gateway signs in your name')
    const gateway = () =>
      house.call('GET', `/api/v1/mail/gateway?session=${bob.session}`, { headers: { Cookie: bob.cookie } })
    assert.equal((await gateway()).json.sign, true)
    await page.getByLabel('Lock what comes in').click()
    await page.getByLabel('Sign in my name').click()
    await said(page, 'does not sign')
    const { sign, incoming } = (await gateway()).json
    assert.deepEqual([sign, incoming], [false, true])

    await page.getByRole('switch', { name: 'Encrypt' }).click()
    await page.waitForTimeout(300)
    const habits = await bob.call('GET', '/oxguard/login?action=settings')
    assert.equal(habits.json.pgpdefault, true)

    await pressed(page, 'I do not know it')
    await dialogue(page)
      .getByText(/mails it to bob@example.org/)
      .waitFor()
    await dialogue(page).getByRole('button', { name: 'Mail me a new one' }).click()
    await said(page, 'on its way')
    assert.equal((await keyLogin(bob, 'quite another one')).json.auth, 'Bad Password')
    let fresh: string | undefined
    while (!fresh) fresh = /^[0-9a-z]{16}$/m.exec((await house.inbox.next(bob.email)).text)?.[0]
    await page.getByLabel('The server keeps a second copy of my key').click()
    await typed(page).fill(fresh)
    await dialogue(page).getByRole('button', { name: 'Remove it' }).click()
    await said(page, 'The second copy is removed')
    assert.equal((await currentOf(bob)).recoveryAvail, false)
    assert.ok(await page.getByRole('button', { name: 'I do not know it' }).isDisabled())
  })

  it('goes by the keyboard alone, in German', async () => {
    const page = await browser.page({ language: 'de' })
    const eva = await newKeyOwner(house, 'eva@example.org')
    await enter(page, house, { email: eva.email, password: PASSWORD, place: '/my/keys' })
    await page.getByRole('link', { name: /^Genauer ansehen/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: /^Schlüssel von/ }).waitFor()
    await look(page, 'keys-german')
    const remove = page.getByRole('button', { name: 'Löschen …' })
    await remove.focus()
    await page.keyboard.press('Enter')
    await page.getByText(/wird unlesbar/).waitFor()
    const focused = page.locator('input[type=password]:focus')
    await focused.waitFor()
    await page.keyboard.press('Escape')
    await dialogue(page).waitFor({ state: 'detached' })
    await page.locator('button:focus', { hasText: 'Löschen …' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText(/wird unlesbar/).waitFor()
    await focused.waitFor()
    await page.keyboard.type(KEY_PASSWORD)
    // Past the button that shows the password.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.type(masterOf(await currentOf(eva)).fingerprint.slice(-4))
    await look(page, 'keys-delete')
    await page.keyboard.press('Enter')
    await page.getByText('Sie haben noch keinen Schlüssel').waitFor()
    assert.deepEqual(await ringsOf(eva), [])
  })
})
