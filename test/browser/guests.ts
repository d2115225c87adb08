import type { Page } from 'playwright-core'
import type { House } from '../../src/testing.ts'
import { mailOf, type Person, withPassword } from '../conformance/mail/people.ts'

export const GUEST_PASSWORD = 'purple kettle on the roof'

/** The next mail to an address that says something, as people read it. */
export async function mailSaying(house: House, address: string, words: RegExp): Promise<string> {
  for (;;) {
    const { text } = await house.inbox.next(address)
    if (words.test(text)) return text
  }
}

/** The link in the next mail to an address that has one to `/guest`, as the browser of this test reaches it. */
export async function linkFor(house: House, address: string): Promise<string> {
  const text = await mailSaying(house, address, /\/guest\?/)
  return house.url + /\/guest\?(item|reset)=[\w-]+/.exec(text)![0]
}

interface Writing {
  to: string
  subject: string
  body?: string
  type?: string
  /** of the call */
  query?: string
}

/** Somebody writes to people without a key; answers the PIN of the first, where there is one. */
export async function write(
  by: Person,
  { to, subject, body = 'At noon.', type = 'text/plain; charset=utf-8', query = 'sign=true' }: Writing,
): Promise<string> {
  const mail = mailOf({ From: by.email, To: to, Subject: subject, 'Content-Type': type }, body)
  const { status, text, json } = await by.post(`/mail/send?${query}`, mail, withPassword())
  if (status !== 200) throw new Error(text)
  return json.recipients[0].pin
}

/** Fills in where a guest chooses his first password, and sends it. */
export async function chooseFirst(page: Page, { address, pin }: { address: string; pin?: string }): Promise<void> {
  await page.getByLabel('Your mail address').fill(address)
  if (pin !== undefined) await page.getByLabel('PIN').fill(pin)
  await page.getByLabel('New password').fill(GUEST_PASSWORD)
  await page.getByLabel('The same again').fill(GUEST_PASSWORD)
  await page.getByRole('button', { name: 'Choose and read' }).click()
}

/** The link and the first password, which come in two mails, in either order. */
export async function linkAndPassword(house: House, address: string): Promise<{ link: string; password: string }> {
  const texts = [await house.inbox.next(address), await house.inbox.next(address)].map(({ text }) => text).join('\n')
  const [path] = /\/guest\?item=[\w-]+/.exec(texts) ?? []
  const [password] = /^[0-9a-z]{16}$/m.exec(texts) ?? []
  if (!path || !password) throw new Error(texts)
  return { link: house.url + path, password }
}
