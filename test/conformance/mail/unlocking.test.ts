import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { KEY_PASSWORD, mailOf, PASSWORD, type Person, person, refused, withPassword } from './people.ts'

onEveryEngine('unlocking the key for a mail', (engine) => {
  let house: House
  let ada: Person
  let ben: Person
  let mail: Buffer
  let sealed: Buffer
  before(async () => {
    house = await startHouse({ engine })
    ada = await person(house, 'ada')
    ben = await person(house, 'ben')
    mail = mailOf({ From: ada.email, To: ben.email }, 'hi\r\n')
    sealed = (await ada.encrypt(mail)).bytes
  })
  after(() => house.stop())

  it('asks for the password when nothing is there, but not for a mail that needs no key', async () => {
    refused(await ada.encrypt(mail, 'sign=true', {}), 403, 'KEY_PASSWORD_REQUIRED')
    assert.equal((await ada.encrypt(mail, '', {})).status, 200)
    refused(await ben.decrypt(sealed, {}), 403, 'KEY_PASSWORD_REQUIRED')
    assert.equal((await ada.encrypt(mail, 'sign=false', {})).status, 200)
  })

  it('takes what is left with the session: -1 once, 0 and minutes as long as they say', async () => {
    await ben.remember(-1)
    refused(await ada.decrypt(sealed, {}), 403, 'KEY_PASSWORD_REQUIRED')
    assert.equal((await ben.decrypt(sealed, {})).status, 200)
    refused(await ben.decrypt(sealed, {}), 403, 'KEY_PASSWORD_REQUIRED')
    await ben.remember(2)
    for (const turned of [0, 119_000]) {
      house.clock.turn(turned)
      assert.equal((await ben.decrypt(sealed, {})).status, 200)
    }
    house.clock.turn(2000)
    refused(await ben.decrypt(sealed, {}), 403, 'KEY_PASSWORD_REQUIRED')
    await ada.remember(0)
    for (const turned of [0, 3_000_000]) {
      house.clock.turn(turned)
      assert.equal((await ada.encrypt(mail, 'sign=true', {})).status, 200)
    }
  })

  it('spends nothing on a mail that is refused anyway, or that needs no key', async () => {
    const cyd = await person(house, 'cyd')
    const dan = await person(house, 'dan', { hasKey: false })
    await cyd.remember(-1)
    refused(
      await cyd.encrypt(mailOf({ From: cyd.email, To: dan.email }, ''), 'sign=true', {}),
      400,
      'RECIPIENT_WITHOUT_KEY',
    )
    refused(await cyd.encrypt(mailOf({ From: ada.email, To: ben.email }, ''), 'sign=true', {}), 403, 'SENDER_FOREIGN')
    refused(await cyd.decrypt(mailOf({ From: ada.email }, 'plain'), {}), 400, 'NOT_ENCRYPTED')
    assert.equal((await cyd.encrypt(mailOf({ From: cyd.email, To: ben.email }, ''), 'sign=true', {})).status, 200)
    refused(
      await cyd.encrypt(mailOf({ From: cyd.email, To: ben.email }, ''), 'sign=true', {}),
      403,
      'KEY_PASSWORD_REQUIRED',
    )
  })

  it('takes an auth token, in its own session only', async () => {
    const eve = await person(house, 'eve')
    const own = mailOf({ From: eve.email, To: eve.email }, 'mine')
    const token = await eve.token()
    for (const _ of [1, 2]) assert.equal((await eve.encrypt(own, 'sign=true', { 'X-Key-Token': token })).status, 200)
    refused(await ben.decrypt(sealed, { 'X-Key-Token': token }), 403, 'KEY_TOKEN_INVALID')
    refused(await eve.encrypt(own, 'sign=true', { 'X-Key-Token': `${token.slice(0, -2)}AA` }), 403, 'KEY_TOKEN_INVALID')
    refused(await eve.encrypt(own, 'sign=true', { 'X-Key-Token': '' }), 403, 'KEY_TOKEN_INVALID')
  })

  it('takes what App Suite clients leave with theirs, through the same session', async () => {
    const form = { name: ben.email, password: PASSWORD }
    const login = await house.call('POST', '/appsuite/api/login?action=login', { form })
    const { session } = login.json
    const Cookie = login.headers.getSetCookie()[0]!.split(';')[0]!
    const at = (path: string) => `${path}${path.includes('?') ? '&' : '?'}session=${session}`
    const decrypt = (headers: Record<string, string>) =>
      house.call('POST', at('/api/v1/mail/decrypt'), {
        body: sealed,
        headers: { 'Content-Type': 'message/rfc822', ...headers },
      })
    refused(await decrypt({ Cookie }), 403, 'KEY_PASSWORD_REQUIRED')
    const json = { password: KEY_PASSWORD, minutesValid: -1 }
    await house.call('POST', at('/appsuite/api/guard-json?action=auth-token'), { json, headers: { Cookie } })
    refused(await decrypt({}), 401, 'AUTH_REQUIRED')
    assert.equal((await decrypt({ Cookie })).status, 200)
    refused(await decrypt({ Cookie }), 403, 'KEY_PASSWORD_REQUIRED')
  })

  it('judges the headers: one of both, and percent-encoded UTF-8', async () => {
    for (const headers of [
      { ...withPassword(), 'X-Key-Token': 'v1.x.y' },
      { 'X-Key-Password': '100%' },
      { 'X-Key-Password': '%ff' },
      // As a terminal sends it, and as latin-1.
      { 'X-Key-Password': Buffer.from('Schlüssel').toString('latin1') },
      { 'X-Key-Password': 'Schlüssel' },
    ] as Record<string, string>[])
      refused(await ben.decrypt(sealed, headers), 400, 'BAD_PARAMETER')
  })

  it('counts wrong passwords, and makes the one who guesses wait', async () => {
    const fay = await person(house, 'fay')
    const own = mailOf({ From: fay.email, To: fay.email }, 'mine')
    for (let times = 0; times < 5; times++)
      refused(await fay.encrypt(own, 'sign=true', withPassword('guess')), 403, 'KEY_PASSWORD_WRONG')
    const late = await fay.encrypt(own)
    refused(late, 429, 'TOO_MANY_REQUESTS')
    assert.ok(Number(late.headers.get('retry-after')) > 0)
    house.clock.turn(60_000)
    assert.equal((await fay.encrypt(own)).status, 200)
  })

  it('tells whoever has no key', async () => {
    const gus = await person(house, 'gus', { hasKey: false })
    refused(await gus.encrypt(mailOf({ From: gus.email, To: ben.email }, '')), 404, 'NO_KEY')
    refused(await gus.decrypt(sealed), 404, 'NO_KEY')
  })
})
