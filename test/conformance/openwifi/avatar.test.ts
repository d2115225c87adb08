import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { toEpochSeconds } from '#src/lib/clock.ts'
import { activeSvgs, bombs, gif, jpeg, notPictures, otherWebps, png, svg, webp } from '#src/lib/image-testing.ts'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { asService, INTERNAL_KEY, newKey, withKey } from './keys.ts'
import { asRoot, bearer, denied, me, newPerson, type Person, refused, signedIn } from './people.ts'
import { newSubscriber } from './subscribers.ts'

const LIMIT = 50_000

onEveryEngine('OpenWiFi: avatars', (engine) => {
  let house: House
  let root: Person
  let ann: Person
  let ben: Person
  before(async () => {
    house = await startHouse({
      engine,
      settings: {
        CHATELAINE_AVATAR_LIMIT: String(LIMIT),
        CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0',
        CHATELAINE_INTERNAL_KEY: INTERNAL_KEY,
      },
    })
    root = await asRoot(house)
    ann = await newPerson(house, root)
    ben = await newPerson(house, root, { role: 'admin' })
  })
  after(() => house.stop())

  const at = (method: string, id: string, by: Person, options: CallOptions = {}, place = 'avatar') =>
    house.call(method, `/api/v1/${place}/${id}`, {
      ...options,
      headers: { ...bearer(by.token), ...options.headers },
    })
  const form = (bytes: Uint8Array, { field = 'file', name = 'me.png', type = 'image/png' } = {}): CallOptions => {
    const body = new FormData()
    body.append(field, new Blob([Uint8Array.from(bytes)], { type }), name)
    return { body }
  }
  const raw = (bytes: Uint8Array, type = 'image/png'): CallOptions => ({
    body: Uint8Array.from(bytes),
    headers: { 'Content-Type': type },
  })
  const taken = (reply: Reply, id: string) => {
    assert.equal(reply.status, 200, reply.text)
    assert.equal(reply.text, `{"avatarId":"${id}","errorCode":0}`)
  }
  const failed = (reply: Reply, id: string, what: string) => {
    assert.equal(reply.status, 200, what)
    const wanted = { avatarId: id, errorCode: 13, errorText: 'Avatar upload could not complete.' }
    assert.deepEqual(reply.json, wanted, what)
  }
  const avatarOf = async (someone: Person) => (await me(house, someone)).json.avatar
  const now = () => String(toEpochSeconds(house.clock.now()))

  it('are kept as they were sent, from a form with any field name (b.1 and the CLI)', async () => {
    assert.equal(await avatarOf(ann), '')
    refused(await at('GET', ann.id, ann), 404, 404)
    for (const field of ['file', 'data', '__proto__']) {
      house.clock.turn(1000)
      const picture = png(30, 20 + field.length)
      taken(await at('POST', ann.id, ann, form(picture, { field })), ann.id)
      assert.equal(await avatarOf(ann), now())
      const reply = await at('GET', ann.id, ann)
      assert.deepEqual([reply.status, reply.bytes.equals(picture)], [200, true])
      assert.equal(reply.headers.get('content-type'), 'image/png')
    }
  })

  it('are taken as a bare body too (OpenAPI), whatever type is claimed', async () => {
    for (const type of ['image/png', 'image/svg+xml', 'application/octet-stream', 'application/json', 'text/html']) {
      const picture = png(10, type.length)
      taken(await at('POST', ann.id, ann, raw(picture, type)), ann.id)
      const reply = await at('GET', `${ann.id}?cache=${await avatarOf(ann)}`, ann)
      assert.ok(reply.bytes.equals(picture))
      assert.equal(reply.headers.get('content-type'), 'image/png')
    }
  })

  it('travel with their true type, and as harmless files', async () => {
    const kinds: [Uint8Array, string, string][] = [
      [png(8, 8), 'image/png', 'avatar.png'],
      [jpeg(8, 8), 'image/jpeg', 'avatar.jpg'],
      [gif(8, 8), 'image/gif', 'avatar.gif'],
      [webp(1, 1), 'image/webp', 'avatar.webp'],
      ...otherWebps.map((bytes): [Uint8Array, string, string] => [bytes, 'image/webp', 'avatar.webp']),
      [svg(), 'application/octet-stream', 'avatar.bin'],
    ]
    for (const [bytes, type, name] of kinds) {
      const claimed = { field: 'x', name: '../../evil".html', type: 'text/html' }
      taken(await at('POST', ann.id, ann, form(bytes, claimed)), ann.id)
      const { status, headers, bytes: got } = await at('GET', ann.id, ben)
      assert.deepEqual([status, headers.get('content-type'), got.equals(bytes)], [200, type, true])
      assert.equal(headers.get('content-disposition'), `attachment; filename="${name}"`)
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('content-security-policy'), "default-src 'none'; sandbox")
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.equal(headers.get('accept-ranges'), 'bytes')
      assert.equal(headers.get('expires'), 'Mon, 26 Jul 2027 05:00:00 GMT')
      assert.equal(headers.get('content-length'), String(bytes.length))
      assert.match(headers.get('access-control-expose-headers') ?? '', /\bContent-Disposition\b/)
    }
  })

  it('never run: an SVG that would do something, and a picture that is a page as well, stay files', async () => {
    const pages = [png(8, 8), gif(8, 8), jpeg(8, 8)].map((picture) =>
      Buffer.concat([picture, Buffer.from('<script>alert(1)</script>')]),
    )
    for (const bytes of [...activeSvgs, ...pages]) {
      taken(await at('POST', ann.id, ann, raw(bytes, 'image/svg+xml')), ann.id)
      const { headers, bytes: got } = await at('GET', ann.id, ben)
      assert.ok(got.equals(bytes))
      assert.doesNotMatch(headers.get('content-type') ?? '', /svg|xml|html|script/)
      assert.match(headers.get('content-disposition') ?? '', /^attachment; filename="avatar\.(bin|png|gif|jpg)"$/)
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('content-security-policy'), "default-src 'none'; sandbox")
    }
  })

  it('stay as they are when what comes is no picture, is cut off or would unfold', async () => {
    const picture = png(40, 40)
    taken(await at('POST', ann.id, ann, form(picture)), ann.id)
    const before = await avatarOf(ann)
    house.clock.turn(5000)
    for (const [name, bytes] of [...Object.entries(notPictures), ...Object.entries(bombs)])
      for (const options of [form(bytes), raw(bytes)]) failed(await at('POST', ann.id, ann, options), ann.id, name)
    assert.equal(await avatarOf(ann), before)
    assert.ok((await at('GET', ann.id, ann)).bytes.equals(picture))
  })

  it('may be as large as the limit says, and a little more is told in the same words', async () => {
    const ofLength = (length: number) => Buffer.concat([jpeg(8, 8), Buffer.alloc(length)]).subarray(0, length)
    taken(await at('POST', ann.id, ann, form(png(4096, 4096, false))), ann.id)
    taken(await at('POST', ann.id, ann, form(ofLength(LIMIT - 1))), ann.id)
    for (const length of [LIMIT, LIMIT + 1, 2 * LIMIT])
      for (const options of [form(ofLength(length)), raw(ofLength(length))])
        failed(await at('POST', ann.id, ann, options), ann.id, String(length))
    refused(await at('POST', ann.id, ann, raw(ofLength(3 * LIMIT))), 413, 413)
    assert.equal((await at('GET', ann.id, ann)).bytes.length, LIMIT - 1)
  })

  it('need one file, in a form that can be read', async () => {
    const before = await avatarOf(ann)
    house.clock.turn(5000)
    const empty = new FormData()
    empty.append('note', 'no picture')
    failed(await at('POST', ann.id, ann, { body: empty }), ann.id, 'no file')
    const two = new FormData()
    for (const field of ['one', 'two']) two.append(field, new Blob([Uint8Array.from(png(8, 8))]), `${field}.png`)
    failed(await at('POST', ann.id, ann, { body: two }), ann.id, 'two files')
    failed(await at('POST', ann.id, ann), ann.id, 'no body')
    failed(await at('POST', ann.id, ann, { json: {} }), ann.id, 'JSON')
    const broken = { 'Content-Type': 'multipart/form-data' }
    refused(await at('POST', ann.id, ann, { body: png(8, 8), headers: broken }), 400, 1002)
    const foreign = { 'Content-Type': 'multipart/form-data; boundary=here' }
    refused(await at('POST', ann.id, ann, { body: png(8, 8), headers: foreign }), 400, 1002)
    assert.equal(await avatarOf(ann), before)
    const beside = new FormData()
    beside.append('note', 'and a picture')
    beside.append('file', new Blob([Uint8Array.from(png(9, 9))]), 'blob')
    taken(await at('POST', ann.id, ann, { body: beside }), ann.id)
  })

  it('are changed by their owner and by root', async () => {
    taken(await at('POST', ben.id, ben, form(png(5, 5))), ben.id)
    const before = await avatarOf(ben)
    house.clock.turn(5000)
    denied(await at('POST', ben.id, ann, form(png(6, 6))), 7)
    denied(await at('DELETE', ben.id, ann), 7)
    denied(await at('POST', ann.id, ben, form(png(6, 6))), 7)
    denied(await at('POST', ben.id, ann, form(Buffer.from('no picture'))), 7)
    denied(await at('DELETE', root.id, ben), 7)
    assert.equal(await avatarOf(ben), before)
    assert.ok((await at('GET', ben.id, ann)).bytes.equals(png(5, 5)))
    taken(await at('POST', ben.id.toUpperCase(), root, form(png(7, 7))), ben.id)
    assert.ok((await at('GET', ben.id, ben)).bytes.equals(png(7, 7)))
    assert.equal(await avatarOf(ben), now())
    for (const id of ['no-such', '0', '__proto__', '11111111-0000-0000-6666-999999999999']) {
      refused(await at('POST', id, root, form(png(8, 8))), 404, 404)
      refused(await at('POST', id, ann, form(png(8, 8))), 404, 404)
      refused(await at('GET', id, root), 404, 404)
      refused(await at('DELETE', id, root), 404, 404)
    }
    for (const method of ['GET', 'POST', 'DELETE']) denied(await house.call(method, `/api/v1/avatar/${ann.id}`), 8)
    const kept = await house.ctx.db.selectFrom('audit').selectAll().where('event', '=', 'avatar.changed').execute()
    const byRoot = kept.filter(({ account_id, actor_id }) => account_id === ben.id && actor_id === root.id)
    assert.deepEqual([byRoot.length, byRoot[0]?.detail], [1, '{"kind":"png"}'])
  })

  it('go away when they are deleted, with or without one, and with their account', async () => {
    const leaver = await newPerson(house, root)
    for (const options of [form(png(5, 5)), null]) {
      if (options) taken(await at('POST', leaver.id, leaver, options), leaver.id)
      const gone = await at('DELETE', leaver.id, leaver)
      assert.deepEqual([gone.status, gone.text], [200, ''])
      assert.equal(await avatarOf(leaver), '0')
      refused(await at('GET', leaver.id, leaver), 404, 404)
    }
    taken(await at('POST', leaver.id, leaver, form(png(5, 5))), leaver.id)
    await house.call('DELETE', `/api/v1/user/${leaver.id}`, { headers: bearer(root.token) })
    refused(await at('GET', leaver.id, root), 404, 404)
    const rows = await house.ctx.db.selectFrom('avatar').select('account_id').execute()
    assert.ok(!rows.some(({ account_id }) => account_id === leaver.id))
  })

  it('cannot be changed any more by who was shut out meanwhile', async () => {
    const outcast = await newPerson(house, root)
    await house.call('PUT', `/api/v1/user/${outcast.id}`, { json: { suspended: true }, headers: bearer(root.token) })
    denied(await at('POST', outcast.id, outcast, form(png(5, 5))), 8)
  })

  it('can be seen and changed with a key of one’s own, and not by a service', async () => {
    const { apiKey } = await newKey(house, ann)
    const call = (method: string, id: string, options: CallOptions = {}) =>
      house.call(method, `/api/v1/avatar/${id}`, { ...options, headers: { ...withKey(apiKey), ...options.headers } })
    taken(await call('POST', ann.id, form(png(21, 21))), ann.id)
    assert.ok((await call('GET', ann.id)).bytes.equals(png(21, 21)))
    denied(await call('DELETE', ben.id), 7)
    for (const method of ['GET', 'POST', 'DELETE']) {
      const path = `/api/v1/avatar/${ann.id}`
      denied(await house.callInternal(method, path, { headers: asService() }), 7)
    }
  })

  it('are of one population: subscribers have their own, and users look nothing up there', async () => {
    const carl = await newSubscriber(house, root)
    const dora = await newSubscriber(house, root)
    refused(await at('GET', carl.id, carl, {}, 'subavatar'), 404, 404)
    taken(await at('POST', carl.id, carl, form(png(3, 3)), 'subavatar'), carl.id)
    const own = await at('GET', carl.id, carl, {}, 'subavatar')
    assert.ok(own.bytes.equals(png(3, 3)))
    denied(await at('POST', dora.id, carl, form(png(4, 4)), 'subavatar'), 7)
    denied(await at('DELETE', dora.id, carl, {}, 'subavatar'), 7)
    refused(await at('POST', ann.id, carl, form(png(4, 4)), 'subavatar'), 404, 404)
    refused(await at('GET', ann.id, carl, {}, 'subavatar'), 404, 404)
    denied(await at('GET', carl.id, carl), 8)
    denied(await at('GET', carl.id, root, {}, 'subavatar'), 8)
    refused(await at('GET', carl.id, root), 404, 404)
    refused(await at('POST', carl.id, root, form(png(4, 4))), 404, 404)
    failed(await at('POST', carl.id, carl, form(Buffer.from('x')), 'subavatar'), carl.id, 'text')
    assert.equal((await at('DELETE', carl.id, carl, {}, 'subavatar')).status, 200)
    refused(await at('GET', carl.id, carl, {}, 'subavatar'), 404, 404)
  })

  it('survive a restart', async () => {
    taken(await at('POST', ann.id, ann, form(png(12, 12))), ann.id)
    await house.restart()
    const again = await signedIn(house, ann.email, ann.password)
    assert.ok((await at('GET', ann.id, again)).bytes.equals(png(12, 12)))
  })
})
