import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { learnFromMail } from '#src/domain/correspondents/correspondents.ts'
import { writeHeader } from '#src/lib/autocrypt/header.ts'
import type { GeneratedKey } from '#src/lib/openpgp/types.ts'
import { type House, startHouse } from '#src/testing.ts'
import { armored, friendsKey, openWorld, type World } from '../conformance/guard/friends.ts'
import { newKeyOwner, newPerson, origin, PASSWORD, type Person } from '../conformance/guard/person.ts'
import { type Browser, judge, look, openBrowser, skip } from './browser.ts'
import { enter } from './entering.ts'

describe('the keys of correspondents, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  let world: World
  let anna: Person
  let page: Page
  before(async () => {
    world = await openWorld()
    house = await startHouse({ at: Date.now(), settings: world.settings })
    browser = await openBrowser()
    anna = await newPerson(house, 'anna@example.org')
    page = await browser.page()
    await signIn(page, anna.email)
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
    await world?.close()
  })

  const keyFor = (email: string): Promise<GeneratedKey> => friendsKey(email, { now: house.clock.now() })
  const fingerprintOf = ({ info }: GeneratedKey) => info.fingerprint.toUpperCase()
  const inGroups = (fingerprint: string) => fingerprint.match(/.{4}/g)!.join(' ')

  const signIn = (page: Page, email: string) =>
    enter(page, house, { email, password: PASSWORD, place: '/my/correspondents' })

  const listed = async (keyType = 'uploaded') =>
    (await anna.call('GET', `/oxguard/keys?action=getExternalPublicKeys&keyType=${keyType}`)).json.data
      .externalPublicKeyRings as { publicRing: { ring: string; keys: { fingerprint: string }[] } }[]
  const fingerprints = async (keyType?: string) =>
    (await listed(keyType)).map(({ publicRing }) => publicRing.keys[0]!.fingerprint.toUpperCase())

  /** What a mail program hands over when a mail came. */
  async function mailFrom(email: string, { certificate }: GeneratedKey): Promise<void> {
    const header = writeHeader({ address: email, prefersEncryption: true, keydata: certificate })!
    const form = { header, sent_date: String(house.clock.now()) }
    const reply = await anna.call('PUT', '/oxguard/keys?action=putautocrypt&add=true', { form })
    assert.equal(reply.json.error, undefined, reply.text)
  }

  const reload = () => page.goto(`${house.url}/my/correspondents`)
  const entry = (name: string) => page.getByRole('button', { name: new RegExp(name) })

  it('says what to do where there are none, and takes keys as text and as files', async () => {
    await page.getByText('No keys of others yet').waitFor()
    await look(page, 'correspondents-empty')
    const bob = await keyFor('bob@friend.example')
    await page.getByLabel('Key as text').fill('This is not a key')
    await page.getByRole('button', { name: 'Bring this key' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /No key was found in it/)
    await page.getByLabel('Key as text').fill(armored(bob.certificate))
    await page.getByRole('button', { name: 'Bring this key' }).click()
    await page.getByText('The key is here now').waitFor()
    const carol = await keyFor('carol@friend.example')
    await page.getByLabel('a file with keys', { exact: true }).setInputFiles({
      name: 'carol.asc',
      mimeType: 'application/pgp-keys',
      buffer: Buffer.from(carol.secret),
    })
    await page.getByText(/private keys in it/).waitFor()
    assert.deepEqual((await fingerprints()).sort(), [fingerprintOf(bob), fingerprintOf(carol)].sort())

    await entry('bob@friend.example').click()
    await page.getByText('Trusted, because you brought it.').waitFor()
    await page.getByRole('button', { name: 'Show as QR code' }).click()
    await page.getByRole('img', { name: /as a QR code/ }).waitFor()
    await look(page, 'correspondents')
  })

  it('shares a key with colleagues and back, says who shares one, and marks it for the old form', async () => {
    await newKeyOwner(house, 'dora@example.org')
    const colleague = await browser.page()
    await page.getByRole('switch', { name: 'Share with colleagues' }).click()
    await page.getByRole('switch', { name: 'Share with colleagues', checked: true }).waitFor()
    await page.getByRole('switch', { name: /Old form/ }).click()
    await page.getByRole('switch', { name: /Old form/, checked: true }).waitFor()
    await page.waitForLoadState('networkidle')
    const [shared] = (await listed()).filter((ring) => 'shared' in ring && ring.shared === true)
    assert.equal((shared as unknown as { inline: boolean }).inline, true)
    await signIn(colleague, 'dora@example.org')
    await colleague.getByText('From a colleague').waitFor()
    await colleague.getByRole('button', { name: /bob@friend.example/ }).click()
    assert.equal(await colleague.getByRole('button', { name: 'Delete' }).count(), 0)
    await colleague.context().close()
  })

  it('deletes a key after saying what is lost, and brings it back with its marks', async () => {
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Colleagues cannot use it any more either.').waitFor()
    await look(page, 'correspondents-delete')
    await dialog.getByRole('button', { name: 'Delete this key' }).click()
    await page.getByRole('button', { name: 'Undo' }).waitFor()
    assert.equal((await fingerprints()).length, 1)
    await page.getByRole('button', { name: 'Undo' }).click()
    await entry('bob@friend.example').waitFor()
    await page.waitForLoadState('networkidle')
    assert.equal((await listed()).filter((ring) => 'shared' in ring && ring.shared === true).length, 1)
  })

  it('compares a key that came with a mail, says where it differs, and marks it as verified', async () => {
    const erik = await keyFor('erik@elsewhere.example')
    await mailFrom('erik@elsewhere.example', erik)
    await reload()
    await entry('erik@elsewhere.example').click()
    await page.getByText(/nobody has checked it/).waitFor()
    await page.getByRole('button', { name: 'Compare the fingerprint' }).click()
    const dialog = page.getByRole('dialog')
    const field = dialog.getByLabel('What the other person says')
    assert.ok(await field.evaluate((element) => element === element.ownerDocument.activeElement))
    const right = fingerprintOf(erik)
    const wrong = right.slice(0, 9) + (right[9] === 'A' ? 'B' : 'A') + right.slice(10)
    const mark = dialog.getByRole('button', { name: 'Mark as verified' })
    await field.fill(inGroups(right).slice(0, 24))
    await dialog.getByText(/these are only 20 of 40/).waitFor()
    await field.fill(wrong)
    await dialog.getByText('Not the same key').waitFor()
    assert.equal(await dialog.getByRole('rowheader').textContent(), '3')
    assert.ok(await mark.isDisabled())
    await look(page, 'correspondents-compare')
    await field.fill(` ${inGroups(right).toLowerCase()}\n`)
    await dialog.getByText('All groups are the same').waitFor()
    await mark.click()
    await page.getByText('You have compared it and found it right.').waitFor()
    const [ring] = await listed('autocrypt')
    assert.equal((ring as unknown as { verified: boolean }).verified, true)

    // Another key that comes later waits, and says so.
    const other = await keyFor('erik@elsewhere.example')
    const { account } = await anna.signed()
    await learnFromMail(house.ctx, {
      account,
      origin,
      from: 'erik@elsewhere.example',
      named: [anna.email],
      sent: house.clock.now(),
      headers: [
        writeHeader({ address: 'erik@elsewhere.example', prefersEncryption: true, keydata: other.certificate })!,
      ],
      gossip: [],
    })
    await reload()
    await entry('Another key came').click()
    await page.getByText(/Not used while the one that you verified is there/).waitFor()
    assert.equal((await fingerprints('autocrypt')).length, 2)
    await judge(page)
  })

  it('finds a key in the world, says where, and keeps it once it was compared', async () => {
    const frida = await keyFor('frida@friend.example')
    world.wkd('frida@friend.example', frida.certificate)
    await page.getByRole('combobox', { name: 'Mail address' }).fill('frida@friend.example')
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('The mail provider friend.example publishes it for this address.').waitFor()
    await look(page, 'correspondents-found')
    const card = page.getByRole('region', { name: 'Look for a key' })
    await card.getByRole('button', { name: 'Compare the fingerprint' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('checkbox', { name: /read it to each other/ }).check()
    await dialog.getByRole('button', { name: 'Keep this key' }).click()
    await entry('frida@friend.example').waitFor()
    assert.ok((await fingerprints()).includes(fingerprintOf(frida)))
    await page.getByRole('combobox', { name: 'Mail address' }).fill('nobody@friend.example')
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText(/No key was found for nobody@friend.example/).waitFor()
  })

  it('offers the addresses of the address book, and finds the key on a card', async () => {
    const gina = await keyFor('gina@cards.example')
    const key = `KEY;ENCODING=b;TYPE=PGP:${Buffer.from(gina.certificate).toString('base64')}`
    const body = ['BEGIN:VCARD', 'VERSION:3.0', 'FN:Gina', 'EMAIL:gina@cards.example', key, 'END:VCARD', ''].join(
      '\r\n',
    )
    const headers = { 'Content-Type': 'text/vcard' }
    const taken = await anna.call('POST', '/contacts?action=import', { body, headers })
    assert.equal(taken.json.error, undefined, taken.text)
    await reload()
    await page.getByRole('combobox', { name: 'Mail address' }).fill('gina')
    await page.getByRole('option', { name: 'gina@cards.example' }).click()
    await page.getByRole('button', { name: 'Look' }).click()
    const card = page.getByRole('region', { name: 'Look for a key' })
    await card.getByText('It is on the card of this person in your address book.').waitFor()
    const shown = (await card.textContent()) ?? ''
    assert.ok(shown.replaceAll(' ', '').includes(fingerprintOf(gina)), shown)
  })

  it('works by the keyboard alone, in German', async () => {
    const german = await browser.page({ language: 'de', width: 'narrow' })
    await signIn(german, anna.email)
    await german.getByRole('heading', { level: 1, name: 'Briefpartner' }).waitFor()
    await german.getByRole('combobox', { name: 'Mailadresse' }).focus()
    await german.keyboard.type('dora@example.org')
    await german.keyboard.press('Enter')
    await german.getByText('Jemand aus dem Kollegium: dieser Server verwahrt den Schlüssel selbst.').waitFor()
    await german.getByRole('button', { name: 'Fingerabdruck vergleichen' }).focus()
    await german.keyboard.press('Enter')
    await german
      .getByRole('dialog')
      .getByText(/wirklich der Schlüssel/)
      .waitFor()
    await german.keyboard.press('Escape')
    await german.getByRole('dialog').waitFor({ state: 'hidden' })
    assert.ok(
      await german
        .getByRole('button', { name: 'Fingerabdruck vergleichen' })
        .evaluate((element) => element === element.ownerDocument.activeElement),
    )
    await look(german, 'correspondents-german')
  })
})
