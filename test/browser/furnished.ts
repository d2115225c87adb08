import type { BrowserContext } from 'playwright-core'
import PostalMime from 'postal-mime'
import { createAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { createRing } from '#src/domain/keys/keys.ts'
import { compose } from '#src/domain/messages/messages.ts'
import { type House, startHouse } from '../../src/testing.ts'
import { armored, friendsKey } from '../conformance/guard/friends.ts'
import { KEY_PASSWORD, type Person as MailWriter, personAt } from '../conformance/guard/person.ts'
import { addAuthenticator, type Client, METHODS, PASSWORD, SECURITY, signIn } from '../conformance/mailbox/client.ts'
import { type NextHop, openNextHop, until } from '../next-hop.ts'

const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const LONG = 'annemarie-luise.von-und-zu-hohenlohe-schillingsfuerst@kommunikationsabteilung.example.org'

/** A house where people have lived for a while: long names, several keys, an expired one, mails that failed. */
export interface Furnished {
  house: House
  hop: NextHop
  /** with a second step, sessions, keys and correspondents */
  ann: Client
  /** who has just come and has nothing */
  newcomer: Client
  root: Client
  close(): Promise<void>
}

/** Signs a browser in by a session that is open already. */
export async function enterBy(context: BrowserContext, house: House, { cookie, sessid }: Client): Promise<void> {
  const kept = await house.call('PUT', '/api/v1/session', { headers: { Cookie: cookie, 'X-Axigen-Session': sessid } })
  const cookies = [cookie, ...kept.headers.getSetCookie().map((one) => one.split(';')[0]!)]
  await context.addCookies(
    cookies.map((one) => {
      const at = one.indexOf('=')
      return { name: one.slice(0, at), value: one.slice(at + 1), url: house.url }
    }),
  )
}

async function furnishKeys(house: House, ann: Client): Promise<void> {
  const program: MailWriter = personAt(house, {
    email: ann.email,
    session: ann.sessid,
    headers: { Cookie: ann.cookie },
  })
  const now = house.clock.now()
  const friends = [
    await friendsKey('bob@friend.example', { now }),
    await friendsKey('donaudampfschifffahrtsgesellschaft@kapitaensmuetzen.example', { now }),
    await friendsKey('late@friend.example', { now: now - 86_400_000 * 30, validSeconds: 86_400 }),
  ]
  for (const { certificate } of friends) {
    const file = new FormData()
    file.set('key', armored(certificate))
    const reply = await program.call('POST', '/oxguard/keys?action=uploadExternalPublicKey', { body: file })
    if (reply.json.error) throw new Error(reply.text)
  }
}

/** A way to prove oneself, by the mails that the next hop took. */
async function addMail(hop: NextHop, { secure }: Client, target: string): Promise<void> {
  const { id } = (await secure('POST', METHODS, { json: { method: 'email', target } })).json
  const codes = async () => {
    const mails = hop.taken.filter(({ to }) => to.includes(target))
    const texts = await Promise.all(mails.map(async ({ raw }) => (await PostalMime.parse(raw)).text ?? ''))
    return texts.flatMap((text) => /\b\d{6}\b/.exec(text) ?? [])
  }
  await secure('POST', `${METHODS}/${id}/sendtoken`)
  await until('a code came', async () => (await codes()).length > 0)
  const { status, text } = await secure('POST', `${METHODS}/${id}/activate`, {
    json: { totpToken: (await codes()).at(-1) },
  })
  if (status !== 200) throw new Error(text)
}

export async function furnish(): Promise<Furnished> {
  const hop = await openNextHop({ recipient: (to) => (to.includes('@gone') ? 550 : to.includes('@slow') ? 451 : 250) })
  const house = await startHouse({ at: Date.now() - 1100 * 86_400_000, settings: { CHATELAINE_SMTP_URL: hop.url } })
  const caller = (await findByAddress(house.ctx, house.rootEmail))!
  const make = (wanted: Parameters<typeof createAccount>[1]['wanted']) =>
    createAccount(house.ctx, { caller, wanted: { password: PASSWORD, ...wanted }, origin })
  await make({ email: LONG, role: 'subscriber', name: 'Annemarie-Luise von und zu Hohenlohe-Schillingsfürst' })
  await make({ email: 'new@example.org', role: 'subscriber' })
  await make({ email: 'head@example.org', role: 'root' })
  const account = (await findByAddress(house.ctx, LONG))!
  for (const name of ['Anna', 'Anna Luise', 'Annemarie-Luise von und zu Hohenlohe-Schillingsfürst']) {
    await createRing(house.ctx, { account, name, password: KEY_PASSWORD, origin })
    // The first of them has run out, and the second soon will.
    house.clock.turn(Math.max(0, Date.now() - house.clock.now()) / 2)
  }
  house.clock.turn(Date.now() - house.clock.now())
  const ann = await signIn(house, LONG)
  await furnishKeys(house, ann)
  await signIn(house, LONG, PASSWORD, { 'User-Agent': IPHONE })
  await signIn(house, LONG, PASSWORD, { 'User-Agent': FIREFOX })
  await addMail(hop, ann, 'annemarie@elsewhere.example')
  const app = await addAuthenticator(house, ann.secure)
  const on = await ann.secure('POST', `${SECURITY}/2fa`, { json: { methodId: app.id, totpToken: app.next() } })
  if (on.status !== 200) throw new Error(on.text)
  for (const to of ['ann@gone.example', 'a-very-long-mailbox-name-of-somebody@slow.example', 'carl@example.net'])
    await compose(house.ctx, {
      channel: 'mail',
      to,
      template: 'email_invitation',
      letter: { subject: 'Your account', text: 'Only its reader may see this.' },
    })
  for (const [type, port] of [
    ['owgw', 16002],
    ['owprov', 16005],
  ] as const)
    await house.ctx.db
      .insertInto('service')
      .values({
        private_uri: `https://${type}.internal:17002`,
        type,
        public_uri: `https://${type}.network-operations-centre.example.org:${port}`,
        version: '3.2.0(1)',
        sealed_key: null,
        source: 'bus',
        expires: house.clock.now() + 86_400_000,
      })
      .execute()
  await house.ctx.db
    .insertInto('system_secret')
    .values({ name: 'google.maps.apikey', value: 'x', modified: house.clock.now() })
    .execute()
  return {
    house,
    hop,
    ann,
    newcomer: await signIn(house, 'new@example.org'),
    root: await signIn(house, 'head@example.org'),
    async close() {
      await house.stop()
      await hop.close()
    },
  }
}
