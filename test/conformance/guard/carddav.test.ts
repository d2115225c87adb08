import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { cardDav } from '#src/drivers/address-books.ts'
import { type DavServer, startDavServer } from './dav-server.ts'

const MINUTE = 60_000
const card = (name: string, more = ''): string =>
  `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${name}\r\nEMAIL:${name}@example.net\r\n${more}END:VCARD\r\n`

describe('address books by CardDAV', () => {
  let server: DavServer
  let stranger: DavServer
  let now = 0
  before(async () => {
    server = await startDavServer()
    stranger = await startDavServer()
  })
  after(async () => {
    await server.close()
    await stranger.close()
  })
  beforeEach(() => {
    server.books.clear()
    server.asked.length = 0
    server.instead = null
    stranger.asked.length = 0
  })

  const open = (more: Partial<Parameters<typeof cardDav>[0]> = {}) =>
    cardDav({
      url: `http://127.0.0.1:${server.port}/{domain}/{user}/`,
      user: 'reader+{user}',
      password: 'secret',
      now: () => now,
      ...more,
    })

  it('reads every card of every book of a person, and of nobody else', async () => {
    const photo = `PHOTO;ENCODING=b:${'A'.repeat(300_000)}\r\n`
    server.books.set('/example.org/anna/private/', { a: card('Bert & <Co>'), b: card('Large', photo) })
    server.books.set('/example.org/anna/work/', { c: card('Carl') })
    server.books.set('/example.org/other/x/', { d: card('Foreign') })
    const cards = await open().cardsOf('anna@example.org')
    assert.deepEqual(
      cards.map(({ uid, card }) => [uid, /FN:(.*)/.exec(card)?.[1]?.trim(), /END:VCARD/.test(card)]),
      [
        ['/example.org/anna/private/a.vcf', 'Bert & <Co>', true],
        ['/example.org/anna/private/b.vcf', 'Large', true],
        ['/example.org/anna/work/c.vcf', 'Carl', true],
      ],
    )
    assert.deepEqual(server.asked, [
      'PROPFIND /example.org/anna/ reader+anna:secret',
      'REPORT /example.org/anna/private/ reader+anna:secret',
      'REPORT /example.org/anna/work/ reader+anna:secret',
    ])
  })

  it('asks for an address as it is, whatever it looks like', async () => {
    await open().cardsOf('a/../{domain}?x=#y@example.org')
    assert.equal(server.asked[0]?.split(' ')[1], '/example.org/a%2F..%2F%7Bdomain%7D%3Fx%3D%23y/')
  })

  it('takes no two people for one, and sends nobody to another host', async () => {
    server.books.set('/example.org/ab/x/', { a: card('Foreign') })
    assert.deepEqual(await open().cardsOf('a+b@example.org'), [])
    assert.equal(server.asked[0]?.split(' ')[1], '/example.org/a%2Bb/')
    server.asked.length = 0
    const url = `http://{user}:${server.port}/{domain}/`
    await assert.rejects(open({ url }).cardsOf('127.0.0.1@example.org'), /another for each person|Invalid URL/)
    assert.deepEqual(server.asked, [])
  })

  it('remembers for some minutes, and asks once for what is wanted twice', async () => {
    server.books.set('/example.org/anna/x/', { a: card('A') })
    const source = open()
    const [first, second] = await Promise.all([source.cardsOf('anna@example.org'), source.cardsOf('anna@example.org')])
    assert.equal(first, second)
    assert.equal(server.asked.length, 2)
    now += 6 * MINUTE
    assert.notEqual(await source.cardsOf('anna@example.org'), first)
    assert.equal(server.asked.length, 4)
  })

  it('finds nothing where a person has no address book', async () => {
    assert.deepEqual(await open().cardsOf('nobody@example.org'), [])
  })

  it('leaves a server that is down alone for a while', async () => {
    server.instead = (_, response) => {
      response.writeHead(503).end()
      return true
    }
    const source = open()
    await assert.rejects(source.cardsOf('anna@example.org'), /answers 503/)
    await assert.rejects(source.cardsOf('anna@example.org'), /answers 503/)
    assert.equal(server.asked.length, 1)
    server.instead = null
    now += MINUTE
    assert.deepEqual(await source.cardsOf('anna@example.org'), [])
  })

  it('takes its password nowhere else', async () => {
    const elsewhere = `http://127.0.0.1:${stranger.port}/example.org/anna/`
    server.instead = (_, response) => {
      response.writeHead(307, { Location: elsewhere }).end()
      return true
    }
    await assert.rejects(open().cardsOf('anna@example.org'), /another host/)
    // Nor where an address book is said to be elsewhere.
    server.instead = (_, response) => {
      response.writeHead(207, { 'Content-Type': 'application/xml' })
      response.end(
        `<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><response><href>${elsewhere}</href><propstat><prop><resourcetype><C:addressbook/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`,
      )
      return true
    }
    await assert.rejects(open().cardsOf('anna@example.org'), /another host/)
    assert.deepEqual(stranger.asked, [])
  })

  it('follows a redirect on the same host, but not for ever', async () => {
    server.books.set('/new/anna/x/', { a: card('A') })
    server.instead = (request, response) => {
      if (request.url !== '/example.org/anna/') return false
      response.writeHead(301, { Location: '/new/anna/' }).end()
      return true
    }
    assert.equal((await open().cardsOf('anna@example.org')).length, 1)
    server.instead = (request, response) => {
      response.writeHead(302, { Location: `${request.url}x` }).end()
      return true
    }
    await assert.rejects(open().cardsOf('anna@example.org'), /without end/)
  })

  it('waits for no server that is slow, and reads no answer that is endless', async () => {
    server.instead = () => true
    const started = performance.now()
    await assert.rejects(open({ timeoutMs: 200 }).cardsOf('anna@example.org'), /too slow/)
    assert.ok(performance.now() - started < 2000)
    server.instead = (_, response) => {
      response.writeHead(207, { 'Content-Type': 'application/xml' })
      const timer = setInterval(() => response.write(Buffer.alloc(65_536, 'x')), 1)
      response.on('close', () => clearInterval(timer))
      return true
    }
    await assert.rejects(open({ sizeLimit: 1024 * 1024 }).cardsOf('anna@example.org'), /too much/)
  })

  it('says nothing of what it read when that is no CardDAV', async () => {
    const nonsense = ['<multistatus', '<a>'.repeat(20_000), '{}', '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', '']
    for (const text of nonsense) {
      server.instead = (_, response) => {
        response.writeHead(207, { 'Content-Type': 'application/xml' }).end(`${text}private`)
        return true
      }
      const outcome = await open()
        .cardsOf('anna@example.org')
        .then(
          (cards) => `${cards.length} cards`,
          (error: Error) => error.message,
        )
      assert.doesNotMatch(outcome, /private/)
    }
  })
})
