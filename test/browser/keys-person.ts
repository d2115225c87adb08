import type { Page } from 'playwright-core'
import type { House } from '../../src/testing.ts'
import { newPerson, PASSWORD, type Person } from '../conformance/guard/person.ts'

export const SECRET = 'Eine lange Zeile 7'

/** Somebody with an account, signed in in a browser and, apart from that, as a program. */
export async function personIn(house: House, page: Page, email: string): Promise<Person> {
  const person = await newPerson(house, email)
  await page.goto(`${house.url}/sign-in?to=/my/keys`)
  await page.locator('input[autocomplete=username]').fill(email)
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD)
  await page.locator('button[type=submit]').click()
  await page.waitForURL((url) => url.pathname === '/my/keys')
  return person
}
