import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, it, type TestContext } from 'node:test'
import { createTransport, type Transporter } from 'nodemailer'
import { createMessage, encrypt, enums, readKey } from 'openpgp'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { entityOf, partsOf } from '#src/lib/mime/multipart.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import type { GeneratedKey } from '#src/lib/openpgp/types.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { newKeyOwner, newPerson } from '../guard/person.ts'
import { madeKey, readKeys, suspend, textsOf } from './owners.ts'

const SERVICE = 'key-submission@example.org'
const client = '/usr/lib/gnupg/gpg-wks-client'
const settings = { CHATELAINE_WKS_ADDRESS: SERVICE, CHATELAINE_WKS_LISTEN: '127.0.0.1:0' }

onEveryEngine('Web Key Service', (engine) => {
  let house: House
  let carrier: Transporter
  before(async () => {
    // gpg-wks-client knows no time but its own.
    house = await startHouse({ engine, settings, at: Date.now() })
    const { port } = house.ctx.config.wksListen!
    // Connections are kept: each new one would wait a tenth of a second for its greeting.
    carrier = createTransport({ pool: true, maxMessages: Number.POSITIVE_INFINITY, host: '127.0.0.1', port })
  })
  after(async () => {
    carrier.close()
    await house.stop()
  })
  beforeEach(() => house.clock.turn(1000))

  const hand = (raw: string, to = SERVICE) =>
    carrier.sendMail({
      envelope: { from: 'somebody@example.com', to },
      raw,
    })
  const wkd = async (email: string) => {
    const path = `/.well-known/openpgpkey/${email.split('@')[1]}/hu/${wkdName(email)}`
    const { status, bytes } = await house.call('GET', path)
    return status === 200 ? { bytes, keys: await readKeys(house, bytes) } : null
  }
  const service = async () => (await wkd(SERVICE))!.bytes
  const sealed = async (body: string) => {
    const now = house.clock.now()
    const armored = await openpgp.encrypt({ data: Buffer.from(body), recipients: [await service()], now, armor: true })
    const parts = [`--b\n`, 'Content-Type: application/pgp-encrypted\n\nVersion: 1\n', `--b\n`]
    return `From: a@b.example\nContent-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n${parts.join('')}Content-Type: application/octet-stream\n\n${armored}\n--b--\n`
  }
  const submission = async ({ certificate }: { certificate: Uint8Array }) => {
    const encoded = Buffer.from(certificate).toString('base64')
    return `Content-Type: application/pgp-keys\nContent-Transfer-Encoding: base64\n\n${encoded}\n`
  }
  const submit = async (key: { certificate: Uint8Array }) => hand(await sealed(await submission(key)))
  /** The words of a question, which only the key can read. */
  const question = async (email: string, { secret }: GeneratedKey): Promise<Record<string, string>> => {
    let { raw } = await house.inbox.next(email)
    // Notices about the account come in between.
    while (!raw.includes('vnd.gnupg.wks')) raw = (await house.inbox.next(email)).raw
    const [signed] = partsOf(entityOf(Buffer.from(raw)), 3)
    const [, asked] = partsOf(entityOf(signed!), 3)
    const message = entityOf(asked!).body
    const now = house.clock.now()
    const { data } = await openpgp.decrypt({ message, secrets: [secret], verifyWith: [], now })
    return Object.fromEntries(
      Buffer.from(data)
        .toString()
        .trim()
        .split('\n')
        .map((line) => line.split(': ')),
    )
  }
  const response = (words: Record<string, string>) =>
    `Content-Type: application/vnd.gnupg.wks\n\n${Object.entries(words)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join('')}`
  const answer = async ({ nonce, sender, address }: Record<string, string>, more: Record<string, string> = {}) =>
    hand(
      await sealed(
        response({ type: 'confirmation-response', sender: sender!, address: address!, nonce: nonce!, ...more }),
      ),
    )

  it('says where keys are mailed to, and has a key for that address', async () => {
    const well = '/.well-known/openpgpkey/example.org'
    assert.equal((await house.call('GET', `${well}/submission-address`)).text, `${SERVICE}\n`)
    assert.equal((await house.call('GET', `${well}/policy`)).text, `submission-address: ${SERVICE}\n`)
    const [info] = (await wkd(SERVICE))!.keys
    assert.deepEqual([textsOf(info!), info!.canEncrypt, info!.canSign], [[`<${SERVICE}>`], true, true])
    const { text } = await house.call('GET', `/vks/v1/by-fingerprint/${info!.fingerprint}`)
    assert.match(text, /PUBLIC KEY/)
    assert.equal(await wkd('key-submission@example.com'), null)
  })

  it('publishes a key after its owner said so, once, and tells him', async () => {
    await newPerson(house, 'anna@example.org')
    const key = await madeKey(house, 'anna@example.org', 'foreign@example.com')
    await submit(key)
    const asked = await question('anna@example.org', key)
    assert.match(house.inbox.received.at(-1)!.raw.replaceAll('=\r\n', ''), /for 7 days\./)
    const { fingerprint } = key.info
    const { nonce, ...rest } = asked
    assert.deepEqual(rest, { type: 'confirmation-request', sender: SERVICE, address: 'anna@example.org', fingerprint })
    assert.equal(await wkd('anna@example.org'), null)
    const wrongs: Record<string, string>[] = [
      { nonce: 'x'.repeat(nonce!.length) },
      { nonce: '' },
      { address: 'foreign@example.com' },
      { sender: 'other@example.org' },
      { type: 'confirmation-request' },
    ]
    for (const wrong of wrongs) await answer(asked, wrong)
    assert.equal(await wkd('anna@example.org'), null)
    await hand(response({ ...asked, type: 'confirmation-response' }))
    assert.equal(await wkd('anna@example.org'), null, 'in clear')
    await answer(asked)
    const { keys } = (await wkd('anna@example.org'))!
    assert.deepEqual([keys[0]!.fingerprint, textsOf(keys[0]!)], [fingerprint, ['Some Body <anna@example.org>']])
    assert.match((await house.inbox.next('anna@example.org')).text, new RegExp(grouped(fingerprint)))
    const before = house.inbox.received.length
    await answer(asked)
    await answer(asked)
    assert.equal(house.inbox.received.length, before)
  })

  it('asks those of its people that a key names, and nobody else', async () => {
    await newPerson(house, 'two@example.org')
    await newPerson(house, 'out@example.org')
    await suspend(house, 'out@example.org', true)
    const key = await madeKey(house, 'stranger@example.com', 'out@example.org', 'two@example.org')
    const before = house.inbox.received.length
    await submit(key)
    assert.equal((await question('two@example.org', key)).address, 'two@example.org')
    assert.equal(house.inbox.received.length, before + 1)
  })

  it('takes nothing that comes too late, or for somebody who was shut out meanwhile', async () => {
    await newPerson(house, 'late@example.org')
    const key = await madeKey(house, 'late@example.org')
    await submit(key)
    const asked = await question('late@example.org', key)
    await suspend(house, 'late@example.org', true)
    await answer(asked)
    await suspend(house, 'late@example.org', false)
    assert.equal(await wkd('late@example.org'), null)
    house.clock.turn(86_400_000)
    await submit(key)
    const again = await question('late@example.org', key)
    house.clock.turn(7 * 86_400_000 + 1000)
    await answer(again)
    assert.equal(await wkd('late@example.org'), null)
  })

  it('takes no place from a key that is there', async () => {
    await newKeyOwner(house, 'keeper@example.org')
    const [was] = (await wkd('keeper@example.org'))!.keys
    const key = await madeKey(house, 'keeper@example.org')
    await submit(key)
    await answer(await question('keeper@example.org', key))
    assert.equal((await wkd('keeper@example.org'))!.keys[0]!.fingerprint, was!.fingerprint)
    const { fingerprint } = key.info
    assert.equal((await house.call('GET', `/vks/v1/by-fingerprint/${fingerprint}`)).status, 200)
  })

  const mailsTo = (email: string) => house.inbox.received.filter(({ to }) => to.includes(email)).length
  const settled = () => new Promise((resolve) => setTimeout(resolve, 200))

  it('asks so often an hour and a day and no more, whoever sends what', async () => {
    await newPerson(house, 'often@example.org')
    const keys = await Promise.all(Array.from({ length: 12 }, () => madeKey(house, 'often@example.org')))
    for (const key of keys.slice(0, 5)) await submit(key)
    for (let times = 0; times < 3; times++) await house.inbox.next('often@example.org')
    await settled()
    assert.equal(mailsTo('often@example.org'), 3)
    for (let hour = 0; hour < 5; hour++) {
      house.clock.turn(3_600_000)
      for (const key of keys.slice(3)) await submit(key)
    }
    for (let times = 3; times < 10; times++) await house.inbox.next('often@example.org')
    await settled()
    assert.equal(mailsTo('often@example.org'), 10)
    house.clock.turn(86_400_000)
    await submit(keys[11]!)
    await house.inbox.next('often@example.org')
  })

  it('asks about one key once a day', async () => {
    await newPerson(house, 'same@example.org')
    const key = await madeKey(house, 'same@example.org')
    await submit(key)
    await house.inbox.next('same@example.org')
    house.clock.turn(3_600_000)
    await submit(key)
    await settled()
    assert.equal(mailsTo('same@example.org'), 1)
    await submit(await madeKey(house, 'same@example.org'))
    await house.inbox.next('same@example.org')
  })

  it('is not kept busy by lines of blanks, nor by what unpacks to very much', async () => {
    const started = performance.now()
    for (const fill of [' ', '\t', ': '])
      await hand(
        `Content-Type: application/vnd.gnupg.wks\n\nnonce:${fill.repeat(60_000 / fill.length)}${'y'.repeat(1200)}\n`,
      )
    assert.ok(performance.now() - started < 3000, String(performance.now() - started))
    // OpenPGP.js compresses where a key asks for it, which those of this house do not.
    const now = new Date(house.clock.now())
    const message = await createMessage({ binary: Buffer.alloc(60 * 1024 * 1024, '\n') })
    const encryptionKeys = await readKey({ binaryKey: await service() })
    const config = { preferredCompressionAlgorithm: enums.compression.zlib }
    encryptionKeys.users[0]!.selfCertifications[0]!.preferredCompressionAlgorithms = [enums.compression.zlib]
    const armored = await encrypt({ message, encryptionKeys, date: now, config })
    assert.ok(armored.length < 120_000, String(armored.length))
    const reasons: unknown[] = []
    const { openpgp: pool } = house.ctx.workers
    const { openMail } = pool
    pool.openMail = (input) =>
      openMail(input).catch((error: unknown) => {
        reasons.push((error as { reason: unknown }).reason)
        throw error
      })
    try {
      await hand((await sealed('x')).replace(/-----BEGIN[\s\S]*-----END PGP MESSAGE-----\n?/, armored))
    } finally {
      pool.openMail = openMail
    }
    assert.deepEqual(reasons, ['message.too-large'])
  })

  it('takes mail for its own address only, of a modest size, and forgets what it cannot use', async () => {
    await assert.rejects(hand('Subject: x\n\nx', 'anna@example.org'), /550/)
    await assert.rejects(hand(`Subject: x\n\n${'x'.repeat(78)}\n`.repeat(2000)), /552/)
    const before = house.inbox.received.length
    for (const raw of [
      'x',
      'Content-Type: application/pgp-keys\n\nnonsense',
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n'.repeat(200),
      await sealed('Content-Type: application/pgp-keys\n\n'),
      await sealed('type: confirmation-response\nnonce: x'),
      (await sealed('x')).replace(/[A-Za-z]{20}/, 'AAAAAAAAAAAAAAAAAAAA'),
      'Content-Type: multipart/encrypted; boundary=b\n\n--b\n\n-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n--b--',
    ])
      await hand(raw)
    assert.equal(house.inbox.received.length, before)
  })

  it('writes down why it forgets a mail, and nobody’s address', async () => {
    const { log } = house.ctx
    const { info } = log
    const lines: unknown[] = []
    log.info = (event, more) => lines.push({ event, ...more })
    const words = response({ type: 'confirmation-response', address: 'anna@example.org', nonce: 'x' })
    try {
      for (const raw of ['Subject: x\n\nx', words, 'Content-Type: application/pgp-keys\n\nnonsense']) await hand(raw)
    } finally {
      log.info = info
    }
    assert.deepEqual(lines, [
      { event: 'wks.ignored', reason: 'neither-key-nor-answer' },
      { event: 'wks.ignored', reason: 'answer-in-clear' },
      { event: 'wks.ignored', reason: 'key.no-key' },
    ])
  })

  it('takes the key in clear too, which is no secret', async () => {
    await newPerson(house, 'clear@example.org')
    const key = await madeKey(house, 'clear@example.org')
    const part = await submission(key)
    await hand(`Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhi\n--b\n${part}--b--\n`)
    await answer(await question('clear@example.org', key))
    assert.equal((await wkd('clear@example.org'))!.keys[0]!.fingerprint, key.info.fingerprint)
  })

  it('speaks with GnuPG’s client', { skip: !existsSync(client) && 'no gpg-wks-client' }, async (t) => {
    await newPerson(house, 'gnupg@example.org')
    const run = gnuPg(t)
    run('gpg', ['--import'], await service())
    run('gpg', ['--quick-gen-key', 'Gnu <gnupg@example.org>', 'default', 'default', 'never'])
    const listed = run('gpg', ['--list-keys', '--with-colons', 'gnupg@example.org']).toString()
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed)![1]!
    house.clock.turn(60_000)
    const fake = ['--fake-submission-addr', SERVICE]
    await hand(run(client, [...fake, '--create', fingerprint, 'gnupg@example.org']).toString())
    const { raw } = await house.inbox.next('gnupg@example.org')
    await hand(run(client, [...fake, '--receive'], Buffer.from(raw)).toString())
    const { keys } = (await wkd('gnupg@example.org'))!
    assert.deepEqual([keys[0]!.fingerprint, textsOf(keys[0]!)], [fingerprint, ['Gnu <gnupg@example.org>']])
    assert.equal((await findByAddress(house.ctx, 'gnupg@example.org'))!.confirmed, 1)
  })
})

/** GnuPG's programs with a home of their own. */
function gnuPg(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'gpg-'))
  const env = { ...process.env, GNUPGHOME: home, LC_ALL: 'C' }
  t.after(() => {
    spawnSync('gpgconf', ['--kill', 'all'], { env })
    rmSync(home, { recursive: true, force: true })
  })
  return (program: string, args: string[], input: Uint8Array = Buffer.alloc(0)): Buffer => {
    const always = program === 'gpg' ? ['--batch', '--no-tty', '--passphrase', '', '--pinentry-mode', 'loopback'] : []
    const done = spawnSync(program, [...always, ...args], { env, input })
    assert.equal(done.status, 0, done.stderr.toString())
    return done.stdout
  }
}
