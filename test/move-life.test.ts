import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { compose } from '#src/domain/messages/messages.ts'
import { accountScope, changePolicy } from '#src/domain/policy/policy.ts'
import { png } from '#src/lib/image-testing.ts'
import { engines, type House, startHouse } from '#src/testing.ts'
import { newReader } from './conformance/guests/reader.ts'
import { bodyOf, mailOf, messageIn, origin, person } from './conformance/mail/people.ts'
import { softPasskey } from './conformance/mailbox/authenticator.ts'
import { addMail, METHODS, makeAccount, makeTwoStepAccount, PASSWORD, signIn } from './conformance/mailbox/client.ts'
import { addPasskey, signedFor } from './conformance/mailbox/passkey-client.ts'
import { keysOf, newKey, withKey } from './conformance/openwifi/keys.ts'
import { asRoot, bearer, complete, login, me } from './conformance/openwifi/people.ts'
import { forget, moverOf } from './move-source.ts'

const PAGE = 'http://localhost:16001'
const NAME = `Åsa "O'Hara" \\N \\ a\ttab, a\r\nline, 中文, 𝄞, \u202e`

it('a house that has lived in SQLite goes on in PostgreSQL, with everything that people have', {
  skip: !engines.includes('postgres') && 'it needs PostgreSQL',
}, async () => {
  const data = mkdtempSync(join(tmpdir(), 'chatelaine-life-'))
  const settings = { CHATELAINE_DATA: data, CHATELAINE_PUBLIC_URL: PAGE }
  let now = await startHouse({ settings })
  // Who signed in before the move goes on afterwards with what he was given.
  const house = new Proxy({} as House, { get: (_, name) => Reflect.get(now, name) })
  const mover = await moverOf(data)
  try {
    const root = await asRoot(house)
    const { id: asaId, email: asa } = await makeAccount(house, { name: NAME, role: 'csr' })
    const asaToken = (await login(house, asa, PASSWORD)).json.access_token
    const avatar = png(40, 40)
    const form = new FormData()
    form.append('file', new Blob([Uint8Array.from(avatar)], { type: 'image/png' }), 'me.png')
    const kept = await house.call('POST', `/api/v1/avatar/${asaId}`, { headers: bearer(asaToken), body: form })
    assert.equal(kept.status, 200, kept.text)
    const apiKey = await newKey(house, root)
    const asProgram = () => house.call('GET', '/api/v1/preferences', { headers: withKey(apiKey.apiKey) })
    const heard = await asProgram()
    assert.notEqual(heard.status, 403, heard.text)
    const { account, app, client, recoveryCodes } = await makeTwoStepAccount(house)
    const held = await signIn(house, (await makeAccount(house)).email)
    await addMail(house, held.secure, 'elsewhere@example.net')
    const passkey = softPasskey(PAGE)
    const owner = await signIn(house, (await makeAccount(house)).email)
    await addPasskey(owner.secure, passkey)
    await changePolicy(house.ctx, {
      scope: accountScope({ id: asaId }),
      changes: { passwordHistory: 7 },
      actor: 'test',
      origin,
    })
    const ada = await person(house, 'ada')
    const ben = await person(house, 'ben')
    const sealed = await ada.encrypt(mailOf({ From: ada.email, To: ben.email, Subject: 'Tea' }, 'At four.\r\n'))
    assert.equal(sealed.status, 200, sealed.text)
    const reader = await newReader(house, ada, 'guest@example.net', `Dear guest\r\n${'long '.repeat(60_000)}\r\n`)
    const items = await reader.ids()
    assert.equal(items.length, 1)
    // Its mail server is gone, and then so is the house: what was to be sent waits.
    await now.inbox.close()
    const letter = { subject: 'Still here', text: 'Written before the move.\n' }
    await compose(house.ctx, { channel: 'mail', to: 'late@example.net', letter })
    const time = now.clock.now()
    await now.stop()

    const moved = await mover.move()
    assert.equal(moved.code, 0, moved.out + moved.err)

    now = await startHouse({ settings: { ...settings, CHATELAINE_DATABASE_URL: mover.url }, at: time + 60_000 })
    assert.equal(house.ctx.database.engine, 'postgres')
    assert.equal((await me(house, root)).json.email, house.rootEmail)
    assert.equal((await me(house, { token: asaToken })).json.name, NAME)
    const picture = await house.call('GET', `/api/v1/avatar/${asaId}`, { headers: bearer(asaToken) })
    assert.deepEqual(picture.bytes, Buffer.from(avatar))
    assert.equal((await asProgram()).text, heard.text)
    assert.equal((await keysOf(house, root, 'DELETE', `${root.id}?keyUuid=${apiKey.id}`)).status, 200)

    assert.equal((await client.call('GET', METHODS)).json.items.length, 1)
    const step = (await login(house, account.email, PASSWORD)).json
    assert.equal((await complete(house, step.uuid, app.next())).status, 200)
    const other = (await login(house, account.email, PASSWORD)).json
    assert.equal((await complete(house, other.uuid, recoveryCodes[0])).status, 200)
    assert.equal((await held.call('GET', METHODS)).json.items[0].method, 'email')
    const response = await signedFor(house, passkey)
    assert.equal((await house.call('POST', '/api/v1/login/passkey', { json: { response } })).status, 200)

    const policy = await house.ctx.db.selectFrom('policy').select('data').executeTakeFirstOrThrow()
    assert.deepEqual(JSON.parse(policy.data), { passwordHistory: 7 })
    assert.equal(bodyOf(messageIn(await ben.decrypt(sealed.bytes))).toString(), 'At four.\r\n')
    assert.deepEqual(await reader.ids(), items)
    const read = await reader.call('GET', `/items/${items[0]}`)
    assert.match(read.text, /Dear guest/)
    // What is new is as good as what came along.
    assert.equal((await signIn(house, (await makeAccount(house)).email)).step, null)
    assert.equal((await house.inbox.next('late@example.net')).text.trim(), letter.text.trim())
  } finally {
    await now.stop()
    await mover.drop()
    forget(data)
  }
})
