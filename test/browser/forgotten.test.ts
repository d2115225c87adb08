import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { answerLinkRequests } from '#src/domain/recovery/recovery.ts'
import { type House, startHouse } from '#src/testing.ts'
import { addMail, makeTwoStepAccount, PASSWORD, plain, signIn } from '../conformance/mailbox/client.ts'
import { addPhone, mailsTo, settled } from '../conformance/mailbox/recovery.ts'
import { openSmsProvider, type SmsProvider } from '../conformance/openwifi/sms-provider.ts'
import { type Browser, judge, look, openBrowser, skip } from './browser.ts'

const NEW = 'Six-Grey-Geese-7'
const DAY = 86_400_000

describe('something forgotten, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  let provider: SmsProvider
  before(async () => {
    provider = await openSmsProvider()
    house = await startHouse({ at: Date.now(), settings: provider.settings })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
    provider?.close()
  })

  /** Somebody with an authenticator as second step, a mail address elsewhere and a phone. */
  async function someone({ phone }: { phone?: string } = {}) {
    const { account, client, app, recoveryCodes } = await makeTwoStepAccount(house)
    const target = `rescue-${account.id}@elsewhere.example`
    await addMail(house, client.secure, target)
    if (phone) await addPhone(provider, client.secure, phone)
    house.clock.turn(60_000)
    return { name: account.email, target, app, recoveryCodes }
  }

  const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()

  /** The code that was mailed last, as somebody copies it out of his mail. */
  async function mailed(address: string): Promise<string> {
    await settled(house)
    return /^[0-9A-Z]{26}$/m.exec(mailsTo(house, address, /^[0-9A-Z]{26}$/m).at(-1)?.text ?? '')![0]
  }

  /** Walks from the first page until a code has been asked for. */
  async function askForCode(page: Page, choice: string, { name, target }: { name: string; target: string }) {
    await page.goto(`${house.url}/forgotten`)
    await page.getByRole('link', { name: choice }).click()
    if (/phone/.test(choice)) await page.getByRole('link', { name: /I have none of these/ }).click()
    await page.getByLabel('User name').fill(name)
    await page.getByRole('button', { name: 'Next' }).click()
    await heading(page, 'Where shall the code go?')
    await page.getByLabel('The whole mail address').fill(target)
    await page.getByRole('button', { name: 'Send the code' }).click()
    await heading(page, 'Enter the code')
  }

  /** A name that nobody has, and that gets one mail address to choose, as people here have. */
  async function stranger(): Promise<string> {
    for (let i = 0; ; i++) {
      const name = `nobody-${i}@example.org`
      house.clock.turn(60_000)
      const { items } = (await house.call('GET', `/api/v1/recover/password/methods?username=${name}`)).json
      if (items.length === 1 && items[0].method === 'email') return name
    }
  }

  it('finds a user name again, and says the same to everybody', async () => {
    const { name, target } = await someone()
    const page = await browser.page()
    await page.goto(`${house.url}/forgotten`)
    await heading(page, 'What is missing?')
    await look(page, 'forgotten')
    await page.getByRole('link', { name: 'My user name' }).click()
    const said: string[] = []
    for (const address of [target, 'stranger@elsewhere.example']) {
      await page.goto(`${house.url}/forgotten/name`)
      await page.getByLabel('Mail address or phone number').fill(address)
      await page.getByRole('button', { name: 'Send me the name' }).click()
      await page.getByText('Look into your mail or messages.').waitFor()
      assert.match((await page.getByRole('button', { name: /Again in/ }).textContent()) ?? '', /\d+ seconds/)
      said.push((await page.getByRole('status').first().textContent()) ?? '')
    }
    assert.equal(said[0], said[1])
    await look(page, 'forgotten-name')
    await settled(house)
    assert.equal(mailsTo(house, target, new RegExp(name)).length, 1)
    assert.equal(mailsTo(house, 'stranger@elsewhere.example', /./).length, 0)
  })

  it('sets a new password, keeps the second step, and survives going back and loading anew', async () => {
    const person = await someone({ phone: '+41446681801' })
    const page = await browser.page()
    await page.goto(`${house.url}/forgotten/password/who`)
    await page.getByLabel('User name').fill(person.name)
    await look(page, 'forgotten-password-who')
    await page.getByRole('button', { name: 'Next' }).click()
    await heading(page, 'Where shall the code go?')
    assert.ok(!(await page.locator('main').innerHTML()).includes(person.target), 'the address is masked')
    await page.getByLabel('The whole mail address').fill(person.target)
    await look(page, 'forgotten-password-where')
    // Back and forth: what was entered is there.
    await page.goBack()
    assert.equal(await page.getByLabel('User name').inputValue(), person.name)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('radio', { name: /Text message/ }).check()
    await page.getByLabel('The whole phone number').fill('+41446681801')
    await page.getByRole('radio', { name: /Mail to/ }).check()
    assert.equal(await page.getByLabel('The whole mail address').inputValue(), person.target)
    await page.getByRole('button', { name: 'Send the code' }).click()
    await heading(page, 'Enter the code')
    assert.ok(await page.getByRole('button', { name: /Another code in/ }).isDisabled())
    const code = await mailed(person.target)

    await page.getByLabel('Code from the message').fill('WRONG')
    await page.getByRole('button', { name: 'Next' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /not right/)
    await look(page, 'forgotten-password-code')

    // Loaded anew in the middle, nothing is kept, and the code is still good.
    await page.goto(`${house.url}/forgotten/password/new`)
    await page.getByText('Please begin once more').waitFor()
    await judge(page)
    await page.getByRole('link', { name: 'I have a code already' }).click()
    await page.getByLabel('User name').fill(person.name)
    await page.getByLabel('Code from the message').fill(` ${code.toLowerCase()} `)
    await page.getByRole('button', { name: 'Next' }).click()
    await heading(page, 'Choose a new password')
    const set = page.getByRole('button', { name: 'Set this password' })
    assert.ok(await set.isDisabled())
    await page.getByLabel('New password', { exact: true }).fill('Password1234')
    await set.click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /one of those that are tried first|breach/)
    await look(page, 'forgotten-password-new')
    await page.getByLabel('New password', { exact: true }).fill(NEW)
    await set.click()
    await heading(page, 'Your new password is set')
    await page.getByText('Your second step stays as it was', { exact: false }).waitFor()
    await look(page, 'forgotten-password-done')
    assert.equal((await signIn(house, person.name, NEW)).step, 'required')

    await page.getByRole('link', { name: 'To the sign-in' }).click()
    await page.getByLabel('User name or mail address').fill(person.name)
    await page.getByLabel('Password', { exact: true }).fill(NEW)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await heading(page, 'Second step')
    await page.getByRole('radio', { name: 'Authenticator app' }).waitFor()
    // The address that has just set the password would be both steps in one.
    assert.equal(await page.getByRole('radio', { name: /Mail to/ }).count(), 0)
  })

  it('tells nobody whether a name is known', async () => {
    const { name, target } = await someone()
    const page = await browser.page()
    const seen: string[] = []
    for (const one of [name, await stranger()]) {
      await askForCode(page, 'My password', { name: one, target })
      await page.getByLabel('Code from the message').fill('0123456789ABCDEFGHJKMNPQRS')
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('alert').waitFor()
      seen.push(((await page.locator('main').textContent()) ?? '').replaceAll(/\d+ seconds?/g, 'some seconds'))
    }
    assert.equal(seen[0], seen[1])
  })

  it('has a lost second step taken away after a wait, which the link in the mail stops', async () => {
    const person = await someone()
    const page = await browser.page()
    await page.goto(`${house.url}/forgotten/phone`)
    await heading(page, 'The second step is lost')
    await look(page, 'forgotten-phone')
    await askForCode(page, 'My phone', person)
    await page.getByLabel('Code from the message').fill(await mailed(person.target))
    await page.getByRole('button', { name: 'Next' }).click()
    await heading(page, 'Ask to take the second step away')
    await page.getByLabel('Password', { exact: true }).fill('Wrong-Horse-9')
    await page.getByRole('button', { name: 'Ask for it now' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /password is not right/)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await look(page, 'forgotten-phone-ask')
    await page.getByRole('button', { name: 'Ask for it now' }).click()
    await heading(page, 'The wait has begun')
    const due = new Date((await page.getByRole('time').getAttribute('datetime')) ?? '').getTime()
    assert.ok(Math.abs(due - (house.clock.now() + 3 * DAY)) < 2000)
    await look(page, 'forgotten-phone-done')

    await settled(house)
    const announced = /says that all its second factors are lost/
    for (const address of [person.name, person.target]) assert.equal(mailsTo(house, address, announced).length, 1)
    const link = /^https?:\S+$/m.exec(mailsTo(house, person.name, announced)[0]!.text)![0]
    await page.goto(link.replace(/^https?:\/\/[^/]+/, house.url))
    await page.getByRole('button', { name: /stop/i }).click()
    await heading(page, 'Your second factors stay as they are')
    assert.equal((await signIn(house, person.name)).step, 'required')
  })

  it('says how long to wait after too many wrong passwords', async () => {
    const person = await someone()
    const page = await browser.page()
    await askForCode(page, 'My phone', person)
    const code = await mailed(person.target)
    const json = { username: person.name, recoveryToken: code, password: 'Wrong-Horse-9' }
    for (let i = 0; i < 5; i++) await plain(house, 'POST', '/recover/secondfactor', { json })
    await page.getByLabel('Code from the message').fill(code)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Ask for it now' }).click()
    assert.match((await page.getByRole('alert').textContent()) ?? '', /too often.*Try again in \d+ seconds/)
    assert.ok(await page.getByRole('button', { name: /Again in \d+ seconds/ }).isDisabled())
    await judge(page)
  })

  it('goes by a text message, by the keyboard alone, in German', async () => {
    const phone = '+41446681802'
    const { name } = await someone({ phone })
    const page = await browser.page({ language: 'de', width: 'narrow' })
    await page.goto(`${house.url}/forgotten`)
    await heading(page, 'Was fehlt Ihnen?')
    await page.getByRole('link', { name: 'Mein Passwort' }).focus()
    await page.keyboard.press('Enter')
    await heading(page, 'Ein neues Passwort')
    // The focus is on the heading; the field comes next.
    await page.keyboard.press('Tab')
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await heading(page, 'Wohin soll der Code?')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    await page.keyboard.type('+41 44 668 18 02')
    await look(page, 'forgotten-german')
    await page.keyboard.press('Enter')
    await heading(page, 'Code eingeben')
    while ((await answerLinkRequests(house.ctx)) > 0);
    await settled(house)
    const text = provider.texts.findLast(({ to, body }) => to === phone && /\b\d{8}\b/.test(body))
    const digits = /\b\d{8}\b/.exec(text?.body ?? '')![0]
    await page.evaluate(`navigator.clipboard.writeText('${digits.slice(0, 4)} ${digits.slice(4)}')`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('ControlOrMeta+V')
    await page.keyboard.press('Enter')
    await heading(page, 'Neues Passwort wählen')
    await page.keyboard.press('Tab')
    await page.keyboard.type(NEW)
    await page.keyboard.press('Enter')
    await heading(page, 'Ihr neues Passwort ist gesetzt')
    assert.equal((await signIn(house, name, NEW)).step, 'required')
  })
})
