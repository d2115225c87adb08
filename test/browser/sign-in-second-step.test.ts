import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { accountScope, changePolicy } from '../../src/domain/policy/policy.ts'
import { type House, startHouse } from '../../src/testing.ts'
import { addMail, codeOf, makeAccount, makeTwoStepAccount, PASSWORD, plain } from '../conformance/mailbox/client.ts'
import { type Browser, look, openBrowser, skip } from './browser.ts'
import { addPasskeyDevice } from './entering.ts'

describe('the second step and what else is due, in a browser', { skip }, () => {
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

  const fill = async (page: Page, email: string) => {
    await page.getByLabel('User name or mail address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  const signIn = async (page: Page, email: string) => {
    await page.goto(house.url)
    await fill(page, email)
  }
  const stepOf = async (email: string) => {
    const json = { username: email, password: PASSWORD }
    return (await plain(house, 'POST', '/login/cookie', { json })).headers.get('x-axigen-2fa')
  }

  it('takes a code that is sent, counts down to the next one, and trusts the browser from then on', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    const target = `step-${account.email}`
    await addMail(house, client.secure, target)
    const page = await browser.page()
    await signIn(page, account.email)
    await page.getByRole('heading', { name: 'Second step' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Use a passkey' }).count(), 0, 'there is none')
    await page.getByLabel(/^Mail to ste\*/).check()
    house.clock.turn(60_000)
    await page.getByRole('button', { name: 'Send a code' }).click()
    assert.ok(await page.getByRole('button', { name: /Another code in \d+ seconds?/ }).isDisabled())
    const code = await house.inbox.code(target)
    await look(page, 'second-step')
    const field = page.getByRole('textbox', { name: 'Code' })
    await field.fill('000000')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    assert.equal(await field.inputValue(), '')
    // Pasted as mails have it.
    await page.evaluate(`navigator.clipboard.writeText(' ${code.slice(0, 3)} ${code.slice(3)}\\n')`)
    await field.focus()
    await page.keyboard.press('ControlOrMeta+v')
    await page.getByLabel('Trust this browser').check()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/my/security')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await fill(page, account.email)
    await page.waitForURL('**/my/security')
    assert.equal(await stepOf(account.email), 'required', 'other browsers are asked')
  })

  it('can be left, and says so when it took too long or failed too often', async () => {
    const { account, recoveryCodes } = await makeTwoStepAccount(house)
    const page = await browser.page()
    await signIn(page, account.email)
    await page.getByRole('button', { name: /begin again/ }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.equal(new URL(page.url()).search, '')
    await fill(page, account.email)
    await page.getByRole('heading', { name: 'Second step' }).waitFor()
    house.clock.turn(11 * 60_000)
    await page.getByRole('textbox', { name: 'Code' }).fill('123456')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('not finished in time').waitFor()
    await look(page, 'second-step-over')
    await fill(page, account.email)
    const recovery = page.getByRole('radio', { name: 'Recovery code' })
    await recovery.check()
    await page.getByRole('textbox', { name: 'Recovery code' }).fill(recoveryCodes[3]!.replaceAll('-', ' '))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/my/security')
  })

  it('must be set up where the policy wants it: a mail address, with one code', async () => {
    const account = await makeAccount(house)
    const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }
    const changes = { twoStep: 'mandatory' } as const
    await changePolicy(house.ctx, { scope: accountScope(account), changes, actor: 'test', origin })
    const page = await browser.page({ width: 'narrow' })
    await signIn(page, account.email)
    await page.getByRole('heading', { name: 'Set up your second step' }).waitFor()
    assert.equal(new URL(page.url()).pathname, '/sign-in/set-up')
    await look(page, 'set-up')
    await page.getByRole('button', { name: /Mail to another address/ }).click()
    const address = page.getByLabel('Mail address')
    await address.fill(account.email)
    await page.getByRole('button', { name: 'Send a code' }).click()
    await page.getByText('not the one of this account').waitFor()
    const target = `set-up-${account.email}`
    await address.fill(target)
    await page.getByRole('button', { name: 'Send a code' }).click()
    await page.getByText(`A code is on its way to ${target}`).waitFor()
    assert.ok(await page.getByRole('button', { name: /Another code in \d+/ }).isDisabled())
    await look(page, 'set-up-mail')
    await page.getByLabel('Code').fill(await house.inbox.code(target))
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor()
    await page.getByLabel('I have put them in a safe place').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL('**/my/security')
    assert.equal(await stepOf(account.email), 'required')
  })

  it('is a passkey, made on the way in; and that signs in alone', async () => {
    const account = await makeAccount(house)
    const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }
    const changes = { twoStep: 'mandatory' } as const
    await changePolicy(house.ctx, { scope: accountScope(account), changes, actor: 'test', origin })
    const page = await browser.page()
    await addPasskeyDevice(page)
    await page.goto(`http://localhost:${new URL(house.url).port}/`)
    await fill(page, account.email)
    await page.getByRole('button', { name: /^Passkey/ }).click()
    await page.getByLabel(/Name for this passkey/).fill('Laptop')
    await look(page, 'set-up-passkey')
    await page.getByRole('button', { name: 'Make a passkey' }).click()
    await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor()
    await page.getByLabel('I have put them in a safe place').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL('**/my/security')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await fill(page, account.email)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.waitForURL('**/my/security')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.waitForURL('**/my/security')
  })

  it('comes before a new password that is due, and the trust in the browser is kept until then', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    await house.ctx.db.updateTable('account').set({ must_change_password: 1 }).where('id', '=', account.id).execute()
    const page = await browser.page()
    await signIn(page, account.email)
    await page.getByLabel('Trust this browser').check()
    house.clock.turn(30_000)
    await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(house, app.secret))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
    await page.getByText('at least 8 characters').waitFor()
    await page.getByLabel('New password').fill('Seven-Swans-8')
    await page.getByLabel('The same once more').fill('Seven-Swans-8')
    await Promise.all([
      page.waitForResponse(/trusteddevices/),
      page.getByRole('button', { name: 'Save and continue' }).click(),
    ])
    await page.waitForURL('**/my/security')
    const { db } = house.ctx
    const rows = await db.selectFrom('trusted_device').selectAll().where('account_id', '=', account.id).execute()
    assert.equal(rows.length, 1)
  })
})
