import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { DAY } from '../guard/friends.ts'
import { type Person, person, refused } from '../mail/people.ts'
import { API, invitedItem, newReader, type Reader, send } from './reader.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const b64 = (text: string | Buffer) => Buffer.from(text).toString('base64')

/** A mail with a text, HTML that shows a picture of the mail and one from elsewhere, and files. */
const rich = [
  '--out',
  'Content-Type: multipart/alternative; boundary=alt',
  '',
  '--alt',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=FC=DFe',
  '--alt',
  'Content-Type: multipart/related; boundary=rel',
  '',
  '--rel',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p onclick="alert(1)">Grüße<script>alert(2)</script> <a href="https://there.example/x">there</a>',
  '<img src="cid:logo@x"><img src="https://track.example/1.gif" alt="gone"></p>',
  '--rel',
  'Content-Type: image/png; name=logo.png',
  'Content-ID: <logo@x>',
  'Content-Transfer-Encoding: base64',
  '',
  b64(png),
  '--rel--',
  '--alt--',
  '--out',
  "Content-Type: text/html; name*=UTF-8''%C3%BCber%20..%2Funs.html",
  'Content-Disposition: attachment',
  'Content-Transfer-Encoding: base64',
  '',
  b64('<script>alert(3)</script>'),
  '--out',
  'Content-Type: image/png; name="=?utf-8?q?caf=C3=A9=2Epng?="',
  'Content-Disposition: attachment',
  'Content-Transfer-Encoding: base64',
  '',
  b64(png),
  '--out--',
  '',
].join('\r\n')

