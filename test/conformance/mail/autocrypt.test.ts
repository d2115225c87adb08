import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import {
  autocryptFor,
  listAutocrypt,
  takeHeader,
  uploadExternal,
  verifyAutocrypt,
} from '#src/domain/correspondents/correspondents.ts'
import { changeKeySettings, currentCertificate, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { findSession } from '#src/domain/sessions/sessions.ts'
import { readHeader, writeGossip, writeHeader } from '#src/lib/autocrypt/header.ts'
import { headerValues, splitMessage } from '#src/lib/mime/message.ts'
import { openPgpPool } from '#src/lib/openpgp/pool.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { bodyOf, KEY_PASSWORD, mailOf, messageIn, origin, type Person, person } from './people.ts'

const openpgp = openPgpPool({ size: 1, queueLimit: 100 })
after(() => openpgp.close())

const DAY = 86_400_000

onEveryEngine('Autocrypt in mails', (engine) => {
  let house: House
  let ada: Person
  let ben: Person
  let cyd: Person
  let count = 0
  before(async () => {
    house = await startHouse({ engine })
    ada = await person(house, 'ada')
    ben = await person(house, 'ben')
    cyd = await person(house, 'cyd')
  })
  after(() => house.stop())

  const now = () => house.clock.now()
  const date = (ago = 0) => new Date(now() - ago).toUTCString()
  const accountOf = async ({ email }: Person) => (await findByAddress(house.ctx, email))!
  const fields = (message: Uint8Array, name: string) => headerValues(splitMessage(message), name)
  const stranger = () => `else${++count}@elsewhere.test`
  const generate = (email: string) =>
    openpgp.generate({ userIds: [{ name: 'Else', email }], algorithm: 'curve25519', validSeconds: 0, now: now() })
  const certificateOf = async ({ email }: Person) => (await currentCertificate(house.ctx, email))!.certificate
  const known = async (reader: Person, address: string) =>
    autocryptFor(house.ctx, { account: await accountOf(reader), address })
  const secretsOf = async ({ sessid }: Person) => {
    const signed = await findSession(house.ctx, sessid, 'mailbox')
    return (await unlockedSecrets(house.ctx, { signed, proof: { password: KEY_PASSWORD }, origin })).all
  }

  /** A mail from outside: `inside` is what was encrypted, its header too. */
  const sealed = async (reader: Person, outer: Record<string, string>, inside: string, signWith?: Uint8Array) => {
    const data = Buffer.from(inside)
    const armored = await openpgp.encrypt({
      data,
      recipients: [await certificateOf(reader)],
      now: now(),
      armor: true,
      ...(signWith ? { signWith } : {}),
    })
    const type = 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b'
    const body = [
      '--b',
      'Content-Type: application/pgp-encrypted',
      '',
      'Version: 1',
      '--b',
      'Content-Type: application/octet-stream',
      '',
      armored.trimEnd().replaceAll('\n', '\r\n'),
      '--b--',
      '',
    ].join('\r\n')
    return mailOf({ ...outer, 'Content-Type': type }, body)
  }
  const plain = 'Content-Type: text/plain\r\n\r\nhi\r\n'
  const bare = (field: string | null) => field!.replace(/^[\w-]+: /, '').trimEnd()
  const autocryptOf = (address: string, keydata: Uint8Array, prefersEncryption = false) =>
    bare(writeHeader({ address, keydata, prefersEncryption }))

  it('bring the key of their author, and say what he prefers', async () => {
    const mail = mailOf({ From: `Ada <${ada.email}>`, To: ben.email, Subject: 'Hi' }, 'At noon.\r\n')
    const sent = await ada.encrypt(mail)
    assert.equal(sent.status, 200, sent.text)
    const [value, ...more] = fields(sent.bytes, 'autocrypt')
    assert.deepEqual(more, [])
    const header = readHeader(value!)!
    assert.deepEqual([header.address, header.prefersEncryption], [ada.email, false])
    const { rings } = await openpgp.inspect({ bytes: header.keydata, now: now() })
    assert.equal(rings[0]!.info.fingerprint, (await currentCertificate(house.ctx, ada.email))!.fingerprint)
    assert.equal(rings[0]!.info.canEncrypt, true)
    const raw = sent.text.slice(0, sent.text.indexOf('\r\n\r\n'))
    assert.ok(raw.split('\r\n').every((line) => line.length <= 100) && !/[^\r]\n/.test(raw))
    const opened = await ben.decrypt(sent.bytes)
    assert.equal(bodyOf(messageIn(opened)).toString(), 'At noon.\r\n')
    assert.deepEqual(opened.json.signatures[0].matchesSender, true)

    const account = await accountOf(ada)
    await changeKeySettings(house.ctx, { account, changes: { encrypts: true }, origin })
    const keen = await ada.encrypt(mail, 'sign=false')
    assert.equal(readHeader(fields(keen.bytes, 'autocrypt')[0]!)!.prefersEncryption, true)
    await changeKeySettings(house.ctx, { account, changes: { encrypts: false }, origin })
  })

  it('go without where it is unwanted, there already, or not to be had', async () => {
    const header = { From: ada.email, To: ben.email }
    const values = async (mail: Buffer, query: string) => fields((await ada.encrypt(mail, query)).bytes, 'autocrypt')
    assert.deepEqual(await values(mailOf(header, 'x'), 'autocrypt=false'), [])
    assert.equal((await ada.encrypt(mailOf(header, 'x'), 'autocrypt=yes')).status, 400)
    assert.deepEqual(await values(mailOf({ ...header, Autocrypt: 'addr=own; keydata=AAAA' }, 'x'), 'sign=false'), [
      'addr=own; keydata=AAAA',
    ])
    assert.deepEqual(await values(mailOf({ ...header, From: stranger() }, 'x'), 'sign=false'), [])
    assert.deepEqual(
      await values(mailOf({ ...header, From: ben.email }, 'x'), 'sign=false'),
      [],
      'not the key of others',
    )
    assert.deepEqual(await values(mailOf({ ...header, From: `${ada.email}, ${ben.email}` }, 'x'), 'sign=false'), [])
    const keyless = await person(house, 'keyless', { hasKey: false })
    const sent = await keyless.encrypt(mailOf({ From: keyless.email, To: ben.email }, 'x'), 'sign=false')
    assert.deepEqual([sent.status, fields(sent.bytes, 'autocrypt')], [200, []])
  })

  it('stay byte for byte what they were beside it, whatever their line ends are', async () => {
    for (const end of ['\r\n', '\n']) {
      const mail = mailOf({ From: ada.email, To: `${ben.email}, ${cyd.email}` }, `one${end}two${end}`, end)
      const opened = await ben.decrypt((await ada.encrypt(mail)).bytes)
      assert.equal(bodyOf(messageIn(opened)).toString(), 'one\r\ntwo\r\n')
      assert.equal(fields(messageIn(opened), 'autocrypt').length, 1)
    }
    const headOnly = await ada.encrypt(`From: ${ada.email}\r\nTo: ${ben.email}`)
    assert.equal(fields(headOnly.bytes, 'autocrypt').length, 1)
    assert.equal(bodyOf(messageIn(await ben.decrypt(headOnly.bytes))).length, 0)
  })

  it('to several people introduce them to each other, inside the encryption, those in Bcc excepted', async () => {
    const dan = await person(house, 'dan')
    const mail = mailOf({ From: ada.email, To: ben.email, Cc: cyd.email, Bcc: dan.email }, 'all\r\n')
    const sent = await ada.encrypt(mail)
    assert.doesNotMatch(sent.text, /autocrypt-gossip/i)
    const armored = Buffer.from(/-----BEGIN PGP MESSAGE[\s\S]*END PGP MESSAGE-----/.exec(sent.text)![0])
    const { data } = await openpgp.decrypt({
      message: armored,
      secrets: await secretsOf(ben),
      verifyWith: [],
      now: now(),
    })
    const gossip = fields(data, 'autocrypt-gossip').map((value) => readHeader(value)!)
    assert.deepEqual(gossip.map(({ address }) => address).toSorted(), [ben.email, cyd.email].toSorted())
    assert.equal(
      gossip.some(({ prefersEncryption }) => prefersEncryption),
      false,
    )
    assert.equal(bodyOf(messageIn(await dan.decrypt(sent.bytes))).toString(), 'all\r\n')

    const alone = await ada.encrypt(mailOf({ From: ada.email, To: ben.email, Bcc: cyd.email }, 'x'))
    const inside = Buffer.from(/-----BEGIN PGP MESSAGE[\s\S]*END PGP MESSAGE-----/.exec(alone.text)![0])
    const single = await openpgp.decrypt({ message: inside, secrets: await secretsOf(ben), verifyWith: [], now: now() })
    assert.deepEqual(fields(single.data, 'autocrypt-gossip'), [])
    const own = { From: ada.email, To: ben.email, 'Autocrypt-Gossip': 'addr=x@y.test; keydata=AAAA' }
    assert.doesNotMatch((await ada.encrypt(mailOf(own, 'x'))).text, /autocrypt-gossip/i, 'nor is what its author wrote')
  })

  it('teach their reader the key of their sender, as one that nobody has verified', async () => {
    const from = stranger()
    const { certificate, info } = await generate(from)
    const header = {
      From: `Else <${from}>`,
      To: ben.email,
      Date: date(),
      Autocrypt: autocryptOf(from, certificate, true),
    }
    assert.equal((await ben.decrypt(await sealed(ben, header, plain))).status, 200)
    const learnt = await known(ben, from)
    assert.deepEqual([learnt?.fingerprint, learnt?.verified, learnt?.gossip], [info.fingerprint, false, false])
    const [shown] = (await listAutocrypt(house.ctx, await accountOf(ben))).filter(({ address }) => address === from)
    assert.deepEqual([shown?.prefersEncryption, shown?.lastSeen], [true, now()])
    assert.equal(await known(ada, from), null, 'nobody else learns of it')
    // And it is good to write to him.
    const answer = await ben.encrypt(mailOf({ From: ben.email, To: from }, 'hello'), 'sign=false')
    assert.equal(answer.status, 200, answer.text)
  })

  it('change what is known by their date, and never from the future', async () => {
    const from = stranger()
    const [first, second] = [await generate(from), await generate(from)]
    const read = async (key: Uint8Array, when: string | null) => {
      const header = { From: from, To: ben.email, Autocrypt: autocryptOf(from, key) }
      const dated = when === null ? header : { ...header, Date: when }
      assert.equal((await ben.decrypt(await sealed(ben, dated, plain))).status, 200)
      return (await known(ben, from))?.fingerprint
    }
    assert.equal(await read(first.certificate, null), undefined)
    assert.equal(await read(first.certificate, 'once upon a time'), undefined)
    assert.equal(await read(first.certificate, date(-30 * DAY)), undefined)
    assert.equal(await read(first.certificate, date(2 * DAY)), first.info.fingerprint)
    assert.equal(await read(second.certificate, date(3 * DAY)), first.info.fingerprint)
    assert.equal(await read(second.certificate, date(DAY)), second.info.fingerprint)
    assert.equal(await read(first.certificate, date(2 * DAY)), second.info.fingerprint)
  })

  it('teach nothing of a sender that is not the one in From, of machines, and of the reader himself', async () => {
    const from = stranger()
    const { certificate } = await generate(from)
    const good = autocryptOf(from, certificate)
    const base = { From: from, To: ben.email, Date: date(), Autocrypt: good }
    const odd: Record<string, string>[] = [
      { ...base, From: `${from}, ${stranger()}` },
      { ...base, From: stranger(), 'Reply-To': from, Sender: from },
      { ...base, 'Auto-Submitted': 'auto-replied (vacation)' },
      { ...base, Autocrypt: `${good}\r\nAutocrypt: ${good}` },
      { ...base, Autocrypt: good.replace('keydata', 'level=2; keydata') },
    ]
    for (const header of odd) {
      assert.equal((await ben.decrypt(await sealed(ben, header, plain))).status, 200)
      assert.equal((await known(ben, from))?.fingerprint, undefined, JSON.stringify(header).slice(0, 200))
    }
    const own = { ...base, From: ben.email, Autocrypt: autocryptOf(ben.email, certificate) }
    await ben.decrypt(await sealed(ben, own, plain))
    assert.equal(await known(ben, ben.email), null)
  })

  it('are read whatever their headers hold', async () => {
    const from = stranger()
    const { certificate, secret } = await generate(from)
    const bytes = Buffer.from(certificate)
    const second = (await generate(from)).certificate
    const junk = [
      'nonsense',
      `addr=${from}; keydata=`,
      `addr=${from}; keydata=${Buffer.alloc(40_000, 0x99).toString('base64')}`,
      `addr=${from}; keydata=${bytes.subarray(0, 60).toString('base64')}`,
      `addr=${from}; keydata=${Buffer.concat([bytes, second]).toString('base64')}`,
      `addr=${from}; keydata=${Buffer.from(secret).toString('base64')}`,
      `${'a=b; '.repeat(5000)}`,
    ]
    for (const value of junk) {
      const header = { From: from, To: ben.email, Date: date(), Autocrypt: value }
      const inside = `Autocrypt-Gossip: ${value}\r\n`.repeat(3) + plain
      const opened = await ben.decrypt(await sealed(ben, header, inside))
      assert.equal(bodyOf(messageIn(opened)).toString(), 'hi\r\n', value.slice(0, 60))
      assert.equal((await known(ben, from))?.fingerprint, undefined, value.slice(0, 60))
    }
  })

  it('pass keys on inside the encryption, of those whom they name and of nobody else', async () => {
    const [from, told, other] = [stranger(), stranger(), stranger()]
    const [key, another] = [await generate(told), await generate(other)]
    const gossip = (address: string, keydata: Uint8Array) => writeGossip({ address, keydata })!
    const outer = { From: from, To: `${ben.email}, ${told}`, Date: date() }
    const inside = gossip(told, key.certificate) + gossip(other, another.certificate) + plain
    const unsealed = { ...outer, 'Autocrypt-Gossip': bare(gossip(told, key.certificate)) }
    await ben.decrypt(await sealed(ben, unsealed, plain))
    assert.equal(await known(ben, told), null, 'what stands outside counts for nothing')
    const opened = await ben.decrypt(await sealed(ben, outer, inside))
    assert.equal(bodyOf(messageIn(opened)).toString(), 'hi\r\n')
    const learnt = await known(ben, told)
    assert.deepEqual([learnt?.fingerprint, learnt?.gossip, learnt?.verified], [key.info.fingerprint, true, false])
    assert.equal(await known(ben, other), null)
    const wanted = { account: await accountOf(ben), ids: [key.info.fingerprint], verified: true, origin }
    await assert.rejects(verifyAutocrypt(house.ctx, wanted), { reason: 'key.unknown' })
    // His own word outweighs what others said.
    const own = await generate(told)
    const header = { From: told, To: ben.email, Date: date(DAY), Autocrypt: autocryptOf(told, own.certificate) }
    await ben.decrypt(await sealed(ben, header, plain))
    assert.deepEqual(
      [(await known(ben, told))?.fingerprint, (await known(ben, told))?.gossip],
      [own.info.fingerprint, false],
    )
  })

  it('count as signed by their sender when his key was verified or uploaded, and not before', async () => {
    const from = stranger()
    const { certificate, secret, info } = await generate(from)
    const header = { From: from, To: ben.email, Date: date(), Autocrypt: autocryptOf(from, certificate) }
    const mail = await sealed(ben, header, plain, secret)
    const facts = async (reader: Person) => {
      const [one] = (await reader.decrypt(mail)).json.signatures
      return [one.status, one.signer, one.matchesSender]
    }
    assert.deepEqual(await facts(ben), ['unknown-key', null, false])
    assert.deepEqual(await facts(ben), ['unknown-key', null, false], 'learnt by now, but not verified')
    const account = await accountOf(ben)
    await verifyAutocrypt(house.ctx, { account, ids: [info.fingerprint], verified: true, origin })
    assert.deepEqual(await facts(ben), ['valid', from, true])
    await verifyAutocrypt(house.ctx, { account, ids: [info.fingerprint], verified: false, origin })
    assert.deepEqual(await facts(ben), ['unknown-key', null, false])
    await uploadExternal(house.ctx, { account, file: certificate, origin })
    assert.deepEqual(await facts(ben), ['valid', from, true])
  })

  it('are never signed for one of our people by a key that is not his', async () => {
    const from = stranger()
    const made = await openpgp.generate({
      userIds: [
        { name: 'Else', email: from },
        { name: 'Ada', email: ada.email },
      ],
      algorithm: 'curve25519',
      validSeconds: 0,
      now: now(),
    })
    const account = await accountOf(ben)
    await uploadExternal(house.ctx, { account, file: made.certificate, origin })
    const value = autocryptOf(ada.email, made.certificate)
    await takeHeader(house.ctx, { account, value, sent: String(now()), keep: true, confirmed: true, origin })
    const mail = await sealed(ben, { From: ada.email, To: ben.email, Date: date() }, plain, made.secret)
    const [one] = (await ben.decrypt(mail)).json.signatures
    assert.deepEqual([one.status, one.signer, one.matchesSender], ['unknown-key', null, false])
  })

  it('do not take the place of a verified key, of which the reader is told; he may choose the new one', async () => {
    const eve = await person(house, 'eve')
    const account = await accountOf(eve)
    const from = stranger()
    const [first, second] = [await generate(from), await generate(from)]
    const read = async (key: { certificate: Uint8Array }, ago: number) => {
      const header = { From: from, To: eve.email, Date: date(ago), Autocrypt: autocryptOf(from, key.certificate) }
      assert.equal((await eve.decrypt(await sealed(eve, header, plain))).status, 200)
      const { fingerprint, verified } = (await known(eve, from))!
      return [fingerprint, verified]
    }
    const verify = (ids: string[]) => verifyAutocrypt(house.ctx, { account, ids, verified: true, origin })
    const notices = async () =>
      (await house.ctx.db.selectFrom('message').select('id').where('recipient', '=', eve.email).execute()).length
    await read(first, 5 * DAY)
    await verify([first.info.fingerprint])
    const before = await notices()
    assert.deepEqual(await read(second, 4 * DAY), [first.info.fingerprint, true])
    assert.equal(await notices(), before + 1)
    assert.deepEqual(await read(second, 4 * DAY), [first.info.fingerprint, true])
    assert.deepEqual(await read(second, 3 * DAY), [first.info.fingerprint, true])
    assert.equal(await notices(), before + 1, 'told once')
    let text = ''
    while (!text.includes('another key')) ({ text } = await house.inbox.next(eve.email))
    assert.ok(
      text.replace(/\s+/g, ' ').includes(`A mail from ${from} came with another key; the one you verified`),
      text,
    )
    const shown = (await listAutocrypt(house.ctx, account)).filter(({ address }) => address === from)
    assert.deepEqual(
      shown.map(({ fingerprint, verified }) => [fingerprint, verified]),
      [
        [first.info.fingerprint, true],
        [second.info.fingerprint, false],
      ],
    )
    await verify([second.info.fingerprint])
    assert.deepEqual(await read(second, 2 * DAY), [second.info.fingerprint, true])
    assert.deepEqual(await read(first, 5 * DAY), [second.info.fingerprint, true])
    await assert.rejects(verify([first.info.fingerprint]), { reason: 'key.unknown' })
  })

  it('teach nothing of addresses whose letters are those of another in disguise', async () => {
    const { certificate } = await generate('kelvin@elsewhere.test')
    for (const from of ['\u212aelvin@elsewhere.test', 'kelvin@\uff45lsewhere.test', 'kelvin@else\u00adwhere.test']) {
      const autocrypt = autocryptOf('kelvin@elsewhere.test', certificate)
      for (const value of [autocrypt, autocrypt.replace('kelvin@elsewhere.test', from)]) {
        const header = { From: from, To: ben.email, Date: date(), Autocrypt: value }
        assert.equal((await ben.decrypt(await sealed(ben, header, plain))).status, 200)
        for (const address of ['kelvin@elsewhere.test', from]) assert.equal(await known(ben, address), null, from)
      }
    }
  })

  it('teach the same when they are read twice at the same instant', async () => {
    const from = stranger()
    const { certificate, info } = await generate(from)
    const header = { From: from, To: ben.email, Date: date(), Autocrypt: autocryptOf(from, certificate) }
    const mail = await sealed(ben, header, plain)
    const replies = await Promise.all([1, 2, 3].map(() => ben.decrypt(mail)))
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 200, 200],
    )
    assert.equal((await known(ben, from))?.fingerprint, info.fingerprint)
  })
})
