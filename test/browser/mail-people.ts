import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { createAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { createRing, currentCertificate } from '#src/domain/keys/keys.ts'
import type { House, Reply } from '#src/testing.ts'

export const PASSWORD = 'Correct-Horse-9'
export const KEY_PASSWORD = 'Schlüssel: 100% & „more“'

const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }

export interface MailPerson {
  email: string
  /** of the key; empty where there is none */
  certificate: Uint8Array
  /** A call of a program of the same person. */
  post(path: string, body: string | Uint8Array | FormData, headers?: Record<string, string>): Promise<Reply>
}

export const withKey = { 'X-Key-Password': encodeURIComponent(KEY_PASSWORD) }

/** An account with a key, unless told otherwise, that programs use beside the browser. */
export async function mailPerson(house: House, name: string, { hasKey = true } = {}): Promise<MailPerson> {
  const email = `${name}@example.org`
  const caller = (await findByAddress(house.ctx, house.rootEmail))!
  const wanted = { email, role: 'subscriber', password: PASSWORD } as const
  const account = await createAccount(house.ctx, { caller, wanted, origin })
  if (hasKey) await createRing(house.ctx, { account, name, password: KEY_PASSWORD, origin })
  const signedIn = await house.call('POST', '/api/v1/login/cookie', { json: { username: email, password: PASSWORD } })
  assert.equal(signedIn.status, 200, signedIn.text)
  const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!
  return {
    email,
    certificate: (await currentCertificate(house.ctx, email))?.certificate ?? new Uint8Array(),
    post: (path, body, headers = {}) =>
      house.call('POST', `/api/v1/mail${path}`, {
        body,
        headers: { Cookie: cookie, 'X-Axigen-Session': signedIn.json.sessid, ...headers },
      }),
  }
}

/** Signs in as people do, and ends at a place of the console. */
export async function enter(page: Page, house: House, email: string, place: string): Promise<void> {
  await page.goto(`${house.url}/sign-in?to=${encodeURIComponent(place)}`)
  await page.locator('input[autocomplete^=username]').fill(email)
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${house.url}${place}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
}

/** A mail with lines that end as they do on the wire. */
export const mailText = (header: Record<string, string>, body: string): string =>
  `${Object.entries(header)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body.replaceAll(/\r?\n/g, '\r\n')}`

/** What a page asks of anybody but the house. */
export function strangersAsked(page: Page, house: House): string[] {
  const asked: string[] = []
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(house.url) && !/^(data|blob|about):/.test(url)) asked.push(url)
  })
  return asked
}
