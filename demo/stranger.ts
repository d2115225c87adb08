import { call } from './person.ts'
import type { PostOffice } from './post-office.ts'
import { expect, type Story } from './story.ts'

const ZOE = 'zoe@elsewhere.test'
const INVITATION = 'The mill has a table for twelve.'
const ANSWER = 'I shall bring the cake.'

/** Who writes to somebody without a key, in a session that her key is open in. */
interface Writer {
  api: string
  office: PostOffice
  address: string
  headers: Record<string, string>
}

/** A stranger gets an encrypted mail, reads it here without having installed anything, and answers it encrypted. */
export async function writeToStranger({ step, say }: Story, { api, office, address, headers }: Writer): Promise<void> {
  const asMail = { ...headers, 'Content-Type': 'message/rfc822' }

  say('\nA stranger')
  await step(`Ann asks how a mail would reach ${ZOE}: she has no key, and would read it here.`, async () => {
    const { json, text } = await call(`${api}/mail/plan`, { method: 'POST', headers, json: { to: [ZOE] } })
    expect(json.recipients?.[0]?.how === 'guest', text.slice(0, 300))
  })
  const pin = await step('She sends it, and is told a PIN that she passes on by telephone.', async () => {
    const { json, text } = await call(`${api}/mail/send?sign=true&pin=true`, {
      method: 'POST',
      headers: asMail,
      raw: Buffer.from(`From: Ann <${address}>\r\nTo: Zoe <${ZOE}>\r\nSubject: The mill\r\n\r\n${INVITATION}\r\n`),
    })
    expect(/^\d{4}$/.test(json.recipients?.[0]?.pin ?? ''), text.slice(0, 300))
    return json.recipients[0].pin as string
  })
  const itemId = await step('Zoe gets a mail with a link, and nothing of what Ann wrote.', async () => {
    const raw = (await office.collect(ZOE)).toString()
    const id = /^X-OxGuard-ID: (\S+)/m.exec(raw)?.[1]
    expect(id && !raw.includes(INVITATION), raw.slice(0, 500))
    return id!
  })
  const zoe = await step('By link and PIN she chooses a password.', async () => {
    const { json, text } = await call(`${api}/guest/password`, {
      method: 'POST',
      json: { address: ZOE, itemId, pin, new: 'zoes-long-password' },
    })
    expect(json.auth, text.slice(0, 300))
    return { 'X-Guest-Auth': json.auth as string }
  })
  await step('She reads the mail, and sees that Ann signed it.', async () => {
    const { json, text } = await call(`${api}/guest/items/${itemId}`, { headers: zoe })
    expect(json.text?.includes(INVITATION) && json.verification.result === 'good', text.slice(0, 500))
  })
  await step('She answers, encrypted.', async () => {
    const { status, text } = await call(`${api}/guest/items/${itemId}/reply`, {
      method: 'POST',
      headers: zoe,
      json: { text: ANSWER },
    })
    expect(status === 200, text.slice(0, 300))
  })
  await step('Ann reads the answer.', async () => {
    const raw = await office.collect(address, (mail) => mail.includes('multipart/encrypted'))
    expect(!raw.toString().includes(ANSWER), 'the postman could read it')
    const { json, text } = await call(`${api}/mail/decrypt`, { method: 'POST', headers: asMail, raw })
    expect(json.message?.includes(ANSWER), text.slice(0, 300))
  })
}
