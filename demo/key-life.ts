import { call, cookieOf } from './person.ts'
import type { PostOffice } from './post-office.ts'
import { expect, type Story } from './story.ts'

/** Whose key it is, how he signs in to App Suite, and an encrypted letter that he has got. */
interface Owner {
  server: string
  office: PostOffice
  address: string
  password: string
  letter: Buffer
  line: string
}

interface WireKey {
  keyId: string
  fingerprint: string
  validSeconds: number
  revoked: boolean
  masterKey: boolean
}

const YEAR = 365 * 86_400

/** A key is found by strangers, opened again after its password was forgotten, renewed, given a new subkey, and revoked. */
export async function liveKeyLife({ step, say }: Story, owner: Owner): Promise<void> {
  const { server, office, address, password, letter, line } = owner
  const suite = `${server}/appsuite/api`

  say('\nThe life of a key')
  const answer = await call(`${suite}/login?action=login`, { method: 'POST', form: { name: address, password } })
  const headers = { Cookie: cookieOf(answer) }
  const ask = (method: string, action: string, form?: Record<string, string>) =>
    call(`${suite}/oxguard/${action}&session=${answer.json.session}`, { method, headers, ...(form ? { form } : {}) })
  const keys = async (): Promise<WireKey[]> => {
    const { json } = await ask('GET', 'keys?action=getKeys')
    return json.data.keyRings[0].publicRing.keys
  }
  const shown = () => call(`${server}/vks/v1/by-email/${encodeURIComponent(address)}`)
  const read = async (keyPassword: string): Promise<string> => {
    const opened = await call(`${server}/api/v1/mail/decrypt?session=${answer.json.session}`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'message/rfc822', 'X-Key-Password': encodeURIComponent(keyPassword) },
      raw: letter,
    })
    return opened.json.message ?? opened.text
  }

  await step('Anybody who asks for Ben’s address finds his key.', async () => {
    const { status, text } = await shown()
    expect(status === 200 && text.includes('BEGIN PGP PUBLIC KEY BLOCK'), `status ${status}`)
  })
  const mailed = await step('Ben has forgotten his key password, and has a new one mailed.', async () => {
    const { text } = await ask('GET', 'login?action=reset')
    expect(text === 'primary', text.slice(0, 300))
    const raw = await office.collect(address, (mail) => /no longer works:/.test(mail))
    const found = raw.toString().match(/no longer works:\s+(\S+)/)?.[1]
    expect(found, 'no password in the mail')
    return found!
  })
  await step('It opens the same key: Ann’s letter can be read.', async () => {
    const text = await read(mailed)
    expect(text.includes(line), text.slice(0, 300))
  })
  await step('He renews the key for four years, and gives it a new subkey to encrypt to.', async () => {
    const before = await keys()
    const renewed = await ask('PUT', 'keys?action=renew', { password: mailed, validDays: String(4 * 365) })
    expect(!renewed.json.error, renewed.text.slice(0, 300))
    const rotated = await ask('PUT', 'keys?action=rotate', { password: mailed })
    expect(!rotated.json.error, rotated.text.slice(0, 300))
    const after = await keys()
    expect(after.length === before.length + 1, `${after.length} keys`)
    expect(after[0]!.validSeconds > 3 * YEAR, `valid for ${after[0]!.validSeconds} s`)
  })
  await step('What was encrypted to the old subkey stays readable.', async () => {
    const text = await read(mailed)
    expect(text.includes(line), text.slice(0, 300))
  })
  await step('He revokes it, and is told so by mail. The world sees it revoked.', async () => {
    const [master] = await keys()
    const form = { password: mailed, reason: 'key_retired' }
    const { text } = await ask('POST', `keys?action=revoke&keyid=0x${master!.keyId}`, form)
    expect(!text.includes('"error"'), text.slice(0, 300))
    await office.collect(address, (mail) => /was revoked/.test(mail))
    const { json } = await ask('GET', `keys?action=getRecipKey&email=${encodeURIComponent(address)}`)
    expect(json.data.revoked === true, JSON.stringify(json).slice(0, 300))
    expect((await shown()).status === 200, 'the revoked key is not shown')
  })
}
