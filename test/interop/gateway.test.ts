import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { bodyOf } from '#src/domain/bodies/bodies.ts'
import { learnFromMail } from '#src/domain/correspondents/correspondents.ts'
import { signInGuest } from '#src/domain/guests/guests.ts'
import { unlockedSecrets } from '#src/domain/keys/keys.ts'
import { newGuestHold } from '#src/http/guest-proof.ts'
import { writeHeader } from '#src/lib/autocrypt/header.ts'
import { type GnuPg, gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { selfSignedCertificate } from '#src/lib/self-signed.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { origin, type Person, person } from '../conformance/mail/people.ts'
import { arrivals, handOver, mailFrom } from '../gateway-client.ts'

const [WKD, UPLOADED, AUTOCRYPT, STRANGER] = ['wim@wkd.example', 'ursula@up.test', 'alf@auto.test', 'zoe@nokey.test']
const TEXT = 'Grüße an alle fünf'

/** A web server of one domain's keys, and what a house needs to find it. */
async function keyDirectory(domain: string, files: Map<string, Buffer>) {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-directory-'))
  const names = [domain, `openpgpkey.${domain}`]
  const { key, cert } = await selfSignedCertificate({ names, now: Date.now(), days: 2 })
  writeFileSync(join(folder, 'cert.pem'), cert)
  const server: Server = createServer({ key, cert }, ({ url = '' }, response) => {
    const file = files.get(url.split('?')[0]!)
    response.writeHead(file ? 200 : 404).end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    settings: {
      CHATELAINE_KEY_LOOKUP_INTERNAL: `openpgpkey.${domain}=127.0.0.1:${port}`,
      CHATELAINE_KEY_LOOKUP_CA: join(folder, 'cert.pem'),
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

onEveryEngine('a mail to five people through the gateway', (engine) => {
  const files = new Map<string, Buffer>()
  let directory: Awaited<ReturnType<typeof keyDirectory>>
  let house: House
  let anna: Person
  let bob: Person
  before(async () => {
    directory = await keyDirectory('wkd.example', files)
    house = await startHouse({
      engine,
      at: Date.now(),
      settings: {
        ...directory.settings,
        CHATELAINE_GATEWAY_INSIDE: 'on',
        CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0',
        CHATELAINE_GATEWAY_ENCRYPT: 'always',
      },
    })
    anna = await person(house, 'anna')
    bob = await person(house, 'bob')
  })
  after(async () => {
    await house.stop()
    await directory.close()
  })

  const newGpg = (gpg: GnuPg, email: string): Buffer => {
    gpg.run(['--quick-gen-key', `Some Body <${email}>`, 'ed25519', 'default', 'never'])
    const [, fingerprint = ''] = /^fpr:+([0-9A-F]{40})/m.exec(gpg.run(['--with-colons', '-K', email]).toString()) ?? []
    gpg.run(['--quick-add-key', fingerprint, 'cv25519', 'encr', 'never'])
    return gpg.run(['--export', email])
  }

  it('reaches each so that he can read it by his own means, and nobody else', {
    skip: hasGnuPg ? false : 'gpg is not installed',
  }, async (t) => {
    const { ctx } = house
    const gpgs = new Map<string, GnuPg>()
    const keys = new Map<string, Buffer>()
    for (const email of [WKD, UPLOADED, AUTOCRYPT]) {
      const gpg = gnuPg(t, ctx.clock.now() - 60_000)
      gpgs.set(email, gpg)
      keys.set(email, newGpg(gpg, email))
    }
    files.set(`/.well-known/openpgpkey/wkd.example/hu/${wkdName(WKD)}`, keys.get(WKD)!)
    const account = (await findByAddress(ctx, anna.email))!
    const body = new FormData()
    body.set('key', new Blob([new Uint8Array(keys.get(UPLOADED)!)]), 'key.asc')
    const upload = `/appsuite/api/oxguard/keys?action=uploadExternalPublicKey&session=${anna.sessid}`
    const uploaded = await house.call('POST', upload, { body, headers: { Cookie: anna.cookie } })
    assert.equal(uploaded.json.error, undefined, uploaded.text)
    const field = writeHeader({ address: AUTOCRYPT, prefersEncryption: true, keydata: keys.get(AUTOCRYPT)! })!
    const headers = [field.slice('Autocrypt:'.length).replace(/\r\n/g, '').trim()]
    const sent = ctx.clock.now() - 1000
    await learnFromMail(ctx, { account, origin, from: AUTOCRYPT, named: [anna.email], sent, headers, gossip: [] })

    const recipients = [bob.email, WKD, UPLOADED, AUTOCRYPT, STRANGER]
    const mail = mailFrom(anna.email, recipients.join(', '), {
      text: TEXT,
      subject: 'To you five',
      fields: 'Content-Type: text/plain; charset=utf-8\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit',
    })
    const { port } = ctx.config.gatewayListen!
    const { code, words } = await handOver(port, { sender: anna.email, recipients, mail })
    assert.equal(code, 250, words)

    const arrival = arrivals(house.inbox)
    const sealed = await arrival(bob.email, /multipart\/encrypted/)
    assert.deepEqual(sealed.to.toSorted(), [bob.email, WKD, UPLOADED, AUTOCRYPT].toSorted())
    const armored = /-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----/.exec(sealed.raw)![0]
    for (const [email, gpg] of gpgs) {
      const opened = gpg.run(['--decrypt'], armored).toString()
      assert.ok(opened.includes(TEXT) && opened.includes('Subject: To you five'), email)
    }
    const { json } = await bob.decrypt(sealed.raw)
    assert.ok(json.message.includes(TEXT))

    const invitation = await arrival(STRANGER, /guest\?item/)
    assert.deepEqual(invitation.to, [STRANGER])
    const [, itemId = ''] = /guest\?item=([\w-]{36})/.exec(invitation.text) ?? []
    const { signed } = await signInGuest(ctx, { address: STRANGER, itemId, hold: newGuestHold(ctx).hold, origin })
    const { all: secrets } = await unlockedSecrets(ctx, { signed, proof: 'stored', origin })
    const item = await ctx.database.query.selectFrom('guest_item').selectAll().executeTakeFirstOrThrow()
    assert.equal(item.id, itemId)
    const message = (await bodyOf(ctx, item.body_id))!
    const read = await ctx.workers.openpgp.openMail({ message, secrets, verifyWith: [], now: ctx.clock.now() })
    assert.ok(Buffer.concat(read.message).toString().includes(TEXT))
    for (const { raw, text } of house.inbox.received) assert.doesNotMatch(raw + text, /Grüße an|To you five/)
  })
})
