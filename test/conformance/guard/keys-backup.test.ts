import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, it } from 'node:test'
import { Resvg } from '@resvg/resvg-js'
import type JsQR from 'jsqr'
import { sha256 } from '#src/lib/digests.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { act, currentOf, done, masterOf, newKeyFor, readArmor, upload } from './own-keys.ts'
import { assertError, KEY_PASSWORD, newKeyOwner, newPerson, PASSWORD, type Person } from './person.ts'

const jsqr = createRequire(import.meta.url)('jsqr') as typeof JsQR.default

/** What a camera sees. */
function scanned(svg: string): string {
  const image = new Resvg(svg, { fitTo: { mode: 'width', value: 600 }, background: '#fff' }).render()
  const found = jsqr(new Uint8ClampedArray(image.pixels), image.width, image.height)
  assert.ok(found, 'no code in this')
  return found.data
}

const codesIn = (html: string): string[] => html.match(/<svg[\s\S]*?<\/svg>/g) ?? []

onEveryEngine('keys on paper', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const backup = (person: Person, form: Record<string, string>, keyid = ''): Promise<Reply> =>
    act(person, 'POST', `backup${keyid}`, { form })

  for (const algorithm of ['curve25519', 'rsa4096'])
    it(`are read from it again: ${algorithm}`, async () => {
      const person = await newPerson(house, `${algorithm}@example.org`)
      const wish = { name: 'Ann & Bob', password: KEY_PASSWORD, algorithm }
      await done(act(person, 'POST', 'create', { form: wish }))
      const { fingerprint, keyId } = masterOf(await currentOf(person))
      const { status, headers, text } = await backup(person, { password: KEY_PASSWORD })
      assert.deepEqual([status, headers.get('content-type')], [200, 'text/html; charset=utf-8'])
      const codes = codesIn(text)
      assert.ok(codes.length >= 2)
      const numbers = [...text.matchAll(/<figcaption>(\d+) of (\d+)<\/figcaption>/g)].map(([, number]) =>
        Number(number),
      )
      assert.deepEqual(
        numbers,
        codes.map((_, index) => index + 1),
      )
      const armor = codes.map(scanned).join('')
      assert.match(armor, /^-----BEGIN PGP PRIVATE KEY BLOCK-----\n[\s\S]+-----END PGP PRIVATE KEY BLOCK-----\n$/)
      const printed = /<pre>([\s\S]*)<\/pre>/
        .exec(text)![1]!
        .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
      assert.equal(printed.replace(/\r\n/g, '\n'), armor)
      const ring = await readArmor(house, armor)
      assert.equal(ring.locked, true)
      await openpgp.unlock({ secret: ring.secret!, password: KEY_PASSWORD })
      assert.ok(text.includes(fingerprint.match(/.{4}/g)!.join(' ')))
      assert.ok(text.includes('Ann &#38; Bob &#60;'), 'the name, and nothing that a browser takes for a tag')
      // Nothing runs, nothing is loaded, and the password is not on it.
      assert.equal(/<script|src=|href=|url\(|onload/i.test(text), false)
      assert.equal(text.includes(KEY_PASSWORD), false)
      const policy = headers.get('content-security-policy') ?? ''
      const style = /<style>([\s\S]*)<\/style>/.exec(text)![1]!
      const digest = Buffer.from(sha256(style), 'hex').toString('base64')
      assert.ok(policy.startsWith("default-src 'none'; ") && policy.includes(`'sha256-${digest}'`), policy)
      assert.equal(headers.get('cache-control'), 'no-store')
      // Nothing is wider than a telephone.
      assert.match(
        style,
        /minmax\(min\(80mm, 100%\), 1fr\)[\s\S]*figure svg \{ width: 80mm; max-width: 100%; height: auto; \}/,
      )
      const events = await house.ctx.db.selectFrom('audit').selectAll().where('event', '=', 'key.backed-up').execute()
      assert.ok(events.some(({ detail }) => JSON.parse(detail).key === keyId))
    })

  it('are printed for the key password only, in the language of their owner', async () => {
    const person = await newKeyOwner(house, 'refused@example.org')
    assertError(await backup(person, {}), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await backup(person, { password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    assertError(await backup(person, { accountPassword: PASSWORD }), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await backup(person, { password: KEY_PASSWORD }, '&keyid=123'), 'GRD-KEY-0002', 'USER_INPUT')
    await house.ctx.db.updateTable('account').set({ locale: 'de_DE' }).where('email', '=', person.email).execute()
    const german = await backup(person, { password: KEY_PASSWORD })
    assert.match(german.text, /<html lang="de">[\s\S]*Kopie eines Schlüssels/)
    const bare = await newPerson(house, 'bare@example.org')
    await done(upload(bare, (await newKeyFor(house, bare.email)).certificate))
    assertError(await backup(bare, { password: KEY_PASSWORD }), 'PGP-CORE-0002', 'ERROR')
  })
})
