import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Reply } from '#src/testing.ts'
import { armored, encryptedPart, mail, type Stage, stage, verdictOf } from './efail-samples.ts'
import { type Person, withPassword } from './people.ts'

const inside = (fields: string) => `Content-Type: text/plain; hp="cipher"\r\n${fields}\r\nI agree.\r\n`

describe('signatures: the sender who is shown is the one who signed', () => {
  let on: Stage
  before(async () => {
    on = await stage()
  })
  after(() => on.house.stop())

  const headOf = ({ json }: Reply): string => json.message.slice(0, json.message.indexOf('\r\n\r\n') + 2)
  const isOf = (reply: Reply): boolean =>
    reply.json.signatures.some((each: { matchesSender: boolean }) => each.matchesSender)
  const open = async (from: string, data: string, by?: Person): Promise<Reply> => {
    const content = encryptedPart(armored(await on.sealed(data, on.ben, by)))
    return on.ben.decrypt(
      Buffer.concat([Buffer.from(`${from}\r\n`), mail({ To: `${on.ben.email}, ${on.eve.email}` }, content)]),
    )
  }

  it('Eve signs, and a From that is to look like Ada', async () => {
    const plain = 'Content-Type: text/plain\r\n\r\nI agree.\r\n'
    const [a, e] = [on.ada.email, on.eve.email]
    // Only where the one address in it is hers may her signature speak for the sender.
    const isEves = [`"${a}" <${e}>`, `${a} <${e}>`, `=?utf-8?q?${a.replace('@', '=40')}?= <${e}>`, `<${e}> (${a})`]
    for (const from of isEves) {
      const reply = await open(`From: ${from}`, plain, on.eve)
      assert.equal(reply.json.signatures[0].signer, e, from)
      assert.match(reply.json.verification.explanation, new RegExp(e.replace('.', '\\.')), from)
      assert.ok(!reply.json.verification.explanation.includes(a), from)
    }
    for (const from of [
      a,
      `${a}, ${e}`,
      `${e}, ${a}`,
      `Group: ${a}, ${e};`,
      `Ada <${a}>\r\nFrom: Eve <${e}>`,
      `Eve <${e}>\r\nFrom: Ada <${a}>`,
      `Eve <${e}>\r\nfrom : Ada <${a}>`,
      `"<${e}>" <${a}>`,
      `${e} <${a}>`,
      `=?utf-8?q?Eve_=3C${e.replace('@', '=40')}=3E?= <${a}>`,
      `Ada <${a}>\r\nSender: ${e}`,
      `Ada <${a}>\r\nReply-To: ${e}`,
      `Ada <${a}>\r\nResent-From: ${e}`,
      `Ada <${a}.evil.test>`,
    ]) {
      const reply = await open(`From: ${from}`, plain, on.eve)
      assert.ok(!isOf(reply), `${from}: ${reply.text}`)
      assert.ok(!['good', 'partly'].includes(verdictOf(reply).result), from)
    }
  })

  it('a From that another program may read as somebody else counts as nobody’s', async () => {
    const [a, e, { ada, eve }] = [on.ada.email, on.eve.email, on]
    const plain = 'Content-Type: text/plain\r\n\r\nI agree.\r\n'
    const rows = [
      [`Ada, <${e}>`, eve],
      [`<${a},x>, ${e}`, eve],
      [`Ada <${a}, Eve <${e}>`, eve],
      [`Ada <${a}@>, <${e}>`, eve],
      [`${a}:${e};`, eve],
      [`Ada <${'x'.repeat(400)}@y.test>, <${e}>`, eve],
      [`${a} (, <${e}>)`, ada],
      [`${e} (, <${a}>)`, eve],
      [`=?utf-8?q?<${a}>?= <${e}>`, eve],
      [`=?utf-8?q?"?= <${a}>, "<${e}>`, eve],
      [`"Ada" <${a}>, "<${e}>`, eve],
      [`"Ada"<${a}>\r\n <${e}>`, ada],
      [`Ada <${a}>\r\nFrom: Ada <${a}>`, ada],
      [`Ada <${a}> <${e}>`, ada],
      [`${a} ${e}`, ada],
      [`<${a}>${e}`, ada],
      [`@evil.test:${e}`, eve],
      [`<@evil.test:${e}>`, eve],
      [`Ada <${a}\0.evil.test>`, ada],
      [`${a},`, ada],
    ] as const
    for (const [from, by] of rows)
      for (const isInside of [false, true]) {
        const reply = isInside
          ? await open(`From: ${from.split('\r\n')[0]}`, inside(`From: ${from}\r\nSubject: s\r\n`), by)
          : await open(`From: ${from}`, plain, by)
        assert.ok(!isOf(reply), `${from}: ${reply.text}`)
        assert.ok(['other', 'unknown'].includes(verdictOf(reply).result), from)
        assert.match(reply.json.verification.explanation, /read in two ways/, from)
        const encrypted = Buffer.from(`From: ${from}\r\nTo: ${a}\r\n\r\nx\r\n`)
        const signed = await by.post('/mail/sign', encrypted, withPassword())
        assert.ok(['MESSAGE_UNREADABLE', 'SENDER_FOREIGN'].includes(signed.json?.errorCode), `${from}: ${signed.text}`)
      }
    for (const from of [
      `"Countess, Ada \\"A\\"" <${a}>`,
      `Ada (Lovelace) <${a}>`,
      `${a} (Ada)`,
      `=?utf-8?b?QWRh?= <${a}>`,
      `Zoë<${a}>`,
    ])
      assert.equal(verdictOf(await open(`From: ${from}`, plain, ada)).result, 'good', from)
  })

  it('what stands inside counts for whom it is signed by', async () => {
    const [a, e] = [on.ada.email, on.eve.email]
    for (const [what, from, fields, by, shown] of [
      ['Eve inside Ada', a, `From: ${e}\r\n`, on.ada, a],
      ['Ada inside Eve', e, `From: ${a}\r\n`, on.eve, e],
      ['both inside', e, `From: ${a}\r\nFrom: ${e}\r\n`, on.eve, e],
      ['both inside, in one field', e, `From: ${a}, ${e}\r\n`, on.eve, e],
      ['Ada inside, unsigned', e, `From: ${a}\r\n`, undefined, e],
      ['HP-Outer with a From', e, `From: ${a}\r\nHP-Outer: From: ${e}\r\n`, on.eve, e],
      ['HP-Outer alone', a, `HP-Outer: From: ${a}\r\n`, on.eve, a],
    ] as const) {
      const reply = await open(`From: ${from}`, inside(`${fields}Subject: s\r\n`), by)
      assert.ok(!isOf(reply), `${what}: ${reply.text}`)
      assert.ok(!['good', 'partly'].includes(verdictOf(reply).result), what)
      assert.deepEqual(headOf(reply).match(/^From: .*$/gm), [`From: ${shown}`], what)
      const isSigned = (each: { protection: string }) => each.protection.startsWith('signed')
      assert.ok(!reply.json.protectedHeaders.some(isSigned), what)
    }
  })

  it('Ada’s mail, sent on by Eve under a header of hers: answers do not go to Eve', async () => {
    const a = on.ada.email
    const fields = `From: ${a}\r\nTo: ${on.ben.email}\r\nSubject: s\r\nDate: Thu, 15 Jan 2026 11:00:00 +0000\r\n`
    const outer = `From: ${a}\r\nReply-To: thief@evil.test\r\nMail-Followup-To: thief@evil.test\r\nDate: Fri, 16 Jan 2026 11:00:00 +0000\r\nSubject: evil.test`
    const draft = `Content-Type: text/plain; protected-headers="v1"\r\n${fields}\r\nI agree.\r\n`
    for (const data of [inside(`${fields}HP-Outer: Subject: [...]\r\n`), draft]) {
      const reply = await open(outer, data, on.ada)
      assert.equal(verdictOf(reply).result, 'good')
      assert.doesNotMatch(headOf(reply), /evil\.test/, data)
      const changed = reply.json.protectedHeaders.filter((each: { changed: boolean }) => each.changed)
      const names = changed.map(({ name }: { name: string }) => name)
      if (data !== draft) assert.ok(names.includes('date') && names.includes('subject'), names.join())
    }
  })

  it('marks of protection that nobody signed or encrypted', async () => {
    const claim = `Content-Type: text/plain; hp="clear"\r\nFrom: ${on.ada.email}\r\nSubject: s\r\n\r\nI agree.\r\n`
    const plain = await on.ben.post('/mail/verify', Buffer.from(`From: ${on.eve.email}\r\n${claim}`))
    assert.equal(plain.json.errorCode, 'NOT_SIGNED')
    const reply = await open(`From: ${on.eve.email}`, claim)
    assert.equal(verdictOf(reply).result, 'none')
    assert.deepEqual(headOf(reply).match(/^From: .*$/gm), [`From: ${on.eve.email}`])
    // Of a part of a part nothing is taken.
    const deep = `Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n${inside(`From: ${on.ada.email}\r\n`)}\r\n--q--\r\n`
    const nested = await open(`From: ${on.eve.email}`, deep, on.eve)
    assert.deepEqual([nested.json.protectedHeaders, headOf(nested).includes(on.ada.email)], [[], false])
  })
})
