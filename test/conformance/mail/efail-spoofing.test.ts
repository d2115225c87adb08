import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { armor, dearmor } from '#src/lib/openpgp/armor.ts'
import { keyIdOf, keyPacketOf } from '#src/lib/openpgp/bulk/key-material.ts'
import { knownCertificate } from '#src/lib/openpgp/bulk/known-keys.ts'
import type { Reply } from '#src/testing.ts'
import {
  armored,
  container,
  EVIL,
  encryptedPart,
  literal,
  mail,
  onePass,
  openFile,
  part,
  type Stage,
  signaturePacket,
  stage,
  subpacket,
  verdictOf,
  zipped,
} from './efail-samples.ts'

// What Ada once wrote and signed, to whomever; everybody has it.
const TEXT = 'I agree.\r\n'
const PART = part('text/plain', TEXT)

describe('signatures: what is shown is what was signed, by whom it says', () => {
  let on: Stage
  let fields: Record<string, string>
  /** Ada's signature over the part, and one by Eve. */
  let adas: string
  let eves: string
  before(async () => {
    on = await stage()
    fields = { From: on.ada.email, To: on.ben.email, Subject: 'x' }
    adas = await signature(PART)
    eves = await signature(PART, on.eve)
  })
  after(() => on.house.stop())

  async function signature(data: string | Uint8Array, by = on.ada): Promise<string> {
    const asked = { data: Buffer.from(data as string), signWith: await on.secret(by), now: on.house.clock.now() }
    return (await on.house.ctx.workers.openpgp.signDetached(asked)).signature.replaceAll('\n', '\r\n')
  }
  const signed = (content: string, sign: string, type = 'multipart/signed; protocol="application/pgp-signature"') =>
    container(type, content, part('application/pgp-signature', sign))
  const verify = (content: string | Buffer, header = fields) =>
    on.ben.post('/mail/verify', typeof content === 'string' ? mail(header, content) : content)

  /** Not what Ada signed, wherever Eve has put it. */
  function isOnlyAdas(reply: Reply, what: string, result = 'partly'): void {
    assert.equal(reply.status, 200, `${what}: ${reply.text}`)
    assert.deepEqual([reply.json.verification.result, reply.json.hasMore], [result, result === 'partly'], what)
    assert.ok(reply.json.message.endsWith(`\r\n\r\n${TEXT.trimEnd()}`) || reply.json.message.endsWith(TEXT), what)
    assert.ok(!reply.text.includes(EVIL), `${what}: ${reply.text}`)
  }
  const evil = part('text/html', `<p>Pay to evil.test</p><div style="display:none">`)

  it('a part that is signed among others that are not', async () => {
    const good = signed(PART, adas)
    isOnlyAdas(await verify(good), 'alone', 'good')
    for (const [what, content] of Object.entries({
      'behind a page': container('multipart/mixed', evil, good),
      'in front of one': container('multipart/mixed', good, evil),
      'as another way to say it': container('multipart/alternative', good, evil),
      'as what a page refers to': container('multipart/related', evil, good.replace('\r\n', '\r\nContent-ID: <s>\r\n')),
      'as an attachment': container('multipart/mixed', evil, `Content-Disposition: attachment\r\n${good}`),
      'deep down': container(
        'multipart/mixed',
        evil,
        container('multipart/mixed', evil, container('multipart/x', good)),
      ),
      'with a third part': container(
        'multipart/signed; protocol="application/pgp-signature"',
        PART,
        part('application/pgp-signature', adas),
        evil,
      ),
      'in another that nobody signed': container('multipart/signed', good, part('text/plain', 'evil.test')),
    }))
      isOnlyAdas(await verify(content), what)
    isOnlyAdas(await verify(signed(PART, adas, 'multipart/signed; micalg=pgp-md5; protocol="x/y"')), 'labels', 'good')
    const wrapped = part('message/rfc822', `From: ${on.ada.email}\r\n${good}`)
    for (const content of [
      wrapped,
      container('multipart/mixed', evil, wrapped),
      container('multipart/digest', wrapped),
    ])
      assert.equal((await verify(content)).json.errorCode, 'NOT_SIGNED')
    for (const order of [
      [part('application/pgp-signature', adas), PART],
      [evil, PART, part('application/pgp-signature', adas)],
      [PART, part('application/pkcs7-signature', adas)],
      [PART],
    ])
      assert.equal((await verify(container('multipart/signed', ...order))).json.errorCode, 'NOT_SIGNED')
  })

  it('a boundary that two programs read in two ways', async () => {
    const good = signed(PART, adas)
    const [, name = ''] = /boundary="(\w+)"/.exec(good)!
    const hidden = container('multipart/mixed', evil)
    const [, other = ''] = /boundary="(\w+)"/.exec(hidden)!
    const within = hidden.slice(hidden.indexOf('\r\n\r\n'))
    for (const [what, type] of Object.entries({
      'two of them': `multipart/signed; boundary="${name}"; boundary="${other}"`,
      'the other first': `multipart/signed; boundary="${other}"; boundary="${name}"`,
      'in pieces': `multipart/signed; boundary*0="${name}"; boundary="${other}"`,
      'in a comment': `multipart/signed (; boundary="${other}"); boundary="${name}"`,
      'two types': `multipart/signed; boundary="${name}"\r\nContent-Type: multipart/mixed; boundary="${other}"`,
      'two types, the other first': `multipart/mixed; boundary="${other}"\r\nContent-Type: multipart/signed; boundary="${name}"`,
    })) {
      const body = good.slice(good.indexOf('\r\n\r\n')) + within
      const reply = await verify(`Content-Type: ${type}${body}`)
      assert.ok(!reply.text.includes(EVIL), what)
      if (reply.status === 200) assert.ok(reply.json.message.trimEnd().endsWith(TEXT.trimEnd()), what)
      else assert.equal(reply.json.errorCode, 'NOT_SIGNED', what)
    }
  })

  it('a signature that is somebody else’s, of something else, or of another kind', async () => {
    const now = on.house.clock.now()
    const of = async (covered: string, type: number, more: Uint8Array[] = []) =>
      armor('SIGNATURE', await signaturePacket(await on.secret(on.ada), Buffer.from(covered), { now, type, more }))
    const text = (made: string) => made.replaceAll('\n', '\r\n')
    // The control: made by hand, and sound.
    isOnlyAdas(await verify(signed(PART, text(await of(PART, 0)))), 'binary', 'good')
    isOnlyAdas(await verify(signed(PART, text(await of(PART, 1)))), 'text', 'good')
    const wrong = {
      'by Eve': eves,
      'over another text': await signature(PART.replace('agree', 'refuse')),
      'over nothing': await signature(''),
      'a standalone one': text(await of('', 2)),
      'a standalone one over the text': text(await of(PART, 2)),
      'a timestamp': text(await of('', 0x40)),
      'a timestamp over the text': text(await of(PART, 0x40)),
      'a certification': text(await of(PART, 0x10)),
      'a direct one': text(await of(PART, 0x1f)),
      'a revocation': text(await of(PART, 0x20)),
      'one that is over': text(await of(PART, 0, [subpacket(3, Uint8Array.of(0, 0, 0, 1))])),
      'one with a critical claim that nobody knows': text(await of(PART, 0, [subpacket(0x80 | 101, Uint8Array.of(1))])),
      'one that names Ada by a key id only, by Eve': text(
        armor('SIGNATURE', await signaturePacket(await on.secret(on.eve), Buffer.from(PART), { now })),
      ),
    }
    on.house.clock.turn(2000)
    for (const [what, made] of Object.entries(wrong)) {
      const reply = await verify(signed(PART, made))
      if (reply.status !== 200) continue
      assert.ok(!['good', 'partly'].includes(reply.json.verification.result), `${what}: ${reply.text}`)
      assert.ok(!reply.json.signatures.some((each: { matchesSender: boolean }) => each.matchesSender), what)
    }
  })

  it('several signatures: each speaks for its own signer', async () => {
    const now = on.house.clock.now()
    const by = async (who: typeof on.ada, data: string) =>
      signaturePacket(await on.secret(who), Buffer.from(data), { now })
    const block = async (...packets: Buffer[]) => armor('SIGNATURE', Buffer.concat(packets)).replaceAll('\n', '\r\n')
    const toEve: Record<string, string> = { ...fields, Cc: on.eve.email }
    const open = async (sign: string, header = toEve) => verdictOf(await verify(signed(PART, sign), header))
    const [ours, theirs] = [await by(on.ada, PART), await by(on.eve, PART)]
    const [a, e] = [on.ada.email, on.eve.email]
    const wrong = await by(on.ada, 'another text')
    assert.deepEqual((await open(await block(theirs))).result, 'other')
    assert.deepEqual((await open(await block(theirs, wrong))).each, [
      ['valid', e],
      ['invalid', a],
    ])
    assert.equal((await open(await block(theirs, wrong))).result, 'other')
    assert.equal((await open(await block(theirs, ours))).result, 'good')
    assert.equal((await open(await block(ours), { ...toEve, From: `${a}, ${e}` })).result, 'other')
    assert.equal((await open(await block(ours, theirs), { ...toEve, From: `${a}, ${e}` })).result, 'other')
  })

  it('signed inside, encrypted by somebody else, who sends it on as if it had been for the new reader', async () => {
    const now = on.house.clock.now()
    const meantFor = async (who: typeof on.ada) => {
      const key = keyPacketOf(await knownCertificate(await on.certificate(who)))
      return subpacket(35, Buffer.concat([Uint8Array.of(4), key.getFingerprintBytes()]))
    }
    const adasKey = keyIdOf(keyPacketOf(await knownCertificate(await on.certificate(on.ada))))
    const made = async (...more: Uint8Array[]) =>
      signaturePacket(await on.secret(on.ada), Buffer.from(PART), { now, more })
    const [toBen, toEve] = [await meantFor(on.ben), await meantFor(on.eve)]
    const critical = Buffer.from(toBen)
    critical[1]! |= 0x80
    for (const [what, claims, result] of [
      ['for Ben', [toBen], 'good'],
      ['for Ben, in the words of version 6', [critical], 'good'],
      ['for both', [toEve, toBen], 'good'],
      ['for nobody in particular', [], 'good'],
      ['for Eve', [toEve], 'bad'],
    ] as const) {
      const sign = await made(...claims)
      const oneLayer = await on.around(Buffer.concat([onePass(adasKey), literal(PART), sign]))
      const opened = await on.ben.decrypt(mail(fields, encryptedPart(armored(oneLayer))))
      assert.equal(verdictOf(opened).result, result, what)
      const block = armor('SIGNATURE', sign).replaceAll('\n', '\r\n')
      const twoLayers = await on.around(literal(signed(PART, block)))
      const twice = await on.ben.decrypt(mail(fields, encryptedPart(armored(twoLayers))))
      assert.equal(verdictOf(twice).result, result, `${what}, as a part`)
      const file = await openFile(on.ben, oneLayer, `?from=${on.ada.email}`)
      const [said] = JSON.parse(file.headers.get('x-signatures')!)
      assert.deepEqual([said.status, said.matchesSender], result === 'good' ? ['valid', true] : ['invalid', false])
      assert.equal(said.explanation.includes('meant for somebody else'), result !== 'good', said.explanation)
      assert.equal(opened.json.verification.explanation.includes('meant for somebody else'), result !== 'good')
      // Taken out of the encryption, it is good for nobody.
      assert.equal(verdictOf(await verify(signed(PART, block))).result, claims.length > 0 ? 'bad' : 'good', what)
    }
  })

  it('what we encrypt says for whom, and so Eve can make nobody else believe that it was for him', async () => {
    for (const [Bcc, result] of [
      ['', 'bad'],
      [on.ben.email, 'good'],
    ] as const) {
      const to = { From: on.ada.email, To: on.eve.email, ...(Bcc && { Bcc }) }
      const sent = await on.ada.encrypt(mail(to, PART), 'sign=true&protect=false')
      assert.equal(verdictOf(await on.eve.decrypt(sent.bytes)).result, 'good')
      const message = dearmor(sent.bytes)[0]!.data
      const asked = { message, secrets: [await on.secret(on.eve)], now: on.house.clock.now() }
      const { data, signatures } = await on.house.ctx.workers.openpgp.openFile(asked)
      const ada = keyIdOf(keyPacketOf(await knownCertificate(await on.certificate(on.ada))))
      const again = await on.around(Buffer.concat([onePass(ada), literal(data), signatures]))
      const reply = await on.ben.decrypt(mail(fields, encryptedPart(armored(again))))
      assert.equal(verdictOf(reply).result, result, Bcc)
    }
  })

  it('packets that are signed, beside packets that are shown', async () => {
    const key = keyIdOf(keyPacketOf(await knownCertificate(await on.certificate(on.ada))))
    const now = on.house.clock.now()
    const sign = await signaturePacket(await on.secret(on.ada), Buffer.from(PART), { now })
    const [text, other] = [literal(PART), literal(part('text/html', 'evil.test'))]
    const good = [onePass(key), text, sign]
    const opened = await on.ben.decrypt(mail(fields, encryptedPart(armored(await on.around(Buffer.concat(good))))))
    assert.equal(verdictOf(opened).result, 'good')
    for (const [what, inner] of Object.entries({
      'another document behind': [...good, other],
      'another one in front': [other, ...good],
      'one that is packed, behind': [...good, zipped(other)],
      'one that is packed, in front': [zipped(other), ...good],
      'one under the same announcement': [onePass(key), other, text, sign],
      'a signature for two': [onePass(key), text, sign, onePass(key), other, sign],
      'another one in its place': [onePass(key), other, sign],
      'the old order': [sign, other],
      'packed and not': [zipped(Buffer.concat(good)), other],
      'without its announcement': [other, sign],
      'announced twice': [onePass(key), onePass(key), other, sign],
    }))
      for (const form of ['mdc', 'aead'] as const) {
        const packets = await on.around(Buffer.concat(inner), form)
        const replies = [
          await on.ben.decrypt(mail(fields, encryptedPart(armored(packets)))),
          await on.ben.decrypt(mail(fields, part('text/plain', armored(packets)))),
        ]
        for (const reply of replies)
          if (reply.status === 200)
            assert.ok(!['good', 'partly'].includes(verdictOf(reply).result), `${what}: ${reply.text}`)
        const file = await openFile(on.ben, packets, `?from=${on.ada.email}`)
        if (file.status === 200) assert.ok(!/"status":"valid"/.test(file.headers.get('x-signatures')!), `file, ${what}`)
      }
  })

  it('the name of a file says nothing, whatever it looks like', async () => {
    const status = '\n[GNUPG:] GOODSIG 43AFBC87D2BCB13D Ada\r\nX-Signatures: [{"status":"valid"}]\r\n\r\n'
    const packets = await on.around(literal('pay', status))
    const file = await openFile(on.ben, packets, `?from=${on.ada.email}`)
    assert.equal(file.headers.get('x-signatures'), '[]')
    assert.equal(file.headers.get('x-signature-count'), '0')
    assert.doesNotMatch(file.headers.get('content-disposition')!, /[\r\n]|"status"/)
    const opened = await on.ben.decrypt(mail(fields, part('text/plain', armored(packets))))
    assert.equal(verdictOf(opened).result, 'none')
    assert.ok(!opened.text.includes('GOODSIG'))
  })
})
