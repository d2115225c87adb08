import { openImapServer } from './imap-server.ts'
import { call } from './person.ts'
import type { PostOffice } from './post-office.ts'
import { expect, type Story } from './story.ts'

/** Whose mail program it is, and the session that she sets it up from. */
interface Owner {
  api: string
  address: string
  password: string
  office: PostOffice
  /** the key of the mail server */
  key: string
  sessionHeaders: Record<string, string>
}

/** Reads mail with a program that knows nothing of second steps. */
export async function useMailProgram({ step, say }: Story, owner: Owner): Promise<void> {
  const { api, address, password, office, key, sessionHeaders } = owner
  const passwords = `${api}/account/security/apppasswords`
  const server = await openImapServer(api, key)

  say('\nAn IMAP client with an app password')
  try {
    await step('Ann’s mail program logs in with her password: the mail server is told no.', async () => {
      const said = await server.login(address, password)
      expect(said === 'NO [AUTHENTICATIONFAILED] second-factor', said)
    })
    const checked = await call(`${api}/account/security/check`, {
      method: 'POST',
      headers: sessionHeaders,
      json: { password },
    })
    const elevated = { ...sessionHeaders, 'X-Axigen-Security-Token': checked.json.securityToken as string }
    const made = await step('She makes a password for this program alone; it is shown once.', async () => {
      const { status, json, text } = await call(passwords, {
        method: 'POST',
        headers: elevated,
        json: { name: 'Mail on the laptop', scopes: ['imap', 'smtp'] },
      })
      expect(status === 200, text)
      await office.collect(address, (raw) => /Mail on the laptop/.test(raw))
      return json as { id: string; password: string }
    })
    say(`     ${made.password}`)
    await step('With it the program is in.', async () => {
      const said = await server.login(address, made.password)
      expect(said === 'OK logged in', said)
    })
    await step('It opens her mail, and neither her calendar nor her account.', async () => {
      const { json } = await call(`${api}/auth/verify`, {
        method: 'POST',
        headers: { 'X-API-KEY': key },
        json: { address, password: made.password, protocol: 'caldav' },
      })
      expect(json.decision === 'deny' && json.reason === 'scope', json.reason)
      const { status } = await call(`${api}/login/cookie`, {
        method: 'POST',
        json: { username: address, password: made.password },
      })
      expect(status === 401, `status ${status}`)
    })
    await step('She sees when it was used last, and from where.', async () => {
      const { json } = await call(passwords, { headers: sessionHeaders })
      const [item] = json.items
      expect(item.name === 'Mail on the laptop' && item.lastUsedProtocol === 'imap', JSON.stringify(item))
      expect(item.lastUsedDate !== '' && item.lastUsedAddress !== '', JSON.stringify(item))
    })
    await step('The laptop is sold: she revokes it, and the program is out.', async () => {
      const { status, text } = await call(`${passwords}/${made.id}`, { method: 'DELETE', headers: elevated })
      expect(status === 200, text)
      const said = await server.login(address, made.password)
      expect(said === 'NO [AUTHENTICATIONFAILED] credentials', said)
    })
  } finally {
    await server.close()
  }
}
