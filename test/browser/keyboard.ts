import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

const AT_MOST = 60

const focused = `(() => {
  const at = document.activeElement
  return at?.getAttribute('aria-label') || at?.labels?.[0]?.textContent || at?.textContent || ''
})()`

/** Presses Tab until the focus is on what is called so; how often, is not what a test is about. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let pressed = 0; pressed < AT_MOST; pressed++) {
    if (name.test(String(await page.evaluate(focused)))) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`no way to ${name} by keyboard`)
}
