import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { unlockedSecrets } from '#src/domain/keys/keys.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { type GnuPg, gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { newPerson, origin, type Person } from '../conformance/guard/person.ts'

const needsGnuPg = { skip: hasGnuPg ? false : 'gpg is not installed' }
// What the GnuPG of these tests unlocks its keys with.
const GPG_PASSWORD = 'pw'
const text = 'Grüße von hier\r\n'

for (const algorithm of ['curve25519', 'rsa2048'])
  onEveryEngine(`GnuPG and our ${algorithm} keys`, (engine) => {
    let house: House
    before(async () => {
      const settings = { CHATELAINE_KEY_ALGORITHM: algorithm, CHATELAINE_KEY_PASSWORD_MIN_LENGTH: '2' }
      house = await startHouse({ engine, settings })
    })
    after(() => house.stop())

    const download = async (person: Person, keyType: string, password = GPG_PASSWORD) => {
      const form = { password }
      return (await person.call('POST', `/oxguard/keys?action=downloadKey&keyType=${keyType}`, { form })).text
    }
    const upload = async (person: Person, key: Uint8Array, newPassword: string) => {
      const body = new FormData()
      body.set('key', new Blob([Buffer.from(key)]))
      body.set('keyPassword', GPG_PASSWORD)
      body.set('newPassword', newPassword)
      return person.call('POST', '/oxguard/keys?action=upload', { body })
    }
    const newKey = async (email: string) => {
      const person = await newPerson(house, email)
      const form = { name: 'Anna Ä', password: GPG_PASSWORD }
      const made = await person.call('POST', '/oxguard/keys?action=create', { form })
      return { person, fingerprint: made.json.data.publicRing.keys[0].fingerprint as string }
    }
    const generate = (gpg: GnuPg, email: string) => {
      const parameters = algorithm === 'rsa2048' ? ['rsa2048'] : ['ed25519']
      gpg.run(['--quick-gen-key', `Anna <${email}>`, ...parameters, 'default', 'never'])
      const [fingerprint = ''] =
        /(?<=^fpr:+)[0-9A-F]{40}/m.exec(gpg.run(['--with-colons', '-K', email]).toString()) ?? []
      gpg.run(['--quick-add-key', fingerprint, algorithm === 'rsa2048' ? 'rsa2048' : 'cv25519', 'encr', 'never'])
      return fingerprint
    }
    const secretsOf = async (person: Person, password: string) =>
      unlockedSecrets(house.ctx, { signed: await person.signed(), proof: { password }, origin })

    it('gpg imports what we hand out, signs and decrypts with it', needsGnuPg, async (t) => {
      const { person, fingerprint } = await newKey('gives@example.org')
      const [mine, theirs] = [gnuPg(t, house.clock.now()), gnuPg(t, house.clock.now())]
      theirs.run(['--import'], await download(person, 'public'))
      assert.match(theirs.run(['--with-colons', '-k']).toString(), new RegExp(fingerprint))
      const encrypted = theirs.run(['--armor', '-r', fingerprint, '--encrypt'], text)
      mine.run(['--import'], await download(person, 'private'))
      assert.equal(mine.run(['--decrypt'], encrypted).toString(), text)
      const signature = mine.run(['--armor', '--detach-sign', '-u', fingerprint], text)
      const files = [theirs.file('text.asc', signature), theirs.file('text', text)]
      assert.match(theirs.status(['--verify', ...files]).status, new RegExp(`VALIDSIG ${fingerprint}`))
      const both = gnuPg(t, house.clock.now())
      both.run(['--import'], await download(person, 'public_private'))
      assert.equal(both.run(['--decrypt'], encrypted).toString(), text)
    })

    it('gpg imports a key whose password was changed here', needsGnuPg, async (t) => {
      const { person, fingerprint } = await newKey('changes@example.org')
      const before = await download(person, 'public')
      const change = (oldpass: string, newpass: string) =>
        person.call('POST', '/oxguard/login?action=changepass', { json: { oldpass, newpass } })
      await change(GPG_PASSWORD, 'something else')
      await change('something else', GPG_PASSWORD)
      const gpg = gnuPg(t, house.clock.now())
      gpg.run(['--import'], await download(person, 'private'))
      assert.match(gpg.run(['--with-colons', '-K']).toString(), new RegExp(fingerprint))
      assert.equal(await download(person, 'public'), before)
    })

    it('we take keys that gpg made, open with them and hand them back', needsGnuPg, async (t) => {
      const person = await newPerson(house, 'takes@example.org')
      const gpg = gnuPg(t, house.clock.now())
      const fingerprint = generate(gpg, 'takes@example.org')
      const reply = await upload(person, gpg.run(['--export-secret-keys', fingerprint]), 'another password')
      const [ring] = reply.json.data.keyRings
      assert.deepEqual([ring.current, ring.publicRing.keys[0].fingerprint], [true, fingerprint])
      const encrypted = gpg.run(['--armor', '-r', fingerprint, '--sign', '--encrypt'], text)
      const { current, all } = await secretsOf(person, 'another password')
      const now = house.clock.now()
      const opened = await openpgp.decrypt({ message: encrypted, secrets: all, verifyWith: [current!], now })
      assert.equal(Buffer.from(opened.data).toString(), text)
      assert.equal(opened.signatures[0]?.status, 'valid')
      await person.call('POST', '/oxguard/login?action=changepass', {
        json: { oldpass: 'another password', newpass: GPG_PASSWORD },
      })
      const fresh = gnuPg(t, house.clock.now())
      fresh.run(['--import'], await download(person, 'private'))
      assert.equal(fresh.run(['--decrypt'], encrypted).toString(), text)
    })

    it('we lose no secret when gpg hands over less than we hold', needsGnuPg, async (t) => {
      const person = await newPerson(house, 'subkeys@example.org')
      const gpg = gnuPg(t, house.clock.now())
      const fingerprint = generate(gpg, 'subkeys@example.org')
      await upload(person, gpg.run(['--export-secret-keys', fingerprint]), 'the first password')
      // A later self-signature needs a later hour.
      house.clock.turn(1_800_000)
      const later = ['--faked-system-time', `${Math.floor(house.clock.now() / 1000)}!`]
      gpg.run([...later, '--quick-set-expire', fingerprint, '1y'])
      const subkeys = gpg.run(['--export-secret-subkeys', fingerprint])
      const refused = await upload(person, subkeys, 'not the first one')
      assert.equal(refused.json.code, 'PGP-CORE-0003')
      const reply = await upload(person, subkeys, 'the first password')
      const [ring] = reply.json.data.keyRings
      assert.equal(ring.publicRing.keys[0].validSeconds > 0, true)
      assert.equal(ring.privateRing.keys[0].hasPrivateKey, true)
      const { current } = await secretsOf(person, 'the first password')
      const now = house.clock.now()
      await openpgp.signDetached({ data: Buffer.from(text), signWith: current!, now })
    })

    it('we tell which secrets are missing of subkeys that came alone', needsGnuPg, async (t) => {
      const person = await newPerson(house, 'partly@example.org')
      const gpg = gnuPg(t, house.clock.now())
      const fingerprint = generate(gpg, 'partly@example.org')
      const reply = await upload(person, gpg.run(['--export-secret-subkeys', fingerprint]), 'a key password')
      const [master, sub] = reply.json.data.keyRings[0].privateRing.keys
      assert.deepEqual([master.hasPrivateKey, sub.hasPrivateKey], [false, true])
    })
  })
