import type { Page } from 'playwright-core'
import type { Role } from '#src/domain/accounts/accounts.ts'
import type { House } from '#src/testing.ts'
import { makeAccount, PASSWORD } from '../conformance/mailbox/client.ts'

/** Signs somebody of a role in, in the browser, and goes to a place of the administration. */
export async function enterAs(house: House, page: Page, role: Role, path: string): Promise<{ email: string }> {
  const { email } = await makeAccount(house, { role })
  await page.goto(`${house.url}/sign-in?to=${encodeURIComponent(path)}`)
  const [name, password, action] = String(await page.evaluate('document.documentElement.lang')).startsWith('de')
    ? ['Benutzername oder Mailadresse', 'Passwort', 'Anmelden']
    : ['User name or mail address', 'Password', 'Sign in']
  await page.getByLabel(name).fill(email)
  await page.getByLabel(password, { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: action, exact: true }).click()
  await page.waitForURL(`${house.url}${path}`)
  return { email }
}

/** Answers the question for the password that comes before what could weaken the house. */
export async function confirmPassword(page: Page): Promise<void> {
  const dialogue = page.getByRole('dialog', { name: 'Is it you?' })
  await dialogue.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await dialogue.getByRole('button', { name: 'Confirm' }).click()
}
