import type { Page } from 'playwright-core'
import type { Role } from '#src/domain/accounts/accounts.ts'
import type { House } from '#src/testing.ts'
import { makeAccount } from '../conformance/mailbox/client.ts'
import { enter } from './entering.ts'

/** Signs somebody of a role in, in the browser, and goes to a place of the administration. */
export async function enterAs(house: House, page: Page, role: Role, place: string): Promise<{ email: string }> {
  const { email } = await makeAccount(house, { role })
  await enter(page, house, { email, place })
  return { email }
}
