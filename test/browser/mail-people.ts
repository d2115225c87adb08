import type { Page } from 'playwright-core'
import { currentCertificate } from '#src/domain/keys/keys.ts'
import type { House } from '#src/testing.ts'
import { type Person, person } from '../conformance/mail/people.ts'

/** An account with a key, that programs use beside the browser. */
export interface MailPerson extends Person {
  certificate: Uint8Array
}

export async function mailPerson(house: House, name: string): Promise<MailPerson> {
  const made = await person(house, name)
  const { certificate } = (await currentCertificate(house.ctx, made.email))!
  return { ...made, certificate }
}

/** What a page asks of anybody but the house. */
export function strangersAsked(page: Page, house: House): string[] {
  const asked: string[] = []
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(house.url) && !/^(data|blob|about):/.test(url)) asked.push(url)
  })
  return asked
}
