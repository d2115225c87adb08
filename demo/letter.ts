import { call, cookieOf } from './person.ts'
import type { PostOffice } from './post-office.ts'
import { expect, type Story } from './story.ts'

export const SECRET_LINE = 'The picnic is on Saturday at the old mill.'

/** Who writes, in a session of the mailbox protocol, and who reads, once he has signed in to App Suite. */
interface Correspondence {
  server: string
  office: PostOffice
  ann: { address: string; session: string; headers: Record<string, string> }
  ben: { address: string; password: string }
}

/** Gives both a key ring, and sends a letter that only the two can read; as it arrived. */
export async function writeLetter({ step, say }: Story, { server, office, ann, ben }: Correspondence): Promise<Buffer> {
  const api = `${server}/api/v1`
  const suite = `${server}/appsuite/api`

  say('\nTwo key rings, and a letter')
  const annKey = `session=${ann.session}`
  await step('Ann makes her OpenPGP key, and leaves its password with her session.', async () => {
    const { headers } = ann
    const made = await call(`${suite}/oxguard/keys?action=create&${annKey}`, {
      method: 'POST',
      headers,
      form: { password: 'ann-key-password', name: 'Ann' },
    })
    expect(made.json.data?.publicRing, made.text.slice(0, 200))
    const stored = await call(`${suite}/guard-json?action=auth-token&${annKey}`, {
      method: 'POST',
      headers,
      json: { password: 'ann-key-password', minutesValid: 0 },
    })
    expect(stored.json.data?.auth, stored.text.slice(0, 200))
  })
  const reader = await step('Ben signs in to App Suite and does the same.', async () => {
    const answer = await call(`${suite}/login?action=login`, {
      method: 'POST',
      form: { name: ben.address, password: ben.password },
    })
    expect(answer.json.session, answer.text.slice(0, 200))
    const session = { query: `session=${answer.json.session}`, headers: { Cookie: cookieOf(answer) } }
    await call(`${suite}/oxguard/keys?action=create&${session.query}`, {
      method: 'POST',
      headers: session.headers,
      form: { password: 'ben-key-password', name: 'Ben' },
    })
    const stored = await call(`${suite}/guard-json?action=auth-token&${session.query}`, {
      method: 'POST',
      headers: session.headers,
      json: { password: 'ben-key-password', minutesValid: 0 },
    })
    expect(stored.json.data?.auth, stored.text.slice(0, 200))
    return session
  })
  const letter = Buffer.from(
    `From: Ann <${ann.address}>\r\nTo: Ben <${ben.address}>\r\nSubject: Saturday\r\nMessage-ID: <picnic@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${SECRET_LINE}\r\n`,
  )
  const sealed = await step('Ann has a letter to Ben encrypted and signed.', async () => {
    const { status, text } = await call(`${api}/mail/encrypt?sign=true`, {
      method: 'POST',
      headers: { ...ann.headers, 'Content-Type': 'message/rfc822' },
      raw: letter,
    })
    expect(status === 200 && text.includes('BEGIN PGP MESSAGE'), text.slice(0, 200))
    expect(!text.includes(SECRET_LINE), 'the letter is not encrypted')
    return Buffer.from(text)
  })
  await step('It travels over SMTP.', () => office.post(ann.address, [ben.address], sealed))
  const arrived = await step('It lies in Ben’s mailbox, unreadable to the postman.', async () => {
    const raw = await office.collect(ben.address, (text) => text.includes('multipart/encrypted'))
    expect(!raw.toString().includes(SECRET_LINE), 'the postman could read it')
    return raw
  })
  await step('Ben reads it without typing his password again, and sees that Ann signed it.', async () => {
    const { json, text } = await call(`${api}/mail/decrypt?${reader.query}`, {
      method: 'POST',
      headers: { ...reader.headers, 'Content-Type': 'message/rfc822' },
      raw: arrived,
    })
    expect(json.message?.includes(SECRET_LINE), text.slice(0, 300))
    expect(json.signatures[0]?.status === 'valid' && json.signatures[0]?.signer === ann.address, text.slice(0, 600))
  })
  return arrived
}
