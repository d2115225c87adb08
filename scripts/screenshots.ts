import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { type Evening, liveDay } from '../demo/day.ts'
import { startProcess } from '../demo/server-process.ts'
import { launching } from '../test/browser/chromium-file.ts'

/** Takes the pictures of the docs from the running demonstration. */
const pictures = fileURLToPath(new URL('../docs/console/pictures', import.meta.url))

const profileOf = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext({
    viewport: { width: 1200, height: 760 },
    locale: 'en',
    colorScheme: 'light',
    reducedMotion: 'reduce',
  })

/** Waits until nothing loads any more, and keeps what is in the window. */
async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.mouse.move(0, 0)
  await page.screenshot({ path: join(pictures, `${name}.png`) })
  console.log(`  ${name}.png`)
}

async function signIn(page: Page, url: string, who: { address: string; password: string }): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('User name or mail address').fill(who.address)
  await page.getByLabel('Password', { exact: true }).fill(who.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((to) => to.pathname !== '/sign-in')
}

/** Signs a browser in by a session that is open already. */
async function enter(context: BrowserContext, url: string, headers: Record<string, string>): Promise<void> {
  const kept = await fetch(`${url}/api/v1/session`, { method: 'PUT', headers })
  const cookies = [
    ...(headers.Cookie ?? '').split('; '),
    ...kept.headers.getSetCookie().map((one) => one.split(';')[0]!),
  ]
  await context.addCookies(
    cookies.map((one) => {
      const at = one.indexOf('=')
      return { name: one.slice(0, at), value: one.slice(at + 1), url }
    }),
  )
}

async function lookAsStranger(browser: Browser, { url }: Evening): Promise<void> {
  const page = await (await profileOf(browser)).newPage()
  await page.goto(`${url}/sign-in`)
  await take(page, 'sign-in')
  await page.goto(`${url}/forgotten`)
  await take(page, 'forgotten')
}

async function lookAsAnn(browser: Browser, { url, ann, ben }: Evening): Promise<void> {
  const context = await profileOf(browser)
  await enter(context, url, ann.headers)
  const page = await context.newPage()
  await page.goto(`${url}/my/security`)
  await take(page, 'security')
  await page.goto(`${url}/my/keys`)
  await take(page, 'keys')
  await page.goto(`${url}/my/correspondents`)
  await take(page, 'correspondents')
  await page.goto(`${url}/my/mail`)
  await take(page, 'mail')
  await page.goto(`${url}/my/mail/write`)
  await page.getByLabel('To', { exact: true }).fill(`${ben.address}, ida@elsewhere.test`)
  await page.keyboard.press('Enter')
  await page.getByText('Becomes a guest', { exact: true }).waitFor()
  await page.getByLabel('Subject').fill('The mill')
  await page
    .getByRole('textbox', { name: 'Message', exact: true })
    .fill('Dear both,\n\nthe mill has a table for twelve.\n\nAnn')
  await take(page, 'mail-write')
}

/** Ann writes to somebody who has never been here; the link out of the mail that tells her of it. */
async function inviteStranger({ url, office, ann }: Evening): Promise<string> {
  const stranger = 'ida@elsewhere.test'
  const sent = await fetch(`${url}/api/v1/mail/send?sign=false&pin=true`, {
    method: 'POST',
    headers: { ...ann.headers, 'Content-Type': 'message/rfc822' },
    body: `From: Ann <${ann.address}>\r\nTo: Ida <${stranger}>\r\nSubject: The mill\r\n\r\nCome on Sunday.\r\n`,
  })
  if (!sent.ok) throw new Error(await sent.text())
  const raw = (await office.collect(stranger)).toString()
  return `${url}/guest?item=${/^X-OxGuard-ID: (\S+)/m.exec(raw)![1]}`
}

async function lookAsGuest(browser: Browser, evening: Evening): Promise<void> {
  const page = await (await profileOf(browser)).newPage()
  await page.goto(await inviteStranger(evening))
  await take(page, 'guest')
}

async function lookAsAdministrator(browser: Browser, { url, administrator }: Evening): Promise<void> {
  const page = await (await profileOf(browser)).newPage()
  await signIn(page, url, administrator)
  await page.goto(`${url}/admin`)
  await take(page, 'house')
  await page.goto(`${url}/admin/people`)
  await take(page, 'administration')
}

/** The first minutes of another house, which nobody has signed in to. */
async function lookAtFirstStart(browser: Browser): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-first-start-'))
  const first = { address: 'root@localhost', password: 'Printed-Password-1' }
  const server = await startProcess({
    CHATELAINE_LISTEN: '127.0.0.1:0',
    CHATELAINE_DATA: folder,
    CHATELAINE_ROOT_PASSWORD: first.password,
  })
  try {
    const page = await (await profileOf(browser)).newPage()
    await signIn(page, server.url, first)
    const fields = page.locator('input[autocomplete="new-password"]')
    await fields.first().waitFor()
    for (const field of await fields.all()) await field.fill('Four-Wild-Geese-5')
    await page.locator('button[type=submit]').click()
    await page.waitForURL((to) => to.pathname === '/sign-in/protect')
    await page.getByRole('button', { name: /Authenticator app/ }).click()
    await page.locator('img[src^="blob:"], img[src^="data:"]').first().waitFor()
    await take(page, 'first-start')
  } finally {
    await server.end('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function look(evening: Evening): Promise<void> {
  const how = await launching()
  if (!how) throw new Error('no Chromium for this kind of machine: set CHATELAINE_TEST_CHROMIUM')
  mkdirSync(pictures, { recursive: true })
  const browser = await chromium.launch(how)
  try {
    await lookAsStranger(browser, evening)
    await lookAsAnn(browser, evening)
    await lookAsGuest(browser, evening)
    await lookAsAdministrator(browser, evening)
    await lookAtFirstStart(browser)
  } finally {
    await browser.close()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'chatelaine-screenshots-'))
try {
  await liveDay(folder, look)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
