import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { findByAddress } from '../../src/domain/accounts/accounts.ts'
import { type House, startHouse } from '../../src/testing.ts'
import { invite } from '../conformance/guard/guests.ts'
import { makeAccount, makeTwoStepAccount, PASSWORD, plain, signIn } from '../conformance/mailbox/client.ts'
import { type Browser, becomes, look, openBrowser, skip } from './browser.ts'
import { enter } from './entering.ts'

const COUNT = 3000
const firstNames = ['Ada', 'Ben', 'Cleo', 'Dora', 'Emil', 'Fay', 'Gus', 'Hanna', 'Ivo', 'Jana']

describe('looking after people, in a browser', { skip }, () => {
  let house: House
  let browser: Browser
  let page: Page
  before(async () => {
    house = await startHouse({ at: Date.now() })
    await makeAccount(house, { email: 'desk@house.test', name: 'The Desk', role: 'admin' })
    const { db } = house.ctx
    const row = await db
      .selectFrom('account')
      .selectAll()
      .where('email', '=', 'desk@house.test')
      .executeTakeFirstOrThrow()
    const rows = Array.from({ length: COUNT }, (_, n) => ({
      ...row,
      id: `${String((n * 7919) % 100_003).padStart(8, '0')}-0000-4000-8000-000000000000`,
      email: `${firstNames[n % 10]!.toLowerCase()}.${n}@mail.test`,
      name: `${firstNames[n % 10]} Person ${n}`,
      role: 'subscriber',
      two_step: n % 3 === 0 ? 1 : 0,
      suspended: n % 500 === 3 ? 1 : 0,
    }))
    for (let at = 0; at < COUNT; at += 500)
      await db
        .insertInto('account')
        .values(rows.slice(at, at + 500))
        .execute()
    browser = await openBrowser()
    page = await signedIn('desk@house.test')
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
  })

  const signedIn = async (email: string, options: Parameters<Browser['page']>[0] = {}) => {
    const page = await browser.page(options)
    await enter(page, house, { email, password: PASSWORD, place: '/admin/people' })
    return page
  }
  const list = () => page.getByRole('list', { name: 'People' })
  const find = async (text: string) => {
    await page.goto(`${house.url}/admin/people`)
    await page.getByLabel('Search', { exact: true }).fill(text)
  }
  const open = async (email: string) => {
    await find(email)
    await list().getByRole('link').filter({ hasText: email }).click()
    await page.getByRole('heading', { name: 'Standing' }).waitFor()
  }
  const dialog = () => page.getByRole('dialog')
  const confirmPassword = async () => {
    await page.getByRole('dialog', { name: 'Is it you?' }).getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('dialog', { name: 'Is it you?' }).getByRole('button', { name: 'Confirm' }).click()
  }
  const status = (text: RegExp) => page.getByRole('status').filter({ hasText: text }).waitFor()

  it('shows everybody page after page, drawing no more than is seen', async () => {
    await list().getByRole('link').first().waitFor()
    await look(page, 'people')
    // As somebody does who pulls the bar to the end, again and again: all of them, the desk and the first administrator.
    const posOfLast = async () => Number(await list().getByRole('listitem').last().getAttribute('aria-posinset'))
    for (let pulls = 0; pulls < 200 && (await posOfLast()) < COUNT + 2; pulls++) {
      await page.evaluate('window.scrollTo(0, document.body.scrollHeight)')
      await page.waitForTimeout(50)
    }
    assert.equal(await posOfLast(), COUNT + 2)
    assert.ok((await list().getByRole('link').count()) < 60)
    assert.match((await list().getByRole('link').last().textContent()) ?? '', /root@example\.org/)
  })

  it('finds whom one types, and filters by chips', async () => {
    await find('hanna.1')
    await page
      .getByRole('status')
      .filter({ hasText: 'more follow|found' })
      .waitFor()
      .catch(() => {})
    await list().getByRole('link').filter({ hasText: 'hanna.1007@mail.test' }).waitFor()
    await page.getByLabel('Search', { exact: true }).fill('Dora Person 15')
    await status(/^11 people found/)
    await page.getByText('Suspended', { exact: true }).first().click()
    await status(/^1 person found/)
    assert.match((await list().textContent()) ?? '', /dora\.1503@mail\.test/)
    await page.getByLabel('Search', { exact: true }).fill('nobody at all')
    await page.getByText('Nobody fits').waitFor()
    await look(page, 'people-nobody')
    await page.getByRole('button', { name: 'Show everybody' }).click()
    await list().getByRole('link').filter({ hasText: 'ada.0@mail.test' }).waitFor()
  })

  it('makes an account with a first password that is shown once', async () => {
    await page.getByRole('button', { name: 'Add a person' }).click()
    await dialog().getByLabel('Mail address').fill('ada.0@mail.test')
    await dialog().getByRole('button', { name: 'Add', exact: true }).click()
    await dialog()
      .getByRole('alert')
      .filter({ hasText: 'already' })
      .waitFor()
      .catch(() => {})
    await dialog().getByLabel('Mail address').fill('newcomer@house.test')
    await dialog().getByLabel('Name (optional)').fill('New Comer')
    await look(page, 'people-create')
    await dialog().getByRole('button', { name: 'Add', exact: true }).click()
    const password = (await dialog().getByLabel('First password', { exact: true }).textContent()) ?? ''
    assert.match(password, /^[\w]{4}(-[\w]{4}){3}$/)
    await look(page, 'people-created')
    await signIn(house, 'newcomer@house.test', password)
    assert.equal((await findByAddress(house.ctx, 'newcomer@house.test'))!.must_change_password, 1)
    await dialog().getByRole('link', { name: 'Show the account' }).click()
    await page.getByRole('heading', { level: 1, name: 'New Comer' }).waitFor()
  })

  it('suspends somebody, and takes it back', async () => {
    const { email, id } = await makeAccount(house, { name: 'Gus Suspended' })
    const person = await signIn(house, email)
    await open(email)
    await look(page, 'person')
    await page.getByRole('button', { name: 'Suspend', exact: true }).click()
    await dialog().getByText('Every session ends at once').waitFor()
    await look(page, 'person-suspend')
    await dialog().getByRole('button', { name: 'Suspend' }).click()
    await status(/is suspended/)
    assert.equal((await person.call('GET', '/account/info')).status, 401)
    assert.equal((await findByAddress(house.ctx, email))!.suspended, 1)
    await page.getByRole('button', { name: 'Undo' }).click()
    await status(/is released/)
    await signIn(house, email)
    const by = await house.ctx.db
      .selectFrom('audit')
      .select('actor_id')
      .where('account_id', '=', id)
      .where('event', '=', 'account.released')
      .executeTakeFirstOrThrow()
    assert.equal(by.actor_id, (await findByAddress(house.ctx, 'desk@house.test'))!.id)
  })

  it('resets second factors after the password was asked for, and signs out everywhere', async () => {
    const { account } = await makeTwoStepAccount(house)
    await open(account.email)
    await page.getByRole('button', { name: 'Reset second factors' }).click()
    await dialog().getByText('10 recovery codes').waitFor()
    await look(page, 'person-reset')
    await dialog().getByRole('button', { name: 'Reset second factors' }).click()
    await look(page, 'person-elevation')
    await confirmPassword()
    await status(/second factors are gone/)
    const { call, step } = await signIn(house, account.email)
    assert.equal(step, null)
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await dialog().getByRole('button', { name: 'Sign out everywhere' }).click()
    await status(/1 session ended/)
    assert.equal((await call('GET', '/account/info')).status, 401)
  })

  it('lets somebody in again, and gives and takes addresses and rules', async () => {
    const { email, id } = await makeAccount(house)
    for (let n = 0; n < 6; n++)
      await plain(house, 'POST', '/login/cookie', { json: { username: email, password: 'Wrong-Password-1' } })
    await open(email)
    await page.getByRole('button', { name: 'Let in again' }).click()
    await status(/tries are forgotten/)
    await signIn(house, email)
    await page.getByLabel('Another address').fill('second@house.test')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await confirmPassword()
    await status(/second@house.test is an address/)
    assert.equal((await findByAddress(house.ctx, 'second@house.test'))!.id, id)
    await page.getByRole('button', { name: 'Change: Second step at sign-in' }).click()
    await dialog().getByRole('combobox').selectOption('mandatory')
    await look(page, 'person-policy')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await page.getByText('said for this account').waitFor()
    assert.equal((await signIn(house, email)).step, 'mandatory')
  })

  it('walks by keyboard alone, at the width of a phone, in German', async () => {
    const german = await signedIn('desk@house.test', { language: 'de', width: 'narrow' })
    await german.getByLabel('Suchen', { exact: true }).focus()
    await german.keyboard.type('Fay Person 25')
    const rows = german.getByRole('list', { name: 'Personen' }).getByRole('link')
    await rows.filter({ hasText: 'fay.25@mail.test' }).waitFor()
    await look(german, 'people-de')
    await rows.first().focus()
    const second = await rows.nth(1).textContent()
    await german.keyboard.press('ArrowDown')
    assert.equal(await german.evaluate('document.activeElement.textContent'), second)
    await german.keyboard.press('Home')
    await german.keyboard.press('Enter')
    await german.getByRole('heading', { name: 'Stand' }).waitFor()
    await german.getByRole('button', { name: 'Sperren' }).focus()
    await german.keyboard.press('Enter')
    await german.getByRole('dialog').getByText('Alle Sitzungen enden sofort').waitFor()
    await german.keyboard.press('Escape')
    await german.getByRole('dialog').waitFor({ state: 'hidden' })
    assert.ok(await becomes(german, "document.activeElement.textContent === 'Sperren'"))
    await look(german, 'person-de')
  })

  it('shows guests, and deletes one with all that was his', async () => {
    for (const name of ['carl', 'anna'])
      await invite(house, { inviter: 'desk@house.test', address: `${name}@away.test` })
    await page.goto(`${house.url}/admin/guests`)
    await page.getByRole('link').filter({ hasText: 'carl@away.test' }).waitFor()
    await look(page, 'guests')
    await page.getByLabel('Beginning of an address').fill('carl')
    await page.getByRole('link').filter({ hasText: 'anna@away.test' }).waitFor({ state: 'hidden' })
    await page.getByRole('link').filter({ hasText: 'carl@away.test' }).click()
    await page.getByRole('heading', { level: 1, name: 'carl@away.test' }).waitFor()
    await look(page, 'guest')
    await page.getByRole('button', { name: 'Delete the guest' }).click()
    await dialog().getByText('1 mail that is kept here').waitFor()
    await dialog().getByRole('button', { name: 'Delete the guest' }).click()
    await confirmPassword()
    await page.getByRole('heading', { level: 1, name: 'Guests' }).waitFor()
    await page.getByRole('link').filter({ hasText: 'anna@away.test' }).waitFor()
    assert.equal(await page.getByRole('link').filter({ hasText: 'carl@away.test' }).count(), 0)
    const left = await house.ctx.db.selectFrom('guest').select('address').execute()
    assert.deepEqual(
      left.map(({ address }) => address),
      ['anna@away.test'],
    )
  })
})
