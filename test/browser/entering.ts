import type { Page } from 'playwright-core'
import type { House } from '#src/testing.ts'
import { PASSWORD } from '../conformance/mailbox/client.ts'

interface Entering {
  email: string
  password?: string
  /** where to, once in */
  place: string
}

/** Signs in as people do who have no second step, in any language, and ends at a place of the console. */
export async function enter(
  page: Page,
  { url }: Pick<House, 'url'>,
  { email, password = PASSWORD, place }: Entering,
): Promise<void> {
  await page.goto(`${url}/sign-in?to=${encodeURIComponent(place)}`)
  await page.locator('input[autocomplete^=username]').fill(email)
  await page.locator('input[autocomplete=current-password]').fill(password)
  await page.keyboard.press('Enter')
  await page.waitForURL(url + place)
  await page.getByRole('heading', { level: 1 }).waitFor()
}

/** Answers the dialogue that asks for the password once more. */
export async function confirmPassword(page: Page, password = PASSWORD): Promise<void> {
  const dialog = page.getByRole('dialog', { name: /Is it you|Sind Sie es/ })
  await dialog.locator('input[type=password]').fill(password)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
}

/** From now on the browser of a page has a device that makes passkeys, and shows them without being asked twice. */
export async function addPasskeyDevice(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}
