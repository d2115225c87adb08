import type { Page } from 'playwright-core'
import type { House } from '../../src/testing.ts'
import { newPerson, PASSWORD, type Person } from '../conformance/guard/person.ts'

/** Signs somebody in at the page of the own keys, in any language. */
export async function signInAs(house: House, page: Page, email: string): Promise<void> {
  await page.goto(`${house.url}/sign-in?to=/my/keys`)
  await page.locator('input[autocomplete^=username]').fill(email)
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD)
  await page.locator('button[type=submit]').click()
  await page.waitForURL((url) => url.pathname === '/my/keys')
}

/** Somebody without a key, signed in in a browser and, apart from that, as a program. */
export async function personIn(house: House, page: Page, email: string): Promise<Person> {
  const person = await newPerson(house, email)
  await signInAs(house, page, email)
  return person
}
