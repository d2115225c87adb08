import { type Browser, chromium } from 'playwright-core'
import { launching } from '../test/browser/chromium-file.ts'
import { type BenchHouse, program } from './house.ts'
import { median } from './load.ts'

type Report = (what: string, ratio: number, target: string, holds: boolean, beside: string) => void

const ROUNDS = 7
const SECOND = 1000
// "Good" begins at 0.1 in what browsers measure (web.dev, Cumulative Layout Shift); nothing here need move at all.
const SHIFT = 0.01

interface Painted {
  /** milliseconds from the navigation on */
  paint: number
  /** how much of the window moved without being asked to */
  shift: number
}

const measure = `new Promise((resolve) => {
  let shift = 0
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) shift += one.value
  }).observe({ type: 'layout-shift', buffered: true })
  setTimeout(() => {
    const [first] = performance.getEntriesByName('first-contentful-paint')
    resolve({ paint: first.startTime, shift })
  }, 500)
})`

/** Opens a page in a profile that has never seen this server. */
async function paintOf(browser: Browser, url: string): Promise<Painted> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  try {
    const page = await context.newPage()
    await page.goto(url, { waitUntil: 'networkidle' })
    return (await page.evaluate(measure)) as Painted
  } finally {
    await context.close()
  }
}

/** How soon the console shows something on a fresh profile, beside a bare page of one sentence, and whether it jumps. */
export async function benchConsole(house: BenchHouse, report: Report): Promise<void> {
  const how = await launching()
  if (!how) {
    console.log('the console: no Chromium for this kind of machine, left out')
    return
  }
  console.log('the console on a fresh profile, beside a bare page')
  const html = JSON.stringify({ 'content-type': 'text/html' })
  const bare = program('./bare-http.ts', ['<!doctype html><html lang="en"><title>x</title><p>x', html])
  const bareUrl = (await bare.line).replace('ready at ', '')
  const browser = await chromium.launch(how)
  const [own, least]: [Painted[], Painted[]] = [[], []]
  try {
    for (let round = 0; round < ROUNDS; round++) {
      least.push(await paintOf(browser, bareUrl))
      own.push(await paintOf(browser, `${house.server.url}/sign-in`))
    }
  } finally {
    await browser.close()
    bare.end()
  }
  const [a, b] = [own, least].map((some) => median(some.map(({ paint }) => paint))) as [number, number]
  const shift = Math.max(...own.map((one) => one.shift))
  report(
    'first paint of the sign-in',
    a / b,
    'below 1 s',
    a < SECOND,
    `${Math.round(a)} ms against ${Math.round(b)} ms`,
  )
  report('layout shift of it', shift, `≤ ${SHIFT}`, shift <= SHIFT, `${ROUNDS} profiles, the worst`)
}
