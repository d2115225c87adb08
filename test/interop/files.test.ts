import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { exportRing, findRing } from '#src/domain/keys/keys.ts'
import { gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, startHouse } from '#src/testing.ts'
import { origin, type Person, person, withPassword } from '../conformance/mail/people.ts'

// The passphrase that the kit gives to gpg.
const password = 'pw'
const withKey = { 'Content-Type': 'application/octet-stream', ...withPassword(password) }
const files = [Buffer.from('line\nline\r\n'), randomBytes(1_500_000)]

describe('files between us and others', { skip: hasGnuPg ? false : 'gpg is not installed' }, () => {
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

  it('gpg opens what we encrypt, with its name, and verifies what we sign', async (t) => {
    const gpg = gnuPg(t, house.clock.now())
    gpg.run(['--import'], (await exported(ada)).publicArmor)
    gpg.run(['--import'], (await exported(ben)).privateArmor!)
    for (const data of files)
      for (const armor of ['true', 'false']) {
        const query = `to=${ben.email}&sign=true&armor=${armor}&name=caf%C3%A9.bin`
        const sealed = await ada.post(`/mail/files/encrypt?${query}`, data, withKey)
        const { out, status } = gpg.status(['--decrypt'], sealed.bytes)
        assert.ok(out.equals(data))
        assert.match(status, /DECRYPTION_OKAY/)
        assert.match(status, /GOODSIG/)
        assert.match(status, /PLAINTEXT 62 \d+ caf(é|%C3%A9)\.bin/)
      }
    for (const data of files) {
      const signed = await ada.post('/mail/files/sign', data, withKey)
      const [file, signature] = [gpg.file('data', data), gpg.file('data.asc', signed.text)]
      assert.match(gpg.status(['--verify', signature, file]).status, /GOODSIG/)
      assert.throws(() => gpg.status(['--verify', signature, gpg.file('other', 'x')]), /BADSIG/)
    }
  })

  it('we open and verify what gpg made: compressed, armored, binary, signed apart', async (t) => {
    const gpg = gnuPg(t, house.clock.now())
    gpg.run(['--import'], (await exported(ada)).privateArmor!)
    gpg.run(['--import'], (await exported(ben)).publicArmor)
    for (const data of files) {
      const file = gpg.file('report.pdf', data)
      for (const how of [
        ['--armor'],
        ['--compress-algo', 'zip'],
        ['--compress-algo', 'bzip2'],
        ['--compress-algo', 'none'],
      ]) {
        const out = gpg.run(['-o', '-', ...how, '--sign', '-u', ada.email, '-r', ben.email, '--encrypt', file])
        const opened = await ben.post(`/mail/files/decrypt?from=${ada.email}`, out, withKey)
        assert.equal(opened.status, 200, opened.text.slice(0, 200))
        assert.ok(opened.bytes.equals(data), how.join(' '))
        const [{ status, matchesSender }] = JSON.parse(opened.headers.get('x-signatures')!)
        assert.deepEqual([status, matchesSender], ['valid', true], how.join(' '))
        const isNamed = !how.includes('bzip2')
        assert.match(opened.headers.get('content-disposition')!, isNamed ? /"report\.pdf"/ : /"file"/)
      }
      for (const how of [['--armor'], []]) {
        const form = new FormData()
        form.set('data', new Blob([data]), 'x')
        const made = gpg.run(['-o', '-', ...how, '-u', ada.email, '--detach-sign', file])
        form.set('signature', new Blob([made as Uint8Array<ArrayBuffer>]), 'x.sig')
        const path = `/api/v1/mail/files/verify?_h=${ben.sessid}`
        const judged = await house.call('POST', path, { body: form, headers: { Cookie: ben.cookie } })
        assert.deepEqual([judged.status, judged.json.signatures[0].status], [200, 'valid'], judged.text)
        assert.equal(judged.json.signatures[0].signer, ada.email)
      }
    }
  })

  for (const program of ['sqop', 'rsop', 'gosop']) {
    const isThere = spawnSync(program, ['version']).status === 0
    it(`${program} verifies what we sign`, { skip: isThere ? false : 'it is not installed' }, async (t) => {
      const gpg = gnuPg(t, house.clock.now())
      const certificate = gpg.file('ada.asc', (await exported(ada)).publicArmor)
      for (const data of files) {
        const signed = await ada.post('/mail/files/sign', data, withKey)
        const signature = gpg.file('data.asc', signed.text)
        const verify = (input: Buffer) => spawnSync(program, ['verify', signature, certificate], { input })
        const done = verify(data)
        assert.equal(done.status, 0, String(done.stderr))
        assert.notEqual(verify(Buffer.from('x')).status, 0)
      }
    })
  }
})
