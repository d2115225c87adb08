import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { addAddress, addressesOf, findByAddress } from '#src/domain/accounts/accounts.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { act, bring, currentOf, done, masterOf, newKeyFor, readArmor, upload } from './own-keys.ts'
import {
  assertError,
  KEY_PASSWORD,
  newAccount,
  newKeyOwner,
  newPerson,
  origin,
  PASSWORD,
  type Person,
} from './person.ts'

const form = { password: KEY_PASSWORD }

onEveryEngine('user IDs', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_LINKS_PER_HOUR: '3' } })
  })
  after(() => house.stop())

  const add = async (person: Person, email: string, more: Record<string, string> = form): Promise<Reply> => {
    const { keyId } = masterOf(await currentOf(person))
    return act(person, 'POST', 'addUserId', { form: { keyid: keyId, name: 'Other Name', email, ...more } })
  }
  const userIds = async (person: Person) => masterOf(await currentOf(person)).userIds
  const addresses = async (person: Person) => {
    const account = await findByAddress(house.ctx, person.email)
    return addressesOf(house.ctx, account!)
  }
  const alias = async (person: Person, address: string) => {
    const caller = (await findByAddress(house.ctx, house.rootEmail))!
    const account = (await findByAddress(house.ctx, person.email))!
    await addAddress(house.ctx, { caller, account, address, origin })
  }
  const mailsTo = (address: string) => house.inbox.received.filter(({ to }) => to.includes(address))
  const linkIn = ({ text }: { text: string }): string => {
    const link = /^http\S+$/m.exec(text)?.[0]
    assert.ok(link, text)
    return new URL(link).pathname + new URL(link).search
  }
  const press = (link: string) => {
    const id = new URL(link, 'http://x').searchParams.get('id')!
    return house.call('POST', '/api/v1/actionLink?action=key_address', { form: { id } })
  }

  it('are added at once for an address of the account, by any proof', async () => {
    const person = await newKeyOwner(house, 'ids@example.org')
    const { keyId } = masterOf(await currentOf(person))
    await alias(person, 'alias@example.org')
    await alias(person, 'third@example.org')
    assertError(await add(person, 'alias@example.org', {}), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await add(person, 'alias@example.org', { password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    assert.equal((await userIds(person)).length, 1)
    const reply = await add(person, 'alias@example.org')
    assert.deepEqual([reply.status, reply.text], [200, '{}'])
    const left = { ...form, minutesValid: '-1' }
    await person.call('POST', '/guard-json?action=auth-token', { form: left })
    await done(add(person, 'Third@example.org', {}))
    await done(add(person, person.email, { accountPassword: PASSWORD, name: 'By The Account' }))
    assert.deepEqual(await userIds(person), [
      'Some Body <ids@example.org>',
      'Other Name <alias@example.org>',
      'Other Name <Third@example.org>',
      'By The Account <ids@example.org>',
    ])
    assert.equal(masterOf(await currentOf(person)).keyId, keyId)
    assert.equal(mailsTo('alias@example.org').length + mailsTo('third@example.org').length, 0)
    // The same once more changes nothing.
    await done(add(person, 'alias@example.org'))
    assert.equal((await userIds(person)).length, 4)
    const download = { method: 'POST', action: 'getKey&keyType=private' }
    const { privateRing } = await done(act(person, download.method, download.action, { form }))
    assert.equal((await readArmor(house, privateRing.ring)).info.userIds.length, 4)
  })

  it('with another address are in the ring, which is the account’s when its mailbox says so', async () => {
    const person = await newKeyOwner(house, 'owner@example.org')
    const target = 'private.person@elsewhere.example'
    await done(add(person, 'Private.Person@elsewhere.example'))
    assert.deepEqual((await userIds(person))[1], 'Other Name <Private.Person@elsewhere.example>')
    assert.deepEqual(await addresses(person), [person.email])
    const mail = await house.inbox.next(target)
    assert.ok(mail.text.includes(`${person.email} wants to use ${target} too`), mail.text)
    const link = linkIn(mail)
    // Programs that read mail open every link in it.
    const shown = await house.call('GET', link)
    assert.match(shown.text, /<button type="submit">It is my account<\/button>/)
    assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.match(shown.text, /wants to use private\.person@elsewhere\.example too/)
    // Where the browser asks for no language of ours, it is that of the account.
    const setLocale = (locale: string) =>
      house.ctx.db.updateTable('account').set({ locale }).where('email', '=', person.email).execute()
    await setLocale('de_DE')
    for (const [wish, words] of [
      ['fr', /Es ist mein Konto/],
      ['*', /Es ist mein Konto/],
      ['fr, en;q=0.1', /It is my account/],
    ] as const)
      assert.match((await house.call('GET', link, { headers: { 'Accept-Language': wish } })).text, words)
    await setLocale('')
    const german = await house.call('GET', link, { headers: { 'Accept-Language': 'de' } })
    assert.match(german.text, /Es ist mein Konto/)
    assert.deepEqual(await addresses(person), [person.email])
    const other = await house.call('POST', '/api/v1/actionLink?action=email_verification', {
      form: { id: new URL(link, 'http://x').searchParams.get('id')! },
    })
    assert.match(other.text, /does not work any more/)
    const confirmed = await press(link)
    assert.match(confirmed.text, /The address is confirmed/)
    assert.deepEqual(await addresses(person), [person.email, target])
    const [row] = await house.ctx.db.selectFrom('address').selectAll().where('address', '=', target).execute()
    assert.equal(row?.wkd, wkdName(target))
    assert.match((await press(link)).text, /does not work any more/)
    await house.inbox.next(person.email)
    assert.match((await house.inbox.next(person.email)).text, /An address was added.*private\.person@elsewhere/)
  })

  it('with an address that somebody has are answered in the same way, and nobody is asked', async () => {
    const victim = await newKeyOwner(house, 'victim@example.org')
    const person = await newKeyOwner(house, 'curious@example.org')
    const taken = await add(person, victim.email)
    const free = await add(person, 'free@elsewhere.example')
    assert.deepEqual([taken.status, taken.text], [free.status, free.text])
    await house.inbox.next('free@elsewhere.example')
    assert.deepEqual(await addresses(person), [person.email])
    const links = mailsTo(victim.email).filter(({ text }) => text.includes('actionLink'))
    assert.deepEqual(links, [])
    // So many an hour, taken or not; the bound is not that of links to new passwords.
    await done(add(person, victim.email))
    await done(add(person, victim.email))
    const bounded = await add(person, victim.email)
    assertError(bounded, 'SVL-0019', 'TRY_AGAIN')
    const wish = { email: victim.email }
    const asked = await house.call('POST', '/api/v1/oauth2?forgotPassword=true', { json: { userId: wish.email } })
    assert.equal(asked.status, 200, asked.text)
  })

  it('of two who want the same address, the one whom it believes first has it', async () => {
    const [one, two] = [await newKeyOwner(house, 'one@example.org'), await newKeyOwner(house, 'two@example.org')]
    await done(add(one, 'shared@elsewhere.example'))
    await done(add(two, 'shared@elsewhere.example'))
    const [first, second] = [
      linkIn(await house.inbox.next('shared@elsewhere.example')),
      linkIn(await house.inbox.next('shared@elsewhere.example')),
    ]
    const pages = await Promise.all([press(first), press(second)])
    assert.equal(pages.filter(({ text }) => /The address is confirmed/.test(text)).length, 1)
    const owned = (await addresses(one)).length + (await addresses(two)).length
    assert.equal(owned, 3)
    const dead = await house.call('GET', '/api/v1/actionLink?action=key_address&id=nonsense')
    assert.match(dead.text, /add the address to the key once more/)
  })

  it('added at the same instant are all there, or their clients are asked to try again', async () => {
    const person = await newKeyOwner(house, 'atonce@example.org')
    const names = ['A', 'B', 'C', 'D']
    const replies = await Promise.all(names.map((name) => add(person, person.email, { ...form, name })))
    const codes = replies.map(({ json }) => json.code ?? 'added')
    assert.ok(
      codes.every((code) => ['added', 'SVL-0019'].includes(code)),
      String(codes),
    )
    const added = codes.filter((code) => code === 'added').length
    assert.ok(added > 0)
    assert.equal((await userIds(person)).length, 1 + added)
    // What is sealed is what is shown.
    const { privateRing } = await done(act(person, 'POST', 'getKey&keyType=private', { form }))
    assert.equal((await readArmor(house, privateRing.ring)).info.userIds.length, 1 + added)
  })

  it('are refused when they cannot stand in a key', async () => {
    const person = await newKeyOwner(house, 'bad@example.org')
    for (const email of ['nobody', 'a@b@c', 'x@example.org>', 'Ä <x@example.org>', '"quoted"@example.org'])
      assertError(await add(person, email), 'SVL-0010', 'ERROR')
    for (const name of ['Anna <boss@example.org>', 'a(b)', 'x'.repeat(201), 'two\nlines'])
      assertError(await add(person, person.email, { ...form, name }), 'SVL-0010', 'ERROR')
    assertError(await add(person, person.email, { ...form, name: ' ' }), 'SVL-0002', 'ERROR')
    assertError(await add(person, person.email, { ...form, keyid: '' }), 'SVL-0002', 'ERROR')
    const other = await newKeyOwner(house, 'notmine@example.org')
    const { keyId } = masterOf(await currentOf(other))
    assertError(await add(person, person.email, { ...form, keyid: keyId }), 'GRD-KEY-0002', 'USER_INPUT')
    const bare = await newPerson(house, 'bare@example.org')
    await done(upload(bare, (await newKeyFor(house, bare.email)).certificate))
    assertError(await add(bare, bare.email), 'PGP-CORE-0002', 'ERROR')
    assert.equal((await userIds(person)).length, 1)
  })

  it('are vouched for, by whom and how is told', async () => {
    const [alice, bob] = [await newPerson(house, 'alice@example.org'), await newKeyOwner(house, 'bob@example.org')]
    const made = await bring(house, alice)
    const signatures = async (query: string) =>
      (await done(act(alice, 'GET', `getSignatures&keyid=${query}`))).signatures
    const [own, ...rest] = await signatures(made.info.keyId)
    assert.deepEqual(rest, [])
    assert.deepEqual(
      [own.userId, own.type, own.issuerKeyIdHex, own.issuerUserId, own.verified, own.issuerKnown, own.image],
      ['Brought <alice@example.org>', 'positive', made.info.keyId, 'Brought <alice@example.org>', true, true, false],
    )
    assert.equal(own.created, made.info.keys[0]!.created)
    const raw = await act(alice, 'GET', `getSignatures&keyid=${made.info.keyId}&subkeys=true`)
    assert.ok(raw.text.includes(`"issuerKeyId":${BigInt.asIntN(64, BigInt(`0x${made.info.keyId}`))},`), raw.text)
    const whole = raw.json.data.signatures
    assert.deepEqual(
      whole.map(({ type }: { type: string }) => type),
      ['positive', 'subkey_binding'],
    )
    const subkey = await signatures(made.info.keys[1]!.keyId)
    assert.deepEqual(
      subkey.map(({ type }: { type: string }) => type),
      ['subkey_binding'],
    )
    // A key of somebody else: not seen before it was taken in.
    const theirs = masterOf(await currentOf(bob))
    assertError(await act(alice, 'GET', `getSignatures&keyid=${theirs.keyId}`), 'GRD-KEY-0002', 'USER_INPUT')
    const body = new FormData()
    const { ring } = (await currentOf(bob)).publicRing
    body.set('key', new Blob([ring]), 'bob.asc')
    await done(act(alice, 'POST', 'uploadExternalPublicKey', { body }))
    assert.equal((await signatures(theirs.keyId))[0].issuerUserId, 'Some Body <bob@example.org>')
    assertError(await act(alice, 'GET', 'getSignatures'), 'SVL-0002', 'ERROR')
    assertError(await act(alice, 'GET', `getSignatures&keyid=${theirs.keyId}&subkeys=1`), 'SVL-0010', 'ERROR')
  })

  it('are vouched for by others of the tenant, and by strangers of whom nothing is known', async () => {
    const person = await newPerson(house, 'vouched@example.org')
    const { readKey, readPrivateKey } = await import('openpgp')
    const made = await newKeyFor(house, person.email)
    const [known, stranger] = [
      await newKeyFor(house, 'colleague@example.org'),
      await newKeyFor(house, 'stranger@elsewhere.example'),
    ]
    await newAccount(house, 'colleague@example.org')
    const { signIn } = await import('./person.ts')
    await done(upload(await signIn(house, 'colleague@example.org'), known.certificate))
    let certified = await readKey({ binaryKey: made.certificate })
    for (const { secret } of [known, stranger]) {
      const signer = await readPrivateKey({ binaryKey: secret })
      certified = await certified.signAllUsers([signer], new Date(house.clock.now()))
    }
    await done(upload(person, certified.write()))
    const { signatures } = await done(act(person, 'GET', `getSignatures&keyid=${made.info.keyId}`))
    const seen = signatures.map((one: Record<string, unknown>) => [one.issuerUserId, one.verified, one.issuerKnown])
    assert.deepEqual(seen.toSorted(), [
      [null, false, false],
      ['Brought <colleague@example.org>', true, true],
      ['Brought <vouched@example.org>', true, true],
    ])
    assert.equal((await openpgp.inspect({ bytes: certified.write(), now: house.clock.now() })).rings.length, 1)
  })
})