onEveryEngine('The reader of guests', (engine) => {
  let house: House
  let ada: Person
  let ann: Reader
  let bob: Reader
  before(async () => {
    house = await startHouse({ engine })
    ada = await person(house, 'ada')
    ann = await newReader(house, ada, 'ann@stranger.example')
    bob = await newReader(house, ada, 'bob@stranger.example')
  })
  after(() => house.stop())

  const events = (event: string) =>
    house.ctx.database.query.selectFrom('audit').select('detail').where('event', '=', event).execute()

  it('tells who he is, and lists what he got: page by page, the newest first', async () => {
    assert.deepEqual((await ann.call('GET', '')).json, {
      address: ann.address,
      kind: 'guest',
      hasPassword: true,
      recoveryAvail: true,
      question: 'Dog?',
      items: 1,
    })
    for (const subject of ['Two', 'Three', 'Four']) {
      house.clock.turn(1000)
      await send(ada, { To: ann.address, Subject: subject })
    }
    const first = (await ann.call('GET', '/items?limit=3')).json
    assert.deepEqual(
      first.items.map(({ subject }: { subject: string }) => subject),
      ['Four', 'Three', 'Two'],
    )
    const last = (await ann.call('GET', `/items?limit=3&before=${first.next}`)).json
    assert.equal(last.next, null)
    assert.equal(last.items.length, 1)
    const { id, bytes, date, expires, ...known } = last.items[0]
    assert.deepEqual(known, {
      kind: 'received',
      from: { address: ada.email, name: '' },
      subject: 'Lunch at noon',
      opened: false,
    })
    assert.ok(bytes > 300 && Number(expires) > Number(date), JSON.stringify(last))
    for (const before of ['x', '1.', `${'9'.repeat(20)}.abcdefgh`, "1.'; drop"])
      refused(await ann.call('GET', `/items?before=${encodeURIComponent(before)}`), 400, 'BAD_PARAMETER')
    assert.deepEqual((await ann.call('GET', '/items?before=1.abcdefgh')).json, { items: [], next: null })
  })

  it('opens a mail: text, harmless HTML, files and what the signature is worth', async () => {
    house.clock.turn(1000)
    const header = { To: ann.address, Subject: 'Rich', 'Content-Type': 'multipart/mixed; boundary=out' }
    await send(ada, header, { body: rich })
    const [id] = await ann.ids()
    const { json } = await ann.call('GET', `/items/${id}`)
    assert.equal(json.text, 'Grüße')
    assert.match(
      json.html,
      /<p>Grüße <a href="https:\/\/there.example\/x" target="_blank" rel="noopener noreferrer nofollow">/,
    )
    assert.ok(json.html.includes(`<img src="data:image/png;base64,${b64(png)}" />`), json.html)
    assert.doesNotMatch(json.html, /script|onclick|track\.example/)
    // What would be an icon of something broken is the words that stand for it.
    assert.ok(json.html.includes('<span>gone</span></p>'), json.html)
    assert.deepEqual([json.blockedRemoteContent, json.isWhole, json.opened], [true, true, true])
    assert.deepEqual(json.attachments, [
      { index: 1, name: 'uns.html', type: 'text/html', bytes: 25 },
      { index: 2, name: 'café.png', type: 'image/png', bytes: png.length },
    ])
    assert.deepEqual(json.headers.to, [{ address: ann.address, name: '' }])
    assert.equal(json.headers.subject, 'Rich')
    assert.equal(json.verification.result, 'good')
    assert.match(json.verification.explanation, new RegExp(`Signed by ${ada.email}, the sender of this message`))
    assert.deepEqual(
      json.signatures.map(({ status, signer }: { status: string; signer: string }) => [status, signer]),
      [['valid', ada.email]],
    )
    await ann.call('GET', `/items/${id}`)
    const seen = (await events('guest.opened')).filter(({ detail }) => String(JSON.stringify(detail)).includes(id!))
    assert.equal(seen.length, 1)
  })

  it('shows a mail as a page that can do nothing, and hands out files one by one as files', async () => {
    const [id] = await ann.ids()
    const page = await ann.call('GET', `/items/${id}/view`)
    assert.match(page.headers.get('content-type')!, /^text\/html/)
    const policy = page.headers.get('content-security-policy')!
    for (const part of [
      "default-src 'none'",
      'img-src data:',
      'sandbox ',
      "frame-ancestors 'self'",
      "form-action 'none'",
    ])
      assert.ok(policy.includes(part), policy)
    assert.doesNotMatch(policy, /allow-scripts|allow-same-origin|allow-forms/)
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
    assert.doesNotMatch(page.text, /<script|onclick/)
    const [html, picture] = await Promise.all([1, 2].map((at) => ann.call('GET', `/items/${id}/attachments/${at}`)))
    assert.equal(html!.text, '<script>alert(3)</script>')
    assert.equal(html!.headers.get('content-type'), 'application/octet-stream')
    assert.equal(html!.headers.get('content-disposition'), `attachment; filename="uns.html"; filename*=UTF-8''uns.html`)
    assert.deepEqual(picture!.bytes, png)
    assert.equal(picture!.headers.get('content-type'), 'image/png')
    assert.match(picture!.headers.get('content-disposition')!, /^attachment; .*caf%C3%A9\.png$/)
    for (const reply of [html!, picture!]) assert.equal(reply.headers.get('x-content-type-options'), 'nosniff')
    refused(await ann.call('GET', `/items/${id}/attachments/9`), 404, 'ITEM_UNKNOWN')
    refused(await ann.call('GET', `/items/${id}/attachments/-1`), 400, 'BAD_PARAMETER')
    const sealed = await ann.call('GET', `/items/${id}/original`)
    assert.match(sealed.text, /-----BEGIN PGP MESSAGE-----/)
    assert.doesNotMatch(sealed.text, /Gr=FC/)
    assert.match(sealed.headers.get('content-disposition')!, /^attachment; filename="Rich\.eml"/)
    assert.match((await ann.call('GET', `/items/${id}/plain`)).text, /Subject: Rich[\s\S]*Gr=FC=DFe/)
  })

  it('shows nobody the mail of somebody else, and nobody without a session any', async () => {
    const [id] = await ann.ids()
    const paths = [
      `/items/${id}`,
      `/items/${id}/view`,
      `/items/${id}/original`,
      `/items/${id}/plain`,
      `/items/${id}/attachments/1`,
    ]
    for (const path of paths) {
      refused(await bob.call('GET', path), 404, 'ITEM_UNKNOWN')
      refused(await house.call('GET', `${API}${path}`), 401, 'AUTH_REQUIRED')
    }
    refused(await bob.call('DELETE', `/items/${id}`), 404, 'ITEM_UNKNOWN')
    refused(await bob.call('POST', `/items/${id}/reply`, { json: { text: 'x' } }), 404, 'ITEM_UNKNOWN')
    assert.ok((await ann.ids()).includes(id!))
    const account = { headers: { Cookie: ada.cookie } }
    refused(await house.call('GET', `${API}/items/${id}?_h=${ada.sessid}`, account), 404, 'ITEM_UNKNOWN')
    assert.equal((await house.call('GET', `${API}?_h=${ada.sessid}`, account)).json.kind, 'account')
  })

  it('lets no page of somebody else change anything by the cookie', async () => {
    const [id] = await bob.ids()
    const by = (headers: Record<string, string>, path = `/items/${id}/reply`, method = 'POST') =>
      house.call(method, `${API}${path}`, {
        headers: { Cookie: bob.cookie, ...headers },
        json: path === '/password' ? { new: 'long enough 9' } : { text: 'x' },
      })
    const foreign: Record<string, string>[] = [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ]
    for (const headers of foreign) {
      refused(await by(headers), 403, 'ACCESS_DENIED')
      refused(await by(headers, `/items/${id}`, 'DELETE'), 403, 'ACCESS_DENIED')
      refused(await by(headers, '/logout'), 403, 'ACCESS_DENIED')
      refused(await by(headers, '/password'), 403, 'ACCESS_DENIED')
    }
    const form = { headers: { Cookie: bob.cookie, 'Content-Type': 'text/plain' }, body: '{"text":"x"}' }
    refused(await house.call('POST', `${API}/items/${id}/reply`, form), 400, 'BAD_PARAMETER')
    assert.equal((await house.call('GET', `${API}/items/${id}`, { headers: { Cookie: bob.cookie } })).status, 200)
  })

  it('removes a mail for good, and forgets it when its time is over', async () => {
    const [id] = await bob.ids()
    const bodies = () => house.ctx.database.query.selectFrom('kept_body').select('id').execute()
    const before = (await bodies()).length
    assert.equal((await bob.call('DELETE', `/items/${id}`)).status, 204)
    assert.equal((await bodies()).length, before - 1)
    refused(await bob.call('GET', `/items/${id}`), 404, 'ITEM_UNKNOWN')
    refused(await bob.call('DELETE', `/items/${id}`), 404, 'ITEM_UNKNOWN')
    await send(ada, { To: bob.address, Subject: 'Soon gone' })
    const [next] = await bob.ids()
    house.clock.turn((house.ctx.config.guestItemDays + 1) * DAY * 1000)
    const session = await house.call('POST', '/appsuite/api/oxguard/login?action=guest', {
      json: { username: bob.address, password: 'guest password ö1' },
    })
    const again = { headers: { 'X-Guest-Auth': session.json.auth } }
    refused(await house.call('GET', `${API}/items/${next}`, again), 404, 'ITEM_UNKNOWN')
    assert.deepEqual((await house.call('GET', `${API}/items`, again)).json.items, [])
  })

  it('gives a first password for a mail, changes it, and signs out', async () => {
    const address = 'cleo@stranger.example'
    const eve = await person(house, 'eve')
    await send(eve, { To: address, Subject: 'Hi' })
    const itemId = await invitedItem(house, address)
    const choose = (json: object, headers = {}) => house.call('POST', `${API}/password`, { json, headers })
    refused(await choose({ new: 'short', address, itemId }), 400, 'PASSWORD_SHORT')
    refused(await choose({ new: 'long enough 1', address, itemId: 'another-item' }), 404, 'ITEM_UNKNOWN')
    refused(await choose({ new: 'long enough 1' }), 400, 'BAD_PARAMETER')
    const chosen = await choose({ new: 'long enough 1', address, itemId })
    refused(await choose({ new: 'long enough 2', address, itemId }), 409, 'PASSWORD_EXISTS')
    const cookie = { Cookie: chosen.headers.getSetCookie()[0]!.split(';')[0]! }
    refused(await choose({ new: 'long enough 3' }, cookie), 403, 'KEY_PASSWORD_REQUIRED')
    refused(await choose({ old: 'wrong one 1', new: 'long enough 3' }, cookie), 403, 'KEY_PASSWORD_WRONG')
    const changed = await choose({ old: 'long enough 1', new: 'long enough 3' }, cookie)
    assert.ok(changed.json.auth.length > 20, changed.text)
    assert.equal((await house.call('GET', `${API}/items/${itemId}`, { headers: cookie })).json.text, 'Hello')
    const out = await house.call('POST', `${API}/logout`, { headers: cookie })
    assert.deepEqual([out.status, /Max-Age=0/.test(out.headers.getSetCookie()[0]!)], [204, true])
    refused(await house.call('GET', `${API}/items`, { headers: cookie }), 401, 'AUTH_REQUIRED')
  })
})
