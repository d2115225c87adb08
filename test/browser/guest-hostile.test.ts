import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Frame, Page } from 'playwright-core'
import { viewOfMail } from '../../src/lib/mime/view.ts'
import { armed, vectors } from '../../src/lib/mime/view-testing.ts'
import { type House, startHouse } from '../../src/testing.ts'
import { newReader, type Reader } from '../conformance/guests/reader.ts'
import { type Person, person, withPassword } from '../conformance/mail/people.ts'
import { type Browser, judge, openBrowser, skip } from './browser.ts'

/** Somebody who counts who asks him, and shows pages that nobody protects. */
interface Elsewhere {
  host: string
  asked: string[]
  pages: Map<string, string>
  server: Server
}

async function openElsewhere(): Promise<Elsewhere> {
  const [asked, pages] = [[] as string[], new Map([['/', 'here']])]
  const server = createServer(({ url = '' }, response) => {
    const page = pages.get(url)
    if (page === undefined && url !== '/favicon.ico') asked.push(url)
    response.writeHead(page === undefined ? 404 : 200, { 'Content-Type': 'text/html; charset=utf-8' })
    response.end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, pages, server }
}

/** A name that turns what stands behind it about, and has an address of its own. */
const DISGUISED = 'Bank\u202e <x@y.example>'

const PROVOKE = `for (const one of document.querySelectorAll('body *')) {
  one.dispatchEvent(new Event('mouseover'))
  one.dispatchEvent(new Event('focus'))
}`

describe('A hostile mail in a real browser', { skip }, () => {
  let house: House
  let browser: Browser
  let page: Page
  let elsewhere: Elsewhere
  let ada: Person
  let ann: Reader
  let hostile: string

  before(async () => {
    elsewhere = await openElsewhere()
    const all = vectors.map((one) => `<div>${armed(one, elsewhere.host)}</div>`)
    hostile = `<h1>Hello</h1>${all.slice(0, -1).join('\n')}<p>the end</p><a href="http://${elsewhere.host}/out">out</a>${all.at(-1)}`
    house = await startHouse({ at: Date.now() })
    ada = await person(house, 'ada')
    ann = await newReader(house, ada, 'ann@stranger.example')
    const name = `=?utf-8?b?${Buffer.from(DISGUISED).toString('base64')}?=`
    const header = {
      From: `${name} <${ada.email}>`,
      To: ann.address,
      Subject: 'Hostile',
      'Content-Type': 'text/html; charset=utf-8',
    }
    const lines = Object.entries(header).map(([name, value]) => `${name}: ${value}\r\n`)
    const mail = Buffer.from(`${lines.join('')}\r\n${hostile.replaceAll('\u0000', '')}`)
    house.clock.turn(1000)
    const sent = await ada.post('/mail/send?sign=true', mail, withPassword())
    assert.equal(sent.status, 200, sent.text)
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await house?.stop()
    elsewhere?.server.close()
  })

  /** Lets what is shown try what it wants. */
  const provoke = async (shown: Page | Frame) => {
    await shown.evaluate(PROVOKE)
    await sleep(300)
  }
  const visit = async (url: string) => {
    await page.goto(url)
    await provoke(page)
  }
  /** A profile in which the guest is signed in. */
  const asAnn = async () => {
    page = await browser.page()
    const [name = '', value = ''] = ann.cookie.split('=')
    await page.context().addCookies([{ name, value, url: house.url, sameSite: 'Strict', httpOnly: true }])
  }

  it('does what it wants where nobody cleans it: the net has no holes', async () => {
    page = await browser.page()
    elsewhere.pages.set(
      '/raw',
      `<!doctype html><title>quiet</title>${armed(vectors.slice(3, 8).join(''), elsewhere.host)}`,
    )
    await visit(`http://${elsewhere.host}/raw`)
    assert.equal(await page.title(), 'ran')
    assert.ok(elsewhere.asked.length > 0)
    elsewhere.asked.length = 0
  })

  it('does nothing once it is cleaned, even on a page without any protection', async () => {
    page = await browser.page()
    const { html } = viewOfMail(Buffer.from(`Content-Type: text/html; charset=utf-8\r\n\r\n${hostile}`))
    elsewhere.pages.set('/clean', `<!doctype html><title>quiet</title>${Buffer.from(html).toString()}`)
    await visit(`http://${elsewhere.host}/clean`)
    assert.equal(await page.title(), 'quiet')
    assert.deepEqual(elsewhere.asked, [])
    const left = page.locator('script,iframe,form,svg,math,object,style,link,meta[http-equiv]')
    assert.equal(await left.count(), 0)
  })

  it('does nothing in the view, nor in the frame of the page around it', async () => {
    await asAnn()
    const [id] = await ann.ids()
    await visit(`${house.url}/api/v1/guest/items/${id}/view`)
    assert.match(String(await page.evaluate('document.body.innerText')), /Hello[\s\S]*the end/)
    assert.equal(await page.title(), 'Hostile')
    assert.equal(await page.evaluate('window.origin'), 'null')

    await asAnn()
    await page.goto(`${house.url}/guest/mail/${id}`)
    await page.frameLocator('iframe').getByRole('heading', { name: 'Hello' }).waitFor()
    await provoke(page.frames()[1]!)
    assert.match(await page.title(), /^Hostile/)
    const frame = page.locator('iframe')
    assert.equal(await frame.getAttribute('sandbox'), 'allow-popups allow-popups-to-escape-sandbox')
    assert.equal(await page.evaluate('document.querySelector("iframe").contentDocument'), null)
    assert.equal(await page.locator('main script, main form form').count(), 0)
    assert.deepEqual(elsewhere.asked, [])
    // The address stands by itself, whatever the name does.
    const from = page.locator('dd').first().locator('bdi')
    assert.deepEqual(await from.allTextContents(), [DISGUISED, `<${ada.email}>`])
    await judge(page)
  })

  it('is opened without signing in again by who follows the link in a web mailer', async () => {
    await asAnn()
    const [id] = await ann.ids()
    elsewhere.pages.set('/mailer', `<a href="${house.url}/guest?item=${id}">read</a>`)
    // Another site than ours, though the same machine.
    await page.goto(`http://localhost:${elsewhere.host.split(':')[1]}/mailer`)
    await page.getByRole('link', { name: 'read' }).click()
    await page.waitForURL(`${house.url}/guest/mail/${id}`)
    await page.getByRole('heading', { level: 1, name: 'Hostile' }).waitFor()
  })

  it('sends nobody where a link leads the address of the page that it was in', async () => {
    await asAnn()
    const [id] = await ann.ids()
    const referrers: (string | undefined)[] = []
    elsewhere.server.on('request', ({ headers }) => referrers.push(headers.referer))
    await page.goto(`${house.url}/guest?item=${id}`)
    const link = page.frameLocator('iframe').getByRole('link', { name: 'out', exact: true })
    const [opened] = await Promise.all([page.context().waitForEvent('page'), link.click()])
    await opened.waitForLoadState()
    assert.ok(referrers.length > 0)
    assert.deepEqual([...new Set(referrers)], [undefined])
    assert.equal(await opened.evaluate('window.opener'), null)
  })
})
