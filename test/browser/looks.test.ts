import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Page } from 'playwright-core'
import { type Browser, judge, openBrowser, skip } from './browser.ts'
import { enterBy, type Furnished, furnish } from './furnished.ts'
import { tabTo } from './keyboard.ts'

/** A window of 1280 px at 400 % (WCAG 1.4.10). */
const MAGNIFIED = { width: 320, height: 640 }
const SHIFT = 0.01

const open = ['/sign-in', '/forgotten', '/forgotten/name', '/forgotten/password/who', '/guest', '/guest/forgotten']
const own = [
  ...['', '/password', '/second-step', '/passkeys', '/app-passwords', '/sessions', '/activity'].map(
    (path) => `/my/security${path}`,
  ),
  ...['/my/keys', '/my/keys/new', '/my/keys/bring', '/my/keys/settings', '/my/correspondents'],
  ...['/my/mail', '/my/mail/write', '/my/mail/files'],
]
const administration = ['/admin', '/admin/outbox', '/admin/record', '/admin/services', '/admin/system']

/** What of a page, as it is now, somebody could not reach, tell apart or hit. */
const measured = `(() => {
  const { clientWidth, scrollWidth, lang } = document.documentElement
  const small = [...document.querySelectorAll('button, [role=button], a[href]')]
    .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== 'inline')
    .filter((one) => {
      const { width, height, left } = one.getBoundingClientRect()
      return left >= 0 && width > 0 && (width < 24 || height < 24)
    })
    .map((one) => one.outerHTML.slice(0, 120))
  // Tables of figures may be wider than the window, where the keyboard can move them (WCAG 1.4.10).
  const isTable = (one) => one.matches('[role=region][tabindex="0"][aria-label]') && one.querySelector('table')
  const cut = [...document.querySelectorAll('main *')]
    .filter((one) => !one.closest('pre, table, textarea') && !isTable(one) && one.checkVisibility())
    .filter((one) => ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 120))
  return { title: document.title, lang, headings: document.querySelectorAll('h1').length, over: scrollWidth - clientWidth, small, cut }
})()`

interface Measured {
  title: string
  lang: string
  headings: number
  over: number
  small: string[]
  cut: string[]
}

const shifted = `new Promise((resolve) => {
  let shift = 0
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) shift += one.value
  }).observe({ type: 'layout-shift', buffered: true })
  setTimeout(() => resolve(shift), 100)
})`

const focused = `(document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '').trim()`

