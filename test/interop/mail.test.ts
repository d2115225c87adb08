import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { exportRing, findRing } from '#src/domain/keys/keys.ts'
import { decodedBody, entityOf, partsOf } from '#src/lib/mime/multipart.ts'
import { type GnuPg, gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, startHouse } from '#src/testing.ts'
import { bodyOf, mailOf, messageIn, origin, type Person, person, withPassword } from '../conformance/mail/people.ts'

// The passphrase that the kit gives to gpg.
const password = 'pw'
const text = 'Grüße von hier\r\nund da\r\n'

describe('mail between us and GnuPG', { skip: hasGnuPg ? false : 'gpg is not installed' }, () => {
  let house: House
  let ada: Person
  let ben: Person
  before(async () => {
    house = await startHouse({ settings: { CHATELAINE_KEY_PASSWORD_MIN_LENGTH: '2' } })
    ada = await person(house, 'ada', { password })
    ben = await person(house, 'ben', { password })
  })
  after(() => house.stop())

  async function exported({ email }: Person) {
    const account = (await findByAddress(house.ctx, email))!
    const ring = await findRing(house.ctx, account, null)
    return exportRing(house.ctx, { account, ring, secret: true, password, origin })
  }

  /** A GnuPG that has the certificate of one of us and the secret key of another. */
  async function gpgOf(t: TestContext, owner: Person, peer: Person): Promise<GnuPg> {
    const gpg = gnuPg(t, house.clock.now())
    gpg.run(['--import'], (await exported(peer)).publicArmor)
    gpg.run(['--import'], (await exported(owner)).privateArmor!)
    return gpg
  }

  const pgpMime = (armored: Uint8Array): Buffer =>
    mailOf(
      {
        From: ada.email,
        To: ben.email,
        'MIME-Version': '1.0',
        'Content-Type': 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"',
      },
      Buffer.concat([
        Buffer.from('--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n'),
        Buffer.from('--b\r\nContent-Type: application/octet-stream\r\n\r\n'),
        armored,
        Buffer.from('\r\n--b--\r\n'),
      ]),
    )

  it('gpg opens and verifies what we send, also as a blind recipient', async (t) => {
    const header = { From: ada.email, 'Content-Type': 'text/plain; charset=utf-8' }
    for (const to of [{ To: ben.email }, { To: ada.email, Bcc: ben.email }, { Bcc: ben.email }]) {
      const sealed = await ada.encrypt(mailOf({ ...header, ...to } as Record<string, string>, text))
      const [, part] = partsOf(entityOf(sealed.bytes), 10)
      const gpg = await gpgOf(t, ben, ada)
      const { out, status } = gpg.status(['--decrypt'], entityOf(part!).body)
      assert.match(out.toString(), /^Content-Type: text\/plain; hp="cipher"; charset=utf-8\r\n/)
      assert.ok(out.toString().endsWith(`\r\n\r\n${text}`))
      assert.match(status, /DECRYPTION_OKAY/)
      assert.match(status, /GOODSIG/)
    }
  })

  it('we open the PGP/MIME that gpg makes: signed, compressed, in text mode, with hidden recipients', async (t) => {
    const gpg = await gpgOf(t, ada, ben)
    const part = `Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`
    const ways = [
      ['-r', ben.email],
      ['-R', ben.email],
      ['-r', ada.email, '-R', ben.email],
      ['--textmode', '-r', ben.email],
    ]
    for (const how of [...ways, ['--compress-algo', 'zlib', '-r', ben.email]]) {
      const armored = gpg.run(['--armor', '--sign', '-u', ada.email, ...how, '--encrypt'], part)
      const opened = await ben.decrypt(pgpMime(armored))
      assert.equal(bodyOf(messageIn(opened)).toString().replace(/\r?\n/g, '\r\n'), text, how.join(' '))
      assert.deepEqual([opened.json.format, opened.json.signatures[0].matchesSender], ['pgp-mime', true])
    }
    const others = gpg.run(['--armor', '-r', ada.email, '-R', ada.email, '--encrypt'], part)
    assert.equal((await ben.decrypt(pgpMime(others))).json.errorCode, 'NOT_FOR_YOU')
  })

  it('we open and verify text that gpg encrypted or signed in the mail itself', async (t) => {
    const gpg = await gpgOf(t, ada, ben)
    const header = { From: ada.email, To: ben.email, 'Content-Type': 'text/plain; charset=iso-8859-1' }
    const latin = Buffer.from(text, 'latin1')
    for (const data of [Buffer.from(text), latin]) {
      const armored = gpg.run(['--armor', '--sign', '-u', ada.email, '-r', ben.email, '--encrypt'], data)
      const opened = await ben.decrypt(mailOf(header, armored))
      assert.deepEqual([opened.json.format, opened.json.encrypted], ['pgp-inline', true])
      assert.equal(bodyOf(messageIn(opened)).toString(), text)
      assert.equal(opened.json.signatures[0].status, 'valid')
      const clear = await ben.decrypt(mailOf(header, gpg.run(['--clear-sign', '-u', ada.email], data)), {})
      assert.deepEqual([clear.json.format, clear.json.encrypted, clear.json.hasMore], ['clearsigned', false, false])
      assert.equal(`${bodyOf(messageIn(clear))}\r\n`, text)
      assert.equal(clear.json.signatures[0].matchesSender, true)
    }
  })

  it('we verify mail that gpg signed as PGP/MIME', async (t) => {
    const gpg = await gpgOf(t, ada, ben)
    const part = `Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`
    const signature = gpg.run(['--armor', '--textmode', '--detach-sign', '-u', ada.email], part)
    const type = 'multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"; boundary=b'
    const body = `--b\r\n${part}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n${signature}\r\n--b--\r\n`
    const opened = await ben.decrypt(mailOf({ From: ada.email, To: ben.email, 'Content-Type': type }, body), {})
    assert.deepEqual(
      opened.json.signatures.map(({ status }: { status: string }) => status),
      ['valid'],
    )
    assert.equal(bodyOf(messageIn(opened)).toString(), text)
  })

  it('gpg verifies what we sign, as PGP/MIME and in the text', async (t) => {
    const gpg = await gpgOf(t, ben, ada)
    const header = { From: ada.email, To: ben.email, 'Content-Type': 'text/plain; charset=utf-8' }
    const mail = mailOf(header, `${text}From here, with a blank \r\n- and a dash\r\n`)
    const signed = await ada.post('/mail/sign', mail, withPassword(password))
    const [part, signature] = partsOf(entityOf(signed.bytes), 10)
    const files = [gpg.file('sig', entityOf(signature!).body), gpg.file('part', part!)]
    assert.match(gpg.status(['--verify', ...files]).status, /GOODSIG/)
    const clear = await ada.post('/mail/sign?format=inline', mail, withPassword(password))
    assert.match(gpg.status(['--verify', gpg.file('clear', decodedBody(entityOf(clear.bytes)))]).status, /GOODSIG/)
  })
})
