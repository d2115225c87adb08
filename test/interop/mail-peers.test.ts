import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { currentCertificate, exportRing, findRing, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { findSession } from '#src/domain/sessions/sessions.ts'
import { decodedBody, entityOf, partsOf } from '#src/lib/mime/multipart.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import { type House, startHouse } from '#src/testing.ts'
import { bodyOf, mailOf, messageIn, origin, type Person, person, withPassword } from '../conformance/mail/people.ts'

const password = 'pw'
const isThere = (program: string) => spawnSync(program, ['--help']).error === undefined
const missing = (program: string) => (isThere(program) ? false : `${program} is not installed`)

describe('mail between us and Sequoia and RNP', () => {
  let house: House
  let home: string
  let ada: Person
  let ben: Person
  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'peers-'))
    // These programs know no other time than that of the machine.
    house = await startHouse({ settings: { CHATELAINE_KEY_PASSWORD_MIN_LENGTH: '2' }, at: Date.now() - 10_000 })
    ada = await person(house, 'ada', { password })
    ben = await person(house, 'ben', { password })
  })
  after(async () => {
    await house.stop()
    rmSync(home, { recursive: true, force: true })
  })

  const file = (name: string, data: Uint8Array | string) => {
    writeFileSync(join(home, name), data)
    return join(home, name)
  }
  const run = ([program, ...args]: string[], input: Uint8Array | string = '') => {
    const done = spawnSync(program!, args, { input, env: { ...process.env, HOME: home } })
    assert.equal(done.status, 0, `${program} ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  const certificate = async ({ email }: Person) =>
    file(`${email}.cert`, armor('PUBLIC KEY BLOCK', (await currentCertificate(house.ctx, email))!.certificate))
  const secret = async ({ email, sessid }: Person) => {
    const signed = await findSession(house.ctx, sessid, 'mailbox')
    const { current } = await unlockedSecrets(house.ctx, { signed, proof: { password }, origin })
    return file(`${email}.key`, armor('PRIVATE KEY BLOCK', current!))
  }
  const mail = () =>
    mailOf(
      { From: ada.email, To: ben.email, Subject: 'Hidden', 'Content-Type': 'text/plain; charset=utf-8' },
      'Grüße \r\nFrom here\r\n',
    )
  const sealedFor = async (): Promise<Uint8Array> => {
    const [, part] = partsOf(entityOf((await ada.encrypt(mail())).bytes), 10)
    return entityOf(part!).body
  }
  const isProtected = (inside: Uint8Array) => {
    const text = Buffer.from(inside).toString()
    assert.match(text, /^Content-Type: text\/plain; hp="cipher"; hp-legacy-display="1"; charset=utf-8\r$/m)
    assert.match(text, /^Subject: Hidden\r\n[\s\S]*\r\n\r\nSubject: Hidden\r\n\r\nGrüße/m)
  }

  it('sqop opens and verifies what we send and sign', { skip: missing('sqop') }, async () => {
    const verdict = join(home, 'verdict')
    const verifying = ['--verify-with', await certificate(ada), '--verify-out', verdict]
    isProtected(run(['sqop', 'decrypt', ...verifying, await secret(ben)], await sealedFor()))
    assert.notEqual(readFileSync(verdict, 'utf8'), '')
    const signed = await ada.post('/mail/sign', mail(), withPassword(password))
    const [part, signature] = partsOf(entityOf(signed.bytes), 10)
    run(['sqop', 'verify', file('sig', entityOf(signature!).body), await certificate(ada)], part!)
    const clear = await ada.post('/mail/sign?format=inline', mail(), withPassword(password))
    run(['sqop', 'inline-verify', await certificate(ada)], decodedBody(entityOf(clear.bytes)))
  })

  it('rnp opens what we send, and verifies what we sign', { skip: missing('rnp') }, async () => {
    const account = (await findByAddress(house.ctx, ben.email))!
    const ring = await findRing(house.ctx, account, null)
    const { privateArmor } = await exportRing(house.ctx, { account, ring, secret: true, password, origin })
    run(['rnpkeys', '--import', file('ben.key', privateArmor!)])
    run(['rnpkeys', '--import', await certificate(ada)])
    const sealed = file('sealed', await sealedFor())
    isProtected(run(['rnp', '--password', password, '--decrypt', '--output', '-', sealed]))
    const clear = await ada.post('/mail/sign?format=inline', mail(), withPassword(password))
    run(['rnp', '--verify', '--output', '-', file('clear.asc', decodedBody(entityOf(clear.bytes)))])
  })

  it('we open and verify what sqop encrypts, header and all', { skip: missing('sqop') }, async () => {
    const inside = `Content-Type: text/plain; charset=utf-8; hp="cipher"\r\nFrom: ${ada.email}\r\nSubject: Hidden\r\nHP-Outer: Subject: [...]\r\n\r\nhi\r\n`
    const sealed = run(['sqop', 'encrypt', '--sign-with', await secret(ada), await certificate(ben)], inside)
    const type = 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b'
    const parts = `--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n${sealed}\r\n--b--\r\n`
    // It signed now: last, because the others must not meet our signatures before their time.
    house.clock.turn(20_000)
    const whole = mailOf({ From: ada.email, To: ben.email, Subject: '[...]', 'Content-Type': type }, parts)
    const opened = await ben.decrypt(whole)
    assert.equal(bodyOf(messageIn(opened)).toString(), 'hi\r\n')
    assert.equal(opened.json.verification.result, 'good')
    assert.match(opened.json.message, /^Subject: Hidden\r$/m)
  })
})
