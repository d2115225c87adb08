import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { viewOfMail } from '#src/lib/mime/view.ts'
import { armed, vectors } from '#src/lib/mime/view-testing.ts'
import { type House, startHouse } from '#src/testing.ts'
import { newReader, type Reader } from '../conformance/guests/reader.ts'
import { person, withPassword } from '../conformance/mail/people.ts'
import { chromium, openPage, type Page } from './chromium.ts'

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

describe('A hostile mail in a real browser', { skip: chromium ? false : 'no chromium in the PATH' }, () => {
  let house: House
  let page: Page
  let elsewhere: Elsewhere
  let ann: Reader
  let hostile: string

  before(async () => {
    elsewhere = await openElsewhere()
    const all = vectors.map((one) => `<div>${armed(one, elsewhere.host)}</div>`)
    hostile = `<h1>Hello</h1>${all.slice(0, -1).join('\n')}<p>the end</p>${all.at(-1)}`
    house = await startHouse()
    const ada = await person(house, 'ada')
    ann = await newReader(house, ada, 'ann@stranger.example')
    const header = { From: ada.email, To: ann.address, Subject: 'Hostile', 'Content-Type': 'text/html; charset=utf-8' }
    const lines = Object.entries(header).map(([name, value]) => `${name}: ${value}\r\n`)
    const mail = Buffer.from(`${lines.join('')}\r\n${hostile.replaceAll('\u0000', '')}`)
    house.clock.turn(1000)
    const sent = await ada.post('/mail/send?sign=true', mail, withPassword())
    assert.equal(sent.status, 200, sent.text)
    page = await openPage(chromium!, `http://${elsewhere.host}/`)
    elsewhere.asked.length = 0
  })
  after(async () => {
    await page?.close()
    await house?.stop()
    elsewhere?.server.close()
  })

  /** Opens a page, waits until it is there, and lets it try what it wants. */
  async function visit(url: string): Promise<void> {
    await page.send('Page.navigate', { url })
    for (let waited = 0; waited < 10_000; waited += 50) {
      if ((await page.evaluate('document.readyState')) === 'complete' && (await page.evaluate('location.href')) === url)
        break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await page.evaluate(
      `for (const one of document.querySelectorAll('body *')) { one.dispatchEvent(new Event('mouseover')); one.dispatchEvent(new Event('focus')) }`,
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  const title = () => page.evaluate('document.title')

  it('does what it wants where nobody cleans it: the net has no holes', async () => {
    elsewhere.pages.set(
      '/raw',
      `<!doctype html><title>quiet</title>${armed(vectors.slice(3, 8).join(''), elsewhere.host)}`,
    )
    await visit(`http://${elsewhere.host}/raw`)
    assert.equal(await title(), 'ran')
    assert.ok(elsewhere.asked.length > 0)
    elsewhere.asked.length = 0
  })

  it('does nothing once it is cleaned, even on a page without any protection', async () => {
    const { html } = viewOfMail(Buffer.from(`Content-Type: text/html; charset=utf-8\r\n\r\n${hostile}`))
    elsewhere.pages.set('/clean', `<!doctype html><title>quiet</title>${Buffer.from(html).toString()}`)
    await visit(`http://${elsewhere.host}/clean`)
    assert.equal(await title(), 'quiet')
    assert.deepEqual(elsewhere.asked, [])
    assert.equal(
      await page.evaluate(
        `document.querySelectorAll('script,iframe,form,svg,math,object,style,link,meta[http-equiv]').length`,
      ),
      0,
    )
  })

  it('does nothing in the view, nor in the frame of the page around it', async () => {
    const [name, value] = ann.cookie.split('=')
    await page.send('Network.setCookie', { name, value, url: house.url, sameSite: 'Strict', httpOnly: true })
    const [id] = await ann.ids()
    await visit(`${house.url}/api/v1/guest/items/${id}/view`)
    assert.match(String(await page.evaluate('document.body.innerText')), /Hello[\s\S]*the end/)
    assert.equal(await title(), 'Hostile')
    assert.equal(await page.evaluate('window.origin'), 'null')
    await visit(`${house.url}/guest/mail?id=${id}`)
    assert.equal(await title(), `Hostile – Chatelaine · ${new URL(house.url).host}`)
    assert.equal(await page.evaluate('document.querySelector("iframe").contentDocument'), null)
    assert.deepEqual(elsewhere.asked, [])
  })

  it('is opened without signing in again by who follows the link in a web mailer', async () => {
    const [id] = await ann.ids()
    elsewhere.pages.set('/mailer', `<a href="${house.url}/guest?item=${id}">read</a>`)
    // Another site than ours, though the same machine.
    await visit(`http://localhost:${new URL(`http://${elsewhere.host}`).port}/mailer`)
    await page.evaluate('document.querySelector("a").click()')
    const wanted = `${house.url}/guest/mail?id=${id}`
    for (let waited = 0; waited < 10_000 && (await page.evaluate('location.href')) !== wanted; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(await page.evaluate('location.href'), wanted)
  })
})
