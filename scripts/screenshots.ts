import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { type Evening, liveDay } from '../demo/day.ts'
import { launching } from '../test/browser/chromium-file.ts'

/** Takes the pictures of the docs from the running demonstration. */
const pictures = fileURLToPath(new URL('../docs/console/pictures', import.meta.url))

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

/** Waits until nothing loads any more, and keeps what is in the window. */
async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: join(pictures, `${name}.png`) })
  console.log(`  ${name}.png`)
}

async function look({ url, ann }: Evening): Promise<void> {
  const how = await launching()
  if (!how) throw new Error('no Chromium for this kind of machine: set CHATELAINE_TEST_CHROMIUM')
  mkdirSync(pictures, { recursive: true })
  const browser = await chromium.launch(how)
  const profile = () =>
    browser.newContext({
      viewport: { width: 1200, height: 760 },
      locale: 'en',
      colorScheme: 'light',
      reducedMotion: 'reduce',
    })
  try {
    const stranger = await (await profile()).newPage()
    await stranger.goto(`${url}/sign-in`)
    await take(stranger, 'sign-in')
    const inside = await profile()
    await enter(inside, url, ann.headers)
    const page = await inside.newPage()
    for (const [name, path] of [
      ['security', '/my/security'],
      ['keys', '/my/keys'],
      ['mail', '/my/mail'],
    ] as const) {
      await page.goto(url + path)
      await take(page, name)
    }
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
