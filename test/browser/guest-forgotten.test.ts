import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type House, startHouse } from '../../src/testing.ts'
import { type Person, person } from '../conformance/mail/people.ts'
import { type Browser, judge, look, openBrowser, skip } from './browser.ts'
import { GUEST_PASSWORD, linkAndPassword, linkFor, mailSaying, write } from './guests.ts'

const DAY = 86_400_000
const UTE = 'ute@stranger.example'

describe('A guest who has forgotten the password, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  let ada: Person
  let page: Page
  before(async () => {
    const settings = { CHATELAINE_GUEST_INITIAL_PASSWORD: 'on' }
    house = await startHouse({ at: Date.now(), settings })
    ada = await person(house, 'ada')
    browser = await openBrowser()
    page = await browser.page({ width: 'narrow', language: 'de' })
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()
  const signIn = async (password: string) => {
    await page.getByLabel('Ihre Mailadresse').fill(UTE)
    await page.getByLabel('Passwort', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Anmelden' }).click()
  }
  const newPassword = async (password: string) => {
    await page.getByLabel('Neues Passwort').fill(password)
    await page.getByLabel('Noch einmal dasselbe').fill(password)
  }
  let link = ''

  it('comes in with the password that was mailed and the PIN, and chooses an own one, in German', async () => {
    const pin = await write(ada, { to: UTE, subject: 'Grüße', query: 'sign=true&pin=true' })
    const sent = await linkAndPassword(house, UTE)
    const { password: mailed } = sent
    link = sent.link
    await page.goto(link)
    await heading(`${ada.email} hat Ihnen eine verschlüsselte Nachricht geschickt`)
    await page.getByText(/erstes Passwort steht in einer weiteren Mail/).waitFor()
    assert.equal(await page.evaluate('document.documentElement.lang'), 'de')
    await look(page, 'guest-mailed')
    await page.getByLabel('PIN').fill(pin)
    await signIn(mailed)
    await heading('Wählen Sie ein eigenes Passwort')
    await page.getByLabel('Das Passwort aus der Mail').fill(mailed)
    await newPassword(GUEST_PASSWORD)
    await page.getByLabel('Frage', { exact: true }).fill('Hund?')
    await page.getByLabel('Antwort', { exact: true }).fill('Rex')
    await look(page, 'guest-own-password')
    await page.getByRole('button', { name: 'Speichern' }).click()
    await heading('Grüße')
    await page.getByText('Vom Absender unterschrieben und seither nicht verändert.').waitFor()
  })

  it('changes it, and the question stays', async () => {
    await page.getByRole('link', { name: 'Passwort' }).click()
    await heading('Passwort ändern')
    assert.equal(await page.getByLabel('Frage', { exact: true }).inputValue(), 'Hund?')
    await page.getByLabel('Ihr bisheriges Passwort').fill('something else')
    await newPassword(`${GUEST_PASSWORD} 2`)
    await page.getByRole('button', { name: 'Speichern' }).click()
    await page.getByText(/bisheriges Passwort ist ein anderes/).waitFor()
    await page.getByLabel('Ihr bisheriges Passwort').fill(GUEST_PASSWORD)
    await page.getByRole('button', { name: 'Speichern' }).click()
    await page.getByText('Ihr Passwort ist geändert.').waitFor()
    const login = (password: string) =>
      house.call('POST', '/api/v1/guest/login', { json: { address: UTE, password } }).then(({ status }) => status)
    assert.deepEqual([await login(GUEST_PASSWORD), await login(`${GUEST_PASSWORD} 2`)], [403, 200])
  })

  it('gets a new one by mail for the answer to the question', async () => {
    await page.getByRole('button', { name: 'Abmelden' }).click()
    await page.getByRole('link', { name: 'Passwort vergessen?' }).click()
    // The page before has a field of the same name.
    await page.getByRole('button', { name: 'Weiter' }).waitFor()
    await page.getByLabel('Ihre Mailadresse').fill(UTE)
    await page.getByRole('button', { name: 'Weiter' }).click()
    await page.getByLabel('Hund?').fill('Waldi')
    await page.getByRole('button', { name: 'Neues Passwort schicken' }).click()
    await page.getByText('Die Antwort ist falsch.').waitFor()
    await look(page, 'guest-forgotten')
    await page.getByLabel('Hund?').fill(' rex ')
    await page.getByRole('button', { name: 'Neues Passwort schicken' }).click()
    await heading('Sehen Sie in Ihr Postfach')
    const made = /^([0-9a-z]{16})$/m.exec(await mailSaying(house, UTE, /^[0-9a-z]{16}$/m))![1]!
    await page.getByRole('link', { name: 'Zur Anmeldung' }).click()
    await signIn(made)
    await heading('Ihre verschlüsselten Nachrichten')
    await page.getByRole('link', { name: /Grüße/ }).click()
    await heading('Grüße')
  })

  it('starts anew where nothing else helps: what is lost is said before, twice', async () => {
    await page.getByRole('button', { name: 'Abmelden' }).click()
    await page.getByRole('link', { name: 'Passwort vergessen?' }).click()
    // The page before has a field of the same name.
    await page.getByRole('button', { name: 'Weiter' }).waitFor()
    await page.getByLabel('Ihre Mailadresse').fill(UTE)
    await page.getByRole('button', { name: 'Weiter' }).click()
    await page.getByRole('button', { name: 'Neu anfangen …' }).click()
    await page
      .getByRole('dialog')
      .getByText(/kann dann niemand mehr lesen/)
      .waitFor()
    await look(page, 'guest-anew-ask')
    await page.getByRole('button', { name: 'Link schicken' }).click()
    await page.getByText(/Nichts geht verloren, bevor Sie ihm folgen/).waitFor()
    const reset = await linkFor(house, UTE)
    await page.goto(reset)
    await page.getByText('Ihre Nachrichten gehen verloren').waitFor()
    // It starts somebody anew: it does not stay in the address.
    assert.equal(page.url(), `${house.url}/guest`)
    assert.equal(await page.evaluate('JSON.stringify(history.state).includes("reset")'), false)
    await look(page, 'guest-anew')
    await page.getByLabel('Ihre Mailadresse').fill(UTE)
    await newPassword('an entirely new one')
    const submit = page.getByRole('button', { name: 'Entfernen und neu anfangen' })
    await submit.click()
    const items = async () =>
      (await house.call('POST', '/api/v1/guest/link', { json: { item: link.split('=')[1] } })).json.door
    assert.equal(await items(), 'password')
    await page.getByLabel('Ich weiß, dass meine Nachrichten hier verloren gehen').check()
    await submit.click()
    await heading('Sie haben neu angefangen')
    assert.equal(await items(), 'gone')
    await signIn('an entirely new one')
    await heading('Ihre verschlüsselten Nachrichten')
    await page.getByText('Es gibt keine Nachrichten').waitFor()
    await look(page, 'guest-empty')
    await page.goto(reset)
    await heading('Dieser Link gilt nicht mehr')
    await judge(page)
  })

  it('says who asks for nobody the same, and what there is to do', async () => {
    await page.goto(`${house.url}/guest/forgotten`)
    await page.getByLabel('Ihre Mailadresse').fill('nobody@stranger.example')
    await page.getByRole('button', { name: 'Weiter' }).click()
    await page.getByText(/es gibt keine Frage, die Sie beantworten könnten/i).waitFor()
    await page.getByRole('button', { name: 'Neu anfangen …' }).waitFor()
  })

  it('loses nothing that was being written when the session is over, and learns when a mail is', async () => {
    const own = await browser.page()
    const VAL = 'val@stranger.example'
    await write(ada, { to: VAL, subject: 'Until then' })
    const { link, password: mailed } = await linkAndPassword(house, VAL)
    const signInAs = async (password: string) => {
      await own.getByLabel('Your mail address').fill(VAL)
      await own.getByLabel('Password', { exact: true }).fill(password)
      await own.getByRole('button', { name: 'Sign in' }).click()
    }
    await own.goto(link)
    await signInAs(mailed)
    await own.getByLabel('The password that was mailed to you').fill(mailed)
    await own.getByLabel('New password').fill(GUEST_PASSWORD)
    await own.getByLabel('The same again').fill(GUEST_PASSWORD)
    await own.getByRole('button', { name: 'Save' }).click()
    await own.getByLabel('Your answer').fill('half a sentence')
    house.clock.turn(2 * DAY)
    await own.getByRole('button', { name: 'Send encrypted' }).click()
    await own.getByText(/You have been here before/).waitFor()
    await signInAs(GUEST_PASSWORD)
    await own.getByRole('heading', { level: 1, name: 'Until then' }).waitFor()
    assert.equal(await own.getByLabel('Your answer').inputValue(), 'half a sentence')
    house.clock.turn((house.ctx.config.guestItemDays + 1) * DAY)
    await own.goto(link)
    await own.getByRole('heading', { level: 1, name: 'This message is not here any more' }).waitFor()
    await look(own, 'guest-expired')
  })
})
