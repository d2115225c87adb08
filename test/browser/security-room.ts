import type { Page } from 'playwright-core'

import { PASSWORD } from '../conformance/mailbox/client.ts'

/** Signs in on the console's page with a password alone, and comes to the security home. */
export async function enter(page: Page, base: string, email: string, password = PASSWORD): Promise<void> {
  await page.goto(`${base}/sign-in?to=/my/security`)
  await page.getByLabel(/User name|Benutzername/).fill(email)
  await page.getByLabel(/^(Password|Passwort)$/).fill(password)
  await page.getByRole('button', { name: /^(Sign in|Anmelden)$/ }).click()
  await page.getByRole('heading', { level: 1, name: /^(Security|Sicherheit)$/ }).waitFor()
}

/** Answers the dialogue that asks for the password once more. */
export async function confirmPassword(page: Page, password = PASSWORD): Promise<void> {
  const dialog = page.getByRole('dialog', { name: /Is it you|Sind Sie es/ })
  await dialog.getByLabel(/^(Password|Passwort)$/).fill(password)
  await dialog.getByRole('button', { name: /^(Confirm|Bestätigen)$/ }).click()
  await dialog.waitFor({ state: 'detached' })
}
