import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { launching } from './chromium-file.ts'

/** The widths that people have, at the least and at the most. */
export const widths = { narrow: { width: 360, height: 740 }, wide: { width: 1600, height: 900 } } as const
export type Width = keyof typeof widths

export interface Browser {
  /** A page in a profile of its own: nobody is signed in there. */
  page(options?: { width?: Width; language?: 'en' | 'de'; scheme?: 'light' | 'dark' }): Promise<Page>
  close(): Promise<void>
}

const how = await launching()

/** Why the tests of this file are skipped; false where there is a browser. */
export const skip = how === null ? 'no Chromium for this kind of machine: set CHATELAINE_TEST_CHROMIUM' : false

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What the pages of a profile complained of: scripts that failed, and what the content security policy refused. */
const complaints = new WeakMap<BrowserContext, string[]>()

function listen(context: BrowserContext): void {
  const heard: string[] = []
  complaints.set(context, heard)
  context.on('weberror', (error) => heard.push(`fault: ${error.error().stack ?? error.error().message}`))
  context.on('console', (message) => {
    const text = message.text()
    // A refusal of the server is what many of these tests are about; browsers write it down as an error.
    if (message.type() === 'error' && !/^Failed to load resource/.test(text)) heard.push(`console: ${text}`)
  })
}

/** A real Chromium. Pages give up after ten seconds. */
export async function openBrowser(): Promise<Browser> {
  assert.ok(how, 'no Chromium')
  const browser = await chromium.launch(how)
  return {
    async page({ width = 'wide', language = 'en', scheme = 'light' } = {}) {
      const context = await browser.newContext({
        viewport: widths[width],
        locale: language,
        colorScheme: scheme,
        reducedMotion: 'reduce',
        permissions: ['clipboard-read', 'clipboard-write'],
      })
      context.setDefaultTimeout(10_000)
      listen(context)
      return context.newPage()
    },
    close: () => browser.close(),
  }
}

const rules = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}

interface Violation {
  id: string
  nodes: { html: string; failureSummary: string }[]
}

/**
 * Waits until an expression holds in a page; false when it never does. The browser's own way to wait asks the page to
 * evaluate a text, which its policy forbids.
 */
export async function becomes(page: Page, expression: string, within = 10_000): Promise<boolean> {
  for (const end = Date.now() + within; Date.now() < end; ) {
    if (await page.evaluate(expression)) return true
    await page.waitForTimeout(50)
  }
  return false
}

// A dialog has the name of its title a moment after it is there; on a busy machine axe would come in between.
const NAMED = `[...document.querySelectorAll('[role=dialog]')].every(
  (dialog) => dialog.hasAttribute('aria-labelledby') || dialog.hasAttribute('aria-label'))`

/** Asserts that a page, as it is now, keeps WCAG 2.2 AA as far as axe can tell, and that nothing in it has failed. */
export async function judge(page: Page): Promise<void> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe)
  // One that never gets a name is axe's to tell.
  await becomes(page, NAMED, 2000)
  // As text: what runs in the page has other globals than what is here.
  const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(rules)})`)) as { violations: Violation[] }
  const faults = violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html, failureSummary }) => ({ html: html.slice(0, 300), failureSummary })),
  }))
  assert.deepEqual(faults, [], `axe at ${page.url()}`)
  const [scrollWidth, width] = (await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )) as [number, number]
  assert.ok(scrollWidth <= width, `${page.url()} is ${scrollWidth} wide in a window of ${width}`)
  assert.deepEqual(complaints.get(page.context()), [])
}

/**
 * Judges a page at both widths, in light and dark, and keeps a picture of each where CHATELAINE_SCREENSHOTS names a
 * folder. The page is as it was afterwards.
 */
export async function look(page: Page, name: string): Promise<void> {
  const { CHATELAINE_SCREENSHOTS: folder } = process.env
  const before = page.viewportSize()!
  const looks = [
    ['wide', 'light'],
    ['narrow', 'dark'],
    ...(folder
      ? ([
          ['narrow', 'light'],
          ['wide', 'dark'],
        ] as const)
      : []),
  ] as const
  for (const [width, colorScheme] of looks) {
    await page.setViewportSize(widths[width])
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await judge(page)
    if (!folder) continue
    mkdirSync(folder, { recursive: true })
    await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true })
  }
  await page.setViewportSize(before)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
}
