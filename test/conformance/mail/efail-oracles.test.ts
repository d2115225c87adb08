import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { packetOf } from '#src/lib/openpgp/bulk/bodies.ts'
import { framesOf, tag } from '#src/lib/openpgp/packets.ts'
import {
  armored,
  container,
  encryptedPart,
  literal,
  mail,
  openFile,
  part,
  SECRET,
  type Stage,
  silent,
  stage,
  verdictOf,
} from './efail-samples.ts'
import { withPassword } from './people.ts'

const inside = `Content-Type: text/plain; charset=utf-8\r\n\r\n${SECRET}\r\n`

describe('nobody gets a mail opened by having it quoted, answered or asked for again', () => {
  let on: Stage
  /** What Ada wrote to Ben, as Eve has it. */
  let stolen: Uint8Array
  before(async () => {
    on = await stage()
    stolen = await on.sealed(inside, on.ben, on.ada)
  })
  after(() => on.house.stop())

  const fromEve = () => ({ From: on.eve.email, To: on.ben.email, Subject: 'lunch?' })

  it('“Re: What’s up Johnny?”: a mail of Eve’s does not open another that is hidden in it', async () => {
    const text = armored(stolen)
    const innocent = part('text/plain', 'Lunch?\r\n')
    const hiding = {
      'as a part of its own': container('multipart/mixed', innocent, encryptedPart(text)),
      'as armor in a text': part('text/plain', `Lunch?\r\n\r\n\r\n\r\n${text}`),
      'as a quotation': part('text/plain', `Lunch?\r\n${text.replace(/^/gm, '> ')}`),
      'as a page that hides it': part('text/html', `Lunch?<div style="display:none">${text}</div>`),
      'as an attached mail': container('multipart/mixed', innocent, part('message/rfc822', encryptedPart(text))),
      'as another way to say it': container('multipart/alternative', innocent, encryptedPart(text)),
      'as the whole mail': encryptedPart(text),
    }
    for (const [what, content] of Object.entries(hiding)) {
      // Under Eve's own encryption and signature: what is opened is opened once.
      const sealed = await on.sealed(content, on.ben, on.eve)
      for (const outer of [encryptedPart(armored(sealed)), part('text/plain', armored(sealed))]) {
        const reply = await on.ben.decrypt(mail(fromEve(), outer))
        assert.equal(reply.status, 200, what)
        assert.ok(!reply.text.includes(SECRET), `${what}: ${reply.text}`)
      }
      const file = await openFile(on.ben, sealed)
      assert.ok(!file.text.includes(SECRET), what)
    }
    // Signed by Eve, in the clear, around it: it stays as it is.
    const signed = await on.eve.post('/mail/sign', mail(fromEve(), hiding['as an attached mail']), withPassword())
    const verified = await on.ben.post('/mail/verify', signed.bytes)
    assert.deepEqual([verified.json.encrypted, verified.text.includes(SECRET)], [false, false])
  })

  it('a mail that Eve sends on as her own is not told to be hers', async () => {
    for (const by of [on.ada, undefined]) {
      const packets = await on.sealed(inside, on.ben, by)
      const reply = await on.ben.decrypt(mail(fromEve(), encryptedPart(armored(packets))))
      const { result } = verdictOf(reply)
      // Her mail quotes nothing that she could not be asked about: Ben sees that she never signed it.
      assert.equal(result, by ? 'unknown' : 'none')
      assert.ok(!reply.json.signatures.some((each: { matchesSender: boolean }) => each.matchesSender))
    }
    const named = await on.ben.decrypt(mail({ ...fromEve(), Cc: on.ada.email }, encryptedPart(armored(stolen))))
    assert.equal(verdictOf(named).result, 'other')
    assert.match(named.json.verification.explanation, new RegExp(`${on.ada.email}, who is not the sender`))
  })

  it('nobody but its reader opens it, whatever stands around it', async () => {
    const last = framesOf(stolen, 9)!.at(-1)!
    const wraps = stolen.subarray(0, last.start)
    const hers = await on.sealed('hers', on.eve)
    const herWrap = hers.subarray(0, framesOf(hers, 9)!.at(-1)!.start)
    for (const [what, packets] of Object.entries({
      'as it is': stolen,
      'with a wrap of hers': Buffer.concat([herWrap, stolen.subarray(last.start)]),
      'with both': Buffer.concat([herWrap, wraps, stolen.subarray(last.start)]),
      'with a password of hers': Buffer.concat([
        packetOf(tag.passwordSession, Buffer.from([4, 9, 3, 8, ...Buffer.alloc(8, 1), 96])),
        stolen,
      ]),
    })) {
      const codes = ['NOT_FOR_YOU', 'MESSAGE_TAMPERED']
      silent(await on.eve.decrypt(mail(fromEve(), encryptedPart(armored(packets)))), what, ...codes)
      silent(await openFile(on.eve, packets), what, ...codes)
    }
  })

  it('a key that comes along with a mail nobody signed vouches for nothing', async () => {
    const { workers, clock } = on.house.ctx
    const stranger = 'zoe@elsewhere.test'
    const made = (email: string) =>
      workers.openpgp.generate({
        userIds: [{ name: '', email }],
        algorithm: 'curve25519',
        validSeconds: 0,
        now: clock.now(),
      })
    const fields = (email: string) => ({ From: email, To: on.ben.email, Date: 'Thu, 15 Jan 2026 11:59:00 +0000' })
    // Eve brings a key for the stranger, one for Ada, and gossips both, inside the encryption and outside.
    for (const email of [stranger, on.ada.email]) {
      const { certificate, secret } = await made(email)
      const keydata = Buffer.from(certificate).toString('base64')
      const header = `addr=${email}; prefer-encrypt=mutual; keydata=${keydata}`
      const gossip = `Autocrypt-Gossip: addr=${email}; keydata=${keydata}\r\n`
      const sealed = armored(await on.sealed(gossip + inside, on.ben))
      const brought = { ...fields(on.eve.email), Cc: email, 'Autocrypt-Gossip': `addr=${email}; keydata=${keydata}` }
      assert.equal((await on.ben.decrypt(mail(brought, encryptedPart(sealed)))).status, 200)
      assert.equal(
        (await on.ben.decrypt(mail({ ...fields(email), Autocrypt: header }, encryptedPart(sealed)))).status,
        200,
      )
      const signed = await workers.openpgp.encrypt({
        data: Buffer.from(inside),
        recipients: [await on.certificate(on.ben)],
        signWith: secret,
        now: clock.now(),
      })
      const forged = await on.ben.decrypt(mail(fields(email), encryptedPart(signed.replaceAll('\n', '\r\n'))))
      const [signature] = forged.json.signatures
      assert.deepEqual(
        [signature.trusted, signature.signer, signature.matchesSender],
        [false, null, false],
        forged.text,
      )
      assert.equal(verdictOf(forged).result, 'unknown')
    }
    // And what goes to Ada is still encrypted to Ada.
    const letter = await on.ben.encrypt(
      mail({ From: on.ben.email, To: on.ada.email }, part('text/plain', 'hi')),
      '',
      {},
    )
    assert.equal((await on.ada.decrypt(letter.bytes)).status, 200)
  })

  it('what an answer says does not depend on what is inside', async () => {
    // One that is for Ben but no message at all inside, and one that is not his: nothing of either.
    const odd = await on.around(packetOf(tag.marker, Buffer.from('PGP')))
    silent(await openFile(on.ben, odd), 'nothing inside', 'MESSAGE_UNREADABLE', 'MESSAGE_TAMPERED')
    const big = await on.around(literal(`${SECRET}${'x'.repeat(1000)}`))
    const half = big.subarray(0, big.length - 500)
    silent(await openFile(on.ben, half), 'half of it', 'MESSAGE_UNREADABLE', 'MESSAGE_TAMPERED')
  })
})