describe('the looks of the console, in a browser', { skip }, () => {
  let furnished: Furnished
  let browser: Browser
  before(async () => {
    furnished = await furnish()
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await furnished?.close()
  })

  /** A page of somebody, or of nobody, with where to find the house. */
  async function pageOf(who: 'ann' | 'root' | null, options?: Parameters<Browser['page']>[0]): Promise<Page> {
    const page = await browser.page(options)
    if (who) await enterBy(page.context(), furnished.house, furnished[who])
    return page
  }
  const settled = async (page: Page, path: string) => {
    await page.goto(furnished.house.url + path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' })
  }

  for (const language of ['en', 'de'] as const)
    it(`has every place whole at 400 %, without a jump, under a title of its own (${language})`, async () => {
      const titles: string[] = []
      const faults: unknown[] = []
      const visit = async (who: 'ann' | 'root' | null, places: readonly string[]) => {
        const page = await pageOf(who, { language, width: 'narrow' })
        await page.setViewportSize(MAGNIFIED)
        for (const place of places) {
          await settled(page, place)
          const { title, ...found } = (await page.evaluate(measured)) as Measured
          titles.push(title)
          const jumps = Number(await page.evaluate(shifted)) > SHIFT
          const fine = { lang: language, headings: 1, over: 0, small: [], cut: [], jumps: false }
          if (!isDeepStrictEqual({ ...found, jumps }, fine)) faults.push({ place, ...found, jumps })
        }
        await page.context().close()
      }
      await Promise.all([visit(null, open), visit('ann', own), visit('root', administration)])
      assert.deepEqual(faults, [])
      assert.deepEqual(titles, [...new Set(titles)])
    })

  it('leads from the first link to the content, and stays on the page', async () => {
    const page = await pageOf('ann')
    await settled(page, '/my/security/sessions')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(focused), 'Skip to the content')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate('document.activeElement.id'), 'content')
    assert.equal(new URL(page.url()).pathname, '/my/security/sessions')
  })

  it('begins a dialogue at its first field or the harmless button, and goes back to where it was asked for', async () => {
    const page = await pageOf('ann', { width: 'narrow' })
    for (const [place, asking, first] of [
      ['/my/security/sessions', 'End all others', 'Cancel'],
      ['/my/security/second-step', /^Rename/, ''],
      ['/my/security/second-step', 'Turn it off', ''],
      ['/my/keys', /^Renew/, ''],
    ] as const) {
      await settled(page, place)
      const button = page.getByRole('button', { name: asking })
      await button.click()
      await page.getByRole('dialog').waitFor()
      await page.locator('[role=dialog] input:focus, [role=dialog] [data-autofocus]:focus').waitFor()
      if (first) assert.equal(await page.evaluate(focused), first)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      assert.ok(await button.evaluate((one) => one.matches(':focus')), `${asking} has no focus again`)
    }
    const operator = await pageOf('root')
    await settled(operator, '/admin/services')
    await operator.getByRole('button', { name: 'Set a secret' }).click()
    await operator.getByRole('dialog').waitFor()
    await operator.keyboard.press('Escape')
    await operator.getByRole('dialog').waitFor({ state: 'detached' })
    assert.equal(await operator.evaluate(focused), 'Set a secret')
  })

  it('does not move what is behind a dialogue', async () => {
    const page = await pageOf('ann')
    await settled(page, '/my/security/sessions')
    const boxes = () => Promise.all(['header', 'main', 'h1'].map((one) => page.locator(one).first().boundingBox()))
    const before = await boxes()
    assert.equal(before[0]!.width, await page.evaluate('document.documentElement.clientWidth'))
    await page.getByRole('button', { name: 'End all others' }).click()
    await page.getByRole('dialog').waitFor()
    assert.deepEqual(await boxes(), before)
  })

  it('shows a password by keyboard, and says longer waits in minutes', async () => {
    const page = await pageOf(null)
    await settled(page, '/sign-in')
    await page.getByLabel('User name or mail address').fill('new@example.org')
    await page.getByLabel('Password', { exact: true }).fill('Wrong-Password-1')
    await tabTo(page, /^Show the password$/)
    await page.keyboard.press('Enter')
    assert.equal(await page.getByLabel('Password', { exact: true }).getAttribute('type'), 'text')
    await page.getByRole('button', { name: 'Show the password', pressed: true }).waitFor()
    await page.route('**/login/cookie*', (route) =>
      route.fulfill({ status: 503, headers: { 'Retry-After': '590' }, json: { errorCode: 'SERVER_BUSY' } }),
    )
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    assert.match((await page.getByRole('alert').textContent())!, /Try again in 10 minutes\.$/)
  })

  it('keeps its states where the system chooses the colours', async () => {
    const page = await pageOf('ann')
    await page.emulateMedia({ forcedColors: 'active' })
    await settled(page, '/my/mail/files')
    const border = (selector: string) =>
      page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).borderTopWidth`)
    assert.equal(await border('[aria-current=page]'), '2px')
    assert.equal(await border('.mantine-SegmentedControl-indicator'), '2px')
    await settled(page, '/my/security/password')
    await page.getByLabel('Current password').focus()
    const ring = `getComputedStyle(document.activeElement).outlineStyle`
    assert.equal(await page.evaluate(ring), 'solid')
    await judge(page)
  })
})
