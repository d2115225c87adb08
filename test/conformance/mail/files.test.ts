import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { uploadExternal } from '#src/domain/correspondents/correspondents.ts'
import { currentCertificate } from '#src/domain/keys/keys.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import { knownCertificate } from '#src/lib/openpgp/bulk/known-keys.ts'
import { sealWithMdc } from '#src/lib/openpgp/bulk/mdc.ts'
import { bytesOf } from '#src/lib/openpgp/bulk/output.ts'
import { wrapFor } from '#src/lib/openpgp/bulk/wrapping.ts'
import { engine } from '#src/lib/openpgp/engine.ts'
import { type House, type Reply, startHouse } from '#src/testing.ts'
import { literal, zipped } from './efail-samples.ts'
import { origin, type Person, person, refused, withPassword } from './people.ts'

const MIB = 1024 * 1024
const OCTETS = { 'Content-Type': 'application/octet-stream' }
const withKey = { ...OCTETS, ...withPassword() }

const signaturesIn = (reply: Reply) => JSON.parse(reply.headers.get('x-signatures')!)

describe('files', () => {
  let house: House
  let ada: Person
  let ben: Person
  before(async () => {
    house = await startHouse({ settings: { CHATELAINE_LARGE_BODIES: String(8 * MIB) } })
    ada = await person(house, 'ada')
    ben = await person(house, 'ben')
  })
  after(() => house.stop())

  const encrypt = (who: Person, query: string, data: Uint8Array, headers: Record<string, string> = withKey) =>
    who.post(`/mail/files/encrypt?${query}`, data, headers)
  const decrypt = (who: Person, message: Uint8Array, query = '') =>
    who.post(`/mail/files/decrypt${query}`, message, withKey)
  async function verify(who: Person, data: Uint8Array, signature: string | Uint8Array, query = '') {
    const form = new FormData()
    form.set('data', new Blob([data as Uint8Array<ArrayBuffer>]), 'file')
    form.set('signature', new Blob([signature as string]), 'file.asc')
    const whole = new Request('http://x', { method: 'POST', body: form })
    const type = whole.headers.get('content-type')!
    return who.post(`/mail/files/verify${query}`, Buffer.from(await whole.arrayBuffer()), { 'Content-Type': type })
  }

  for (const size of [0, 1, 100_000, 3 * MIB + 5])
    for (const isArmored of ['true', 'false'])
      it(`of ${size} bytes come back byte for byte, armor=${isArmored}`, async () => {
        const data = randomBytes(size)
        const query = `to=${ben.email.toUpperCase()}&sign=true&armor=${isArmored}&name=Gr%C3%BC%C3%9Fe%20%22x%22.txt`
        const sealed = await encrypt(ada, query, data)
        assert.equal(sealed.status, 200, sealed.text.slice(0, 200))
        assert.equal(sealed.headers.get('content-length'), String(sealed.bytes.length))
        assert.equal(sealed.text.startsWith('-----BEGIN PGP MESSAGE-----\n\n'), isArmored === 'true')
        for (const reader of [ben, ada]) {
          const opened = await decrypt(reader, sealed.bytes, `?from=${ada.email}`)
          assert.equal(opened.status, 200, opened.text.slice(0, 200))
          assert.ok(opened.bytes.equals(data))
          assert.equal(
            opened.headers.get('content-disposition'),
            `attachment; filename="Gr__e x.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20x.txt`,
          )
          const [signature, ...others] = signaturesIn(opened)
          assert.deepEqual(others, [])
          const { status, signer, matchesSender } = signature
          assert.deepEqual(
            { status, signer, matchesSender },
            { status: 'valid', signer: ada.email, matchesSender: true },
          )
        }
      })

  it('are for the people named, and for their owner unless he does not want it', async () => {
    const alone = await encrypt(ada, '', Buffer.from('mine'))
    assert.equal((await decrypt(ada, alone.bytes)).text, 'mine')
    refused(await decrypt(ben, alone.bytes), 403, 'NOT_FOR_YOU')
    const others = await encrypt(ada, `to=${ben.email}&self=false`, Buffer.from('his'), OCTETS)
    assert.equal(
      others.headers.get('content-disposition'),
      `attachment; filename="file.gpg"; filename*=UTF-8''file.gpg`,
    )
    refused(await decrypt(ada, others.bytes), 403, 'NOT_FOR_YOU')
    const opened = await decrypt(ben, others.bytes)
    assert.deepEqual([opened.text, signaturesIn(opened)], ['his', []])
  })

  it('are refused by name where somebody has no key, and cost no single-use token then', async () => {
    await ada.remember(-1)
    const query = `to=${ben.email},zed@example.org,out@elsewhere.test&sign=true`
    const reply = await encrypt(ada, query, Buffer.from('x'), OCTETS)
    refused(reply, 400, 'RECIPIENT_WITHOUT_KEY')
    assert.deepEqual(reply.json.recipients, ['zed@example.org', 'out@elsewhere.test'])
    refused(await ada.post('/mail/files/decrypt', Buffer.from('plain'), OCTETS), 400, 'NOT_ENCRYPTED')
    assert.equal((await encrypt(ada, 'sign=true', Buffer.from('x'), OCTETS)).status, 200)
    refused(await encrypt(ada, 'sign=true', Buffer.from('x'), OCTETS), 403, 'KEY_PASSWORD_REQUIRED')
  })

  it('are for somebody, and asked for in words that are understood', async () => {
    const data = Buffer.from('x')
    const nobody = await encrypt(ada, 'self=false', data)
    refused(nobody, 400, 'NO_RECIPIENT')
    assert.match(nobody.json.errorMessage, /^The file would be for nobody/)
    const eve = await person(house, 'eve', { hasKey: false })
    refused(await encrypt(eve, '', data, OCTETS), 404, 'NO_KEY')
    assert.equal((await encrypt(eve, `to=${ben.email}`, data, OCTETS)).status, 200)
    refused(await encrypt(eve, `to=${ben.email}&sign=true`, data), 404, 'NO_KEY')
    const many = Array.from({ length: 501 }, (_, n) => `p${n}@x.test`).join(',')
    for (const query of [
      'to=nobody',
      'name=a%2Fb',
      'name=%00',
      'name=_CONSOLE',
      `name=${'%C3%BC'.repeat(200)}`,
      'armor=yes',
      'x=1',
      `to=${many}`,
    ])
      refused(await encrypt(ada, query, data), 400, 'BAD_PARAMETER')
    refused(await ada.post('/mail/files/verify', data, OCTETS), 400, 'BAD_PARAMETER')
    const stranger = await house.call('POST', '/api/v1/mail/files/sign', { body: data, headers: withKey })
    refused(stranger, 401, 'AUTH_REQUIRED')
    refused(
      await ada.post('/mail/files/sign', data, { ...OCTETS, ...withPassword('wrong') }),
      403,
      'KEY_PASSWORD_WRONG',
    )
  })

  it('that were changed give out nothing, wherever it was', async () => {
    for (const size of [50, 2 * MIB]) {
      const sealed = await encrypt(ada, `to=${ben.email}&sign=true`, Buffer.alloc(size, 'secret '))
      for (const at of [sealed.bytes.length - 1, sealed.bytes.length - 30, sealed.bytes.length >> 1]) {
        const changed = Buffer.from(sealed.bytes)
        changed[at]! ^= 1
        const reply = await decrypt(ben, changed)
        assert.ok(['MESSAGE_TAMPERED', 'MESSAGE_UNREADABLE'].includes(reply.json.errorCode), reply.text.slice(0, 200))
        assert.doesNotMatch(reply.text, /secret/)
      }
      const armored = await encrypt(ada, `to=${ben.email}&armor=true`, Buffer.alloc(size, 'secret '))
      for (const { bytes } of [sealed, armored])
        for (const end of [bytes.length - 100, Math.floor(bytes.length * 0.7)])
          refused(await decrypt(ben, bytes.subarray(0, end)), 400, 'MESSAGE_TAMPERED')
    }
  })

  it('keep a name that is safe, whatever the message calls them', async () => {
    const { certificate } = (await currentCertificate(house.ctx, ben.email))!
    for (const [fileName, shown] of [
      ['../../etc/passwd', 'passwd'],
      ['..\\boot.ini', 'boot.ini'],
      ['_CONSOLE', 'file'],
      ['...', 'file'],
      ['a\r\nX-Evil: 1', 'aX-Evil 1'],
      ['cod\u202Egpj.exe', 'codgpj.exe'],
    ] as const) {
      const made = await engine.sealFile({
        data: Buffer.from('x'),
        fileName,
        recipients: [certificate],
        now: house.clock.now(),
      })
      const opened = await decrypt(ben, made.extra)
      assert.equal(opened.headers.get('content-disposition')?.split('"')[1], shown)
      assert.equal(opened.headers.get('x-evil'), null)
    }
  })

  it('are signed apart, and judged like mails', async () => {
    for (const data of [Buffer.from('a contract\n'), randomBytes(2 * MIB)]) {
      const signed = await ada.post('/mail/files/sign', data, withKey)
      assert.equal(signed.status, 200, signed.text)
      assert.equal(signed.headers.get('content-type'), 'application/pgp-signature')
      assert.match(signed.text, /^-----BEGIN PGP SIGNATURE-----\n/)
      const [plain, named, other] = await Promise.all([
        verify(ben, data, signed.text),
        verify(ben, data, signed.text, `?from=${ada.email}`),
        verify(ben, data, signed.text, `?from=${ben.email}`),
      ])
      const of = ({ json: { signatures } }: Reply) => [
        signatures[0].status,
        signatures[0].signer,
        signatures[0].matchesSender,
      ]
      assert.deepEqual(of(plain), ['valid', ada.email, false])
      assert.deepEqual(of(named), ['valid', ada.email, true])
      assert.deepEqual(of(other), ['valid', ada.email, false])
      assert.match(plain.json.signatures[0].explanation, new RegExp(`^The signature is good: ${ada.email} signed this`))
      const changed = Buffer.from(data)
      changed[0]! ^= 1
      assert.equal((await verify(ben, changed, signed.text)).json.signatures[0].status, 'invalid')
    }
  })

  it('signed by a stranger are judged by what the reader has at home, and by nothing that others only claim', async () => {
    const key = await engine.generate({
      userIds: [{ name: 'Zoe', email: 'zoe@elsewhere.test' }],
      algorithm: 'curve25519',
      validSeconds: 0,
      now: house.clock.now(),
    })
    const impostor = await engine.generate({
      userIds: [{ name: 'Ada', email: ada.email }],
      algorithm: 'curve25519',
      validSeconds: 0,
      now: house.clock.now(),
    })
    const data = Buffer.from('from afar')
    const by = async (signWith: Uint8Array) =>
      (await engine.signDetached({ data, signWith, now: house.clock.now() })).signature
    const unknown = (await verify(ben, data, await by(key.secret))).json.signatures[0]
    assert.deepEqual([unknown.status, unknown.signer, unknown.source], ['unknown-key', null, null])
    const account = (await findByAddress(house.ctx, ben.email))!
    await uploadExternal(house.ctx, { account, file: key.certificate, origin })
    await uploadExternal(house.ctx, { account, file: impostor.certificate, origin })
    const known = (await verify(ben, data, await by(key.secret))).json.signatures[0]
    assert.deepEqual([known.status, known.signer, known.source], ['valid', 'zoe@elsewhere.test', 'uploaded'])
    const claimed = (await verify(ben, data, await by(impostor.secret), `?from=${ada.email}`)).json.signatures[0]
    assert.deepEqual([claimed.status, claimed.signer, claimed.matchesSender], ['unknown-key', null, false])
  })

  it('with hostile signatures are refused or judged, and nothing breaks', async () => {
    const data = Buffer.from('x')
    const [good] = [(await ada.post('/mail/files/sign', data, withKey)).text]
    for (const bad of ['', 'no signature', Buffer.from([0xc2, 0xff, 0xff, 0xff, 0xff, 0xff]), randomBytes(300)])
      assert.equal((await verify(ben, data, bad)).status, 400)
    const lines = good.split('\n')
    const flood = Buffer.concat(Array.from({ length: 101 }, () => Buffer.from(lines.slice(2, -3).join(''), 'base64')))
    assert.equal((await verify(ben, data, armor('SIGNATURE', flood))).status, 413)
  })

  it('wait for room when many large ones come at once, and all pass', async () => {
    const data = randomBytes(3 * MIB)
    const all = await Promise.all(
      [ada, ben, ada, ben, ada, ben].map((who) => who.post('/mail/files/sign', data, withKey)),
    )
    assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([200]))
  })

  it('give their room back when the sender goes away', async () => {
    const url = `${house.url}/api/v1/mail/files/sign?_h=${ada.sessid}`
    for (let n = 0; n < 4; n++) {
      const sending = request(url, {
        method: 'POST',
        headers: { ...withKey, Cookie: ada.cookie, 'Content-Length': 8 * MIB },
      })
      const closed = new Promise((resolve) => sending.on('close', resolve))
      sending.on('error', () => {})
      await new Promise((resolve) => sending.write(Buffer.alloc(2 * MIB), resolve))
      sending.destroy()
      await closed
    }
    const reply = await ada.post('/mail/files/sign', randomBytes(6 * MIB), withKey)
    assert.equal(reply.status, 200, reply.text)
  })

  it('that were packed small take room for what they are, until their answers are read', async () => {
    const { certificate } = (await currentCertificate(house.ctx, ada.email))!
    const reader = { key: await knownCertificate(certificate), isHidden: false, recipient: 0 }
    const key = randomBytes(32)
    const wrap = await wrapFor(reader, { data: key, cipher: 9, aead: null }, house.clock.now())
    const packed = Buffer.concat([wrap, bytesOf(sealWithMdc([zipped(literal(Buffer.alloc(40 * MIB)))], key))])
    assert.ok(packed.length < 100_000)
    const url = `${house.url}/api/v1/mail/files/decrypt?_h=${ada.sessid}`
    const asking = request(url, { method: 'POST', headers: { ...withKey, Cookie: ada.cookie } })
    asking.on('error', () => {})
    const answer = new Promise<{ statusCode?: number }>((resolve) => asking.on('response', resolve))
    asking.end(packed)
    assert.equal((await answer).statusCode, 200)
    let isServed = false
    const next = ada.post('/mail/files/sign', randomBytes(3 * MIB), withKey).then((reply) => {
      isServed = true
      return reply
    })
    for (let n = 0; n < 3; n++)
      assert.equal((await ada.post('/mail/files/sign', randomBytes(1000), withKey)).status, 200)
    assert.equal(isServed, false)
    asking.destroy()
    assert.equal((await next).status, 200)
  })
})
