import type { Page } from 'playwright-core'
import type { Role } from '#src/domain/accounts/accounts.ts'
import type { House } from '#src/testing.ts'
import { makeAccount, PASSWORD } from '../conformance/mailbox/client.ts'

/** Signs somebody of a role in, in the browser, and goes to a place of the administration. */
export async function enterAs(house: House, page: Page, role: Role, path: string): Promise<{ email: string }> {
  const { email } = await makeAccount(house, { role })
  await page.goto(`${house.url}/sign-in?to=${encodeURIComponent(path)}`)
  // In whichever language the page comes to speak: right after it has loaded it may not say yet.
  await page.getByLabel(/^(User name or mail address|Benutzername oder Mailadresse)/).fill(email)
  await page.getByLabel(/^(Password|Passwort)$/).fill(PASSWORD)
  await page.getByRole('button', { name: /^(Sign in|Anmelden)$/ }).click()
  await page.waitForURL(`${house.url}${path}`)
  return { email }
}

/** Answers the question for the password that comes before what could weaken the house. */
export async function confirmPassword(page: Page): Promise<void> {
  const dialogue = page.getByRole('dialog', { name: 'Is it you?' })
  await dialogue.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await dialogue.getByRole('button', { name: 'Confirm' }).click()
}
