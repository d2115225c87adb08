import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { readKey } from 'openpgp'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { ensureGuest, guestAt, guestKeyFor, invitationFor, sweepGuests, sweepItems } from '#src/domain/guests/guests.ts'
import { currentCertificate } from '#src/domain/keys/keys.ts'
import { deliver } from '#src/domain/messages/messages.ts'
import { answerLinkRequests } from '#src/domain/recovery/recovery.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { GUEST_PASSWORD, guestLogin, invite, newGuest } from './guests.ts'
import { newPerson, origin, type Person, signIn } from './person.ts'

const inviter = 'me@example.org'
const DAY = 86_400_000

onEveryEngine('Guests', (engine) => {
  let house: House
  let me: Person
  before(async () => {
    house = await startHouse({ engine })
    me = await newPerson(house, inviter)
    await newGuest(house, { inviter, address: 'ann@stranger.example' })
  })
  after(() => house.stop())

  const root = async () => {
    const { json } = await house.call('POST', '/api/v1/oauth2', {
      json: { userId: house.rootEmail, password: house.rootPassword, newPassword: 'Another-Password-2' },
    })
    house.rootPassword = 'Another-Password-2'
    return { Authorization: `Bearer ${json.access_token}` }
  }

  it('are on no list and in no count of accounts', async () => {
    const headers = await root()
    const { id } = (await guestAt(house.ctx, 'ann@stranger.example'))!.account
    for (const list of ['users', 'subusers']) {
      const all = await house.call('GET', `/api/v1/${list}`, { headers })
      assert.equal(all.status, 200, all.text)
      assert.equal(all.text.includes('guest') || all.text.includes('stranger'), false, all.text)
      const selected = await house.call('GET', `/api/v1/${list}?select=${id}`, { headers })
      assert.equal(selected.text.includes(id), false)
    }
    for (const one of ['user', 'subuser'])
      for (const path of [id, 'ann@stranger.example?byEmail=true'])
        assert.equal((await house.call('GET', `/api/v1/${one}/${path}`, { headers })).status, 404)
  })

  it('sign in by no other protocol, and no other resets their password', async () => {
    const name = 'ann@stranger.example'
    const { id } = (await guestAt(house.ctx, name))!.account
    const row = await house.ctx.database.query.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
    for (const user of [name, row!.email]) {
      const suite = await house.call('POST', '/appsuite/api/login?action=login', {
        form: { name: user, password: GUEST_PASSWORD },
      })
      assert.equal(suite.json.code, 'LGI-0006')
      const wifi = await house.call('POST', '/api/v1/oauth2', { json: { userId: user, password: GUEST_PASSWORD } })
      assert.equal(wifi.status, 403, wifi.text)
      const basic = { Authorization: `Basic ${Buffer.from(`${user}:${GUEST_PASSWORD}`).toString('base64')}` }
      const byCookie = { username: user, password: GUEST_PASSWORD }
      for (const mailbox of [
        await house.call('POST', '/api/v1/login', { headers: basic }),
        await house.call('POST', '/api/v1/login/cookie', { json: byCookie }),
      ])
        assert.equal(mailbox.status, 401, mailbox.text)
      const forgotten = await house.call('POST', '/api/v1/oauth2?forgotPassword=true', { json: { userId: user } })
      assert.ok(forgotten.status < 500, forgotten.text)
    }
    while ((await answerLinkRequests(house.ctx)) > 0);
    while ((await deliver(house.ctx, 'mail')) > 0);
    assert.equal(
      house.inbox.received.some(({ to }) => to.includes(name) || to.includes(row!.email)),
      false,
    )
  })

  it('have sessions that no other protocol takes', async () => {
    const entered = await guestLogin(house, { username: 'ann@stranger.example', password: GUEST_PASSWORD })
    const { session, auth } = entered.json
    const Cookie = entered.headers.getSetCookie()[0]!.split(';')[0]!
    const tries = [
      house.call('GET', `/api/v1/account/security/methods?_h=${session}`, { headers: { Cookie } }),
      house.call('POST', `/api/v1/mail/decrypt?session=${session}`, { headers: { Cookie } }),
      house.call('GET', '/api/v1/oauth2?me=true', { headers: { Authorization: `Bearer ${session}` } }),
      house.call('GET', '/api/v1/oauth2?me=true', { headers: { Authorization: `Bearer ${auth}` } }),
    ]
    for (const { status, text } of await Promise.all(tries)) assert.ok([401, 403].includes(status), `${status} ${text}`)
  })

  it('have keys that the world does not find', async () => {
    const { certificate } = (await guestAt(house.ctx, 'ann@stranger.example'))!
    const fingerprint = (await readKey({ binaryKey: certificate })).getFingerprint().toUpperCase()
    const places = [
      `/vks/v1/by-email/ann%40stranger.example`,
      `/vks/v1/by-fingerprint/${fingerprint}`,
      `/vks/v1/by-keyid/${fingerprint.slice(-16)}`,
      `/pks/lookup?op=get&search=0x${fingerprint}`,
      `/pks/lookup?op=get&search=ann@stranger.example`,
      `/.well-known/openpgpkey/stranger.example/hu/${wkdName('ann@stranger.example')}?l=ann`,
    ]
    for (const place of places) assert.equal((await house.call('GET', place)).status, 404, place)
    assert.equal(await currentCertificate(house.ctx, 'ann@stranger.example'), null)
  })

  it('are made by colleagues only, so many an hour, and never of an address that an account has', async () => {
    const { ctx } = house
    const other = await newPerson(house, 'busy@example.org')
    const account = (await other.signed()).account
    const ensure = (address: string) => ensureGuest(ctx, { inviter: account, address, pin: false, origin })
    await assert.rejects(ensure(inviter), (error) => isRefusal(error, 'account.exists'))
    await assert.rejects(ensure('no address'), (error) => isRefusal(error, 'account.email-invalid'))
    for (let one = 0; one < 30; one++) await ensure(`many${one}@stranger.example`)
    await assert.rejects(ensure('one-more@stranger.example'), (error) => isRefusal(error, 'rate.exceeded'))
    // Who is one already costs nothing.
    assert.equal((await ensure('ann@stranger.example')).isNew, false)
    const off = { ...ctx, config: { ...ctx.config, guests: false } }
    await assert.rejects(
      ensureGuest(off, { inviter: account, address: 'ann@stranger.example', pin: false, origin }),
      (error) => isRefusal(error, 'guest.off'),
    )
    assert.equal(await guestKeyFor(off, { account, address: 'ann@stranger.example', create: true, origin }), null)
  })

  it('have an account of another tenant as a stranger has none, so that nobody learns of it', async () => {
    const { ctx } = house
    const foreign = await newPerson(house, 'foreign@example.org')
    await ctx.database.query.updateTable('account').set({ tenant: 2 }).where('email', '=', foreign.email).execute()
    const ask = async (email: string, more = '') =>
      (await me.call('GET', `/oxguard/keys?action=getRecipKey&email=${email}${more}`)).json.data
    const alike = ({ publicRing, recipientEmail: _, ...rest }: Record<string, unknown>) => [!!publicRing, rest]
    const stranger = 'no-account@example.org'
    for (const more of ['', '&create=true', ''])
      assert.deepEqual(alike(await ask(foreign.email, more)), alike(await ask(stranger, more)))
    const found = await ask(foreign.email)
    assert.deepEqual([found.guest, found.keySource.name], [true, 'guest'])
    assert.equal((await signIn(house, foreign.email)).email, foreign.email)
  })

  it('are announced to nobody while the house has none', async () => {
    const { config } = house.ctx as { config: { guests: boolean } }
    config.guests = false
    for (const more of ['', '&create=true'])
      for (const email of ['ann@stranger.example', 'no-guest@stranger.example']) {
        const { data } = (await me.call('GET', `/oxguard/keys?action=getRecipKey&email=${email}${more}`)).json
        const { newKey, guest, reason } = data
        assert.deepEqual([newKey, guest, reason, 'publicRing' in data], [false, false, 'no-key', false])
      }
    config.guests = true
    assert.ok((await guestLogin(house, { username: 'ann@stranger.example', password: GUEST_PASSWORD })).json.session)
  })

  it('get a mail that says what they need, with no secret in its subject, and a way to refuse', async () => {
    const { ctx } = house
    const address = 'bea@stranger.example'
    const { itemId, pin } = await invite(house, { inviter, address, pin: true })
    const sender = { address: inviter, name: 'Me' }
    const letterTo = async (language: string) =>
      invitationFor(ctx, {
        guest: (await guestAt(ctx, address))!,
        item: itemId,
        sender,
        greeting: 'Hello, Bea',
        language,
      })
    const { letter, headers } = await letterTo('en')
    assert.match(letter.text, new RegExp(`/guest\\?item=${itemId}`))
    assert.match(letter.text, /Me \(me@example\.org\)[\s\S]*Hello, Bea[\s\S]*PIN that the sender tells you/)
    // The ids in its links are random, and may have any four digits in them.
    for (const text of [letter.text, letter.html!, letter.subject])
      assert.doesNotMatch(text.replace(/https?:[^\s"<]+/g, ''), new RegExp(`\\b${pin}\\b`))
    assert.equal(letter.subject.includes(itemId) || letter.subject.includes(address), false)
    assert.match((await letterTo('de')).letter.text, /geben Sie die PIN ein/)
    const [, link] = /^<(.+)>$/.exec(headers['List-Unsubscribe']!)!
    assert.equal(headers['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click')
    // Three letters may stand in what is random.
    assert.equal(link!.includes('stranger') || link!.includes(itemId), false)
    const path = new URL(link!).pathname + new URL(link!).search
    const refused = async () => (await guestAt(ctx, address))!.refused
    const page = await house.call('GET', path)
    assert.match(page.text, /<button name="choice" value="stop">/)
    assert.match(page.headers.get('content-security-policy')!, /default-src 'none'/)
    assert.equal(await refused(), false)
    for (const wrong of ['/guest/unsubscribe', `${path.slice(0, -1)}x`])
      assert.equal((await house.call('POST', wrong, { form: { 'List-Unsubscribe': 'One-Click' } })).status, 404)
    const clicked = await house.call('POST', path, { form: { 'List-Unsubscribe': 'One-Click' } })
    assert.deepEqual([clicked.status, await refused()], [200, true])
    const account = (await findByAddress(ctx, inviter))!
    await assert.rejects(ensureGuest(ctx, { inviter: account, address, pin: false, origin }), (error) =>
      isRefusal(error, 'guest.refuses'),
    )
    const { data } = (await me.call('GET', `/oxguard/keys?action=getRecipKey&create=true&email=${address}`)).json
    assert.deepEqual(
      [data.newKey, data.guest, data.reason, 'publicRing' in data],
      [false, true, 'guest-refuses', false],
    )
    // He reads what he has, and changes his mind where he made it up.
    assert.ok((await guestLogin(house, { username: address, itemId, pin })).json.auth.length > 20)
    assert.match((await house.call('GET', path)).text, /value="again"/)
    await house.call('POST', path, { form: { choice: 'again' } })
    assert.equal(await refused(), false)
  })

  it('lose their mails after a time, with what was kept of them, and are forgotten when they never came', async () => {
    const { ctx } = house
    const address = 'cleo@stranger.example'
    const { itemId } = await invite(house, { inviter, address })
    const count = async (table: 'guest_item' | 'kept_body' | 'kept_piece' | 'guest') =>
      (await ctx.database.query.selectFrom(table).selectAll().execute()).length
    const guests = await count('guest')
    house.clock.turn(29 * DAY)
    await sweepItems(ctx)
    assert.ok((await guestLogin(house, { username: address, itemId })).json.auth.length > 20)
    house.clock.turn(1 * DAY)
    assert.equal((await guestLogin(house, { username: address, itemId })).json.auth, 'Password Needed')
    while ((await sweepItems(ctx)) > 0);
    assert.deepEqual([await count('guest_item'), await count('kept_body'), await count('kept_piece')], [0, 0, 0])
    await sweepGuests(ctx)
    assert.equal(await count('guest'), guests)
    house.clock.turn(151 * DAY)
    while ((await sweepGuests(ctx)) > 0);
    assert.equal(await guestAt(ctx, address), null)
    assert.ok(await guestAt(ctx, 'ann@stranger.example'))
    const left = await ctx.database.query.selectFrom('account').selectAll().where('population', '=', 'guest').execute()
    assert.equal(left.length, await count('guest'))
  })
})
