import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { addressesOfContact, contactKeyFor } from '#src/domain/contacts/contacts.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { assertError, newPerson, type Person } from './person.ts'

const FAR = '2116800000000'

onEveryEngine('App Suite contacts', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const add = (person: Person, json: unknown): Promise<Reply> => person.call('PUT', '/contacts?action=new', { json })
  const made = async (person: Person, json: unknown): Promise<{ id: string; timestamp: number }> => {
    const reply = await add(person, json)
    assert.equal(reply.json.error, undefined, reply.text)
    return { id: reply.json.data.id, timestamp: reply.json.timestamp }
  }
  const get = (person: Person, id: string, folder = 'contacts') =>
    person.call('GET', `/contacts?action=get&folder=${folder}&id=${id}`)
  const all = async (person: Person, columns = '1,555', more = ''): Promise<unknown[][]> => {
    const reply = await person.call('GET', `/contacts?action=all&folder=contacts&columns=${columns}${more}`)
    assert.equal(reply.json.error, undefined, reply.text)
    return reply.json.data
  }
  const search = async (person: Person, json: unknown, columns = '555'): Promise<unknown[]> => {
    const reply = await person.call('PUT', `/contacts?action=search&columns=${columns}`, { json })
    assert.equal(reply.json.error, undefined, reply.text)
    return reply.json.data.flat()
  }
  const update = (person: Person, id: string, timestamp: number | string, json: unknown) =>
    person.call('PUT', `/contacts?action=update&folder=contacts&id=${id}&timestamp=${timestamp}`, { json })
  const remove = (person: Person, timestamp: number | string, json: unknown) =>
    person.call('PUT', `/contacts?action=delete&timestamp=${timestamp}`, { json })
  const upload = (person: Person, text: string, path = '/contacts?action=import', headers = {}) => {
    const body = new FormData()
    body.set('file', new Blob([text]), 'contacts.vcf')
    return person.call('POST', path, { body, headers })
  }
  const accountOf = async ({ email }: Person) => (await findByAddress(house.ctx, email))!
  const card = (...lines: string[]) => ['BEGIN:VCARD', 'VERSION:3.0', ...lines, 'END:VCARD', ''].join('\r\n')

  it('keeps what a client writes, on every mount, and gives it back', async () => {
    const person = await newPerson(house, 'keeps@example.org')
    const contact = {
      folder_id: 'contacts',
      display_name: 'Beispiel, Anna',
      first_name: 'Anna',
      last_name: 'Beispiel',
      email1: 'Anna@Example.org',
      email2: '',
      note: null,
      userfield07: 'seven',
      'x-of-some-client': { deep: [1, 'two'] },
      id: 'not for a client to say',
    }
    const { id, timestamp } = await made(person, contact)
    assert.equal(timestamp, house.clock.now())
    const { json } = await get(person, id)
    const { data } = json
    assert.deepEqual(
      [data.id, data.folder_id, data.email1, data.userfield07, data['x-of-some-client'], data.last_modified],
      [id, 'contacts', 'Anna@Example.org', 'seven', { deep: [1, 'two'] }, timestamp],
    )
    assert.deepEqual(['email2' in data, 'note' in data, json.timestamp], [false, false, timestamp])
    assert.deepEqual(await all(person, '1,20,500,501,502,555,556,577,5,223,99999'), [
      [
        id,
        'contacts',
        'Beispiel, Anna',
        'Anna',
        'Beispiel',
        'Anna@Example.org',
        null,
        'seven',
        timestamp,
        data.uid,
        null,
      ],
    ])
    for (const base of ['/appsuite/api', '/api', '/ajax', '']) {
      const path = `${base}/contacts?action=get&folder=contacts&id=${id}&session=${person.session}`
      const reply = await house.call('GET', path, { headers: { Cookie: person.cookie } })
      assert.equal(reply.json.data?.first_name, 'Anna', reply.text)
      assertError(await house.call('GET', path), 'SES-0206', 'TRY_AGAIN')
    }
  })

  it('changes a contact only for whom has seen the last change', async () => {
    const person = await newPerson(house, 'changes@example.org')
    const { id, timestamp } = await made(person, { first_name: 'Anna', email1: 'a@example.org', title: 'Dr.' })
    const first = await update(person, id, timestamp, { email1: 'b@example.org', title: null })
    assert.equal(first.json.error, undefined, first.text)
    // The clock stands still; the change is later all the same.
    assert.ok(first.json.timestamp > timestamp)
    const late = await update(person, id, timestamp, { first_name: 'Late' })
    assertError(late, 'SVL-0017', 'CONFLICT')
    const { data } = (await get(person, id)).json
    assert.deepEqual([data.first_name, data.email1, 'title' in data], ['Anna', 'b@example.org', false])
    const account = await accountOf(person)
    assert.deepEqual(await addressesOfContact(house.ctx, { account, folder: 'contacts', id }), ['b@example.org'])
    // What a client sends that does not care: a time in the far future.
    assert.equal((await update(person, id, FAR, { first_name: 'Ann' })).json.error, undefined)
    assertError(await update(person, id, '', {}), 'SVL-0002', 'ERROR')
    assertError(await update(person, id, 'yesterday', {}), 'SVL-0010', 'ERROR')
    assertError(await update(person, 'nobody', FAR, {}), 'CON-0125', 'USER_INPUT')
  })

  it('lets one of two changes at the same instant through', async () => {
    const person = await newPerson(house, 'instant@example.org')
    const { id, timestamp } = await made(person, { first_name: 'Anna' })
    const names = ['A', 'B', 'C', 'D']
    const replies = await Promise.all(names.map((first_name) => update(person, id, timestamp, { first_name })))
    const won = replies.filter(({ json }) => json.error === undefined)
    assert.equal(won.length, 1)
    const winner = names[replies.indexOf(won[0]!)]
    assert.equal((await get(person, id)).json.data.first_name, winner)
  })

  it('deletes, but not what was changed since', async () => {
    const person = await newPerson(house, 'deletes@example.org')
    const a = await made(person, { first_name: 'A', email1: 'a@example.org' })
    const b = await made(person, { first_name: 'B' })
    const c = await made(person, { first_name: 'C' })
    await update(person, b.id, FAR, { first_name: 'BB' })
    const reply = await remove(person, a.timestamp, [
      { id: a.id, folder: 'contacts' },
      { id: b.id, folder: 'contacts' },
    ])
    assert.deepEqual(reply.json.data, [b.id])
    assertError(await get(person, a.id), 'CON-0125', 'USER_INPUT')
    const rows = await house.ctx.db.selectFrom('contact_address').select('contact_id').execute()
    assert.equal(
      rows.some(({ contact_id }) => contact_id === a.id),
      false,
    )
    // One that is not there: nothing of the list goes.
    assertError(await remove(person, FAR, [{ id: c.id }, { id: a.id }]), 'CON-0125', 'USER_INPUT')
    // Older clients send a single one.
    assert.deepEqual((await remove(person, FAR, { id: c.id, folder: 'contacts' })).json.data, [])
    assert.deepEqual(await all(person, '501'), [['BB']])
    assertError(await person.call('PUT', '/contacts?action=delete', { json: [{ id: b.id }] }), 'SVL-0002', 'ERROR')
  })

  it('shows nobody the contacts of another', async () => {
    const anna = await newPerson(house, 'own@example.org')
    const bert = await newPerson(house, 'other@example.org')
    const { id } = await made(anna, { first_name: 'Secret', email1: 'secret@example.org' })
    assertError(await get(bert, id), 'CON-0125', 'USER_INPUT')
    assertError(await update(bert, id, FAR, { first_name: 'x' }), 'CON-0125', 'USER_INPUT')
    assertError(await remove(bert, FAR, [{ id }]), 'CON-0125', 'USER_INPUT')
    const listed = await bert.call('PUT', '/contacts?action=list&columns=1', { json: [{ id, folder: 'contacts' }] })
    assert.deepEqual([listed.json.data, await all(bert), await search(bert, { pattern: '*' })], [[], [], []])
    assert.equal((await get(anna, id)).json.data.first_name, 'Secret')
  })

  it('lists in order, and searches', async () => {
    const person = await newPerson(house, 'lists@example.org')
    const people = [
      { first_name: 'Zoe', last_name: 'äpfel', email1: 'zoe@example.org', company: 'Acme' },
      { first_name: 'Bert', last_name: 'Zander', email1: 'bert@example.org', email2: 'b.z@work.example' },
      { display_name: 'Mailing list', email1: 'list@example.org', nickname: 'ML' },
    ]
    const ids = []
    for (const one of people) ids.push((await made(person, one)).id)
    const emails = async (more: string) => (await all(person, '555', more)).flat()
    const [zoe, bert, list] = people.map(({ email1 }) => email1)
    assert.deepEqual(await emails(''), [zoe, list, bert])
    assert.deepEqual(await emails('&sort=607&order=desc'), [bert, list, zoe])
    assert.deepEqual(await emails('&sort=555&order=asc'), [bert, list, zoe])
    const listed = await person.call('PUT', '/contacts?action=list&columns=1,555', {
      json: [ids[2], 'gone', ids[0]].map((id) => ({ id, folder: 'contacts' })),
    })
    assert.deepEqual(listed.json.data, [
      [ids[2], list],
      [ids[0], zoe],
    ])
    const searches: [unknown, unknown[]][] = [
      [{ pattern: 'ZAN' }, [bert]],
      [{ pattern: 'work.example' }, [bert]],
      [{ pattern: 'z*e' }, [zoe]],
      [{ pattern: '?oe' }, [zoe]],
      [{ pattern: '*' }, [zoe, list, bert]],
      [{ pattern: 'm', startletter: true }, [list]],
      [{ pattern: '**example*g' }, [zoe, list, bert]],
      [{ pattern: 'nobody' }, []],
      [{ first_name: 'ze', last_name: 'ze', email1: 'ze', orSearch: true }, []],
      [{ first_name: 'b', email1: 'zoe', orSearch: true }, [zoe, bert]],
      [{ first_name: 'b', email1: 'zoe' }, []],
      [{ email1: 'B.Z@work', email2: 'B.Z@work', emailAutoComplete: true }, [bert]],
      [{ pattern: 'bert', folder: ['contacts'] }, [bert]],
      [{ pattern: `${'*a'.repeat(500)}b` }, []],
    ]
    for (const [body, found] of searches) assert.deepEqual(await search(person, body), found, JSON.stringify(body))
    const unknown = { json: { pattern: '*', folder: 6 } }
    assertError(await person.call('PUT', '/contacts?action=search&columns=1', unknown), 'CON-0104', 'USER_INPUT')
  })

  it('tells what address books there are', async () => {
    const person = await newPerson(house, 'folders@example.org')
    const reply = await person.call('GET', '/folders?action=allVisible&content_type=contacts&columns=1,300,301,308')
    assert.deepEqual(reply.json.data.private, [['contacts', 'Contacts', 'contacts', true]])
    assertError(await get(person, 'x', 'no-such-folder'), 'CON-0104', 'USER_INPUT')
    assertError(await add(person, { folder_id: '6', first_name: 'x' }), 'CON-0104', 'USER_INPUT')
    assertError(await add(person, { folder_id: 'carddav', first_name: 'x' }), 'CON-0104', 'USER_INPUT')
  })

  it('refuses what is no contact, and nothing has changed', async () => {
    const person = await newPerson(house, 'refuses@example.org')
    assertError(await add(person, { note: 'x'.repeat(20_000) }), 'GRD-KEY-0007', 'USER_INPUT')
    for (const json of [[], 'text', 7, null]) assertError(await add(person, json), 'SVL-0009', 'ERROR')
    for (const json of ['text', 7, null, [7], [{ folder: 'x' }]])
      assert.ok(['SVL-0009', 'SVL-0010', 'SVL-0002'].includes((await remove(person, FAR, json)).json.code))
    assertError(await person.call('GET', '/contacts?action=all&folder=contacts'), 'SVL-0002', 'ERROR')
    assertError(await person.call('GET', '/contacts?action=all&columns=1;drop'), 'SVL-0010', 'ERROR')
    // The same column two hundred times, of a few long names, is no list that anybody reads.
    const greedy = await newPerson(house, 'greedy@example.org')
    for (let made = 0; made < 4; made++) await add(greedy, { last_name: 'x'.repeat(16_000) })
    const often = Array(200).fill(502).join()
    const reply = await greedy.call('GET', `/contacts?action=all&columns=${often}`)
    assert.deepEqual([reply.status, reply.json.code], [413, 'GRD-KEY-0007'])
    assert.equal((await all(greedy, '502,502')).length, 4)
    assertError(await person.call('GET', '/contacts?action=nothing'), 'SVL-0001', 'ERROR')
    const { id } = await made(person, JSON.parse('{"__proto__":{"polluted":1},"first_name":"P","uid":"u1"}'))
    assert.equal(({} as { polluted?: number }).polluted, undefined)
    assertError(await add(person, { uid: 'u1', first_name: 'again' }), 'SVL-0010', 'ERROR')
    assert.deepEqual(await all(person, '1'), [[id]])
  })

  it('imports vCards with their keys, joins them by UID, and exports them again', async () => {
    const person = await newPerson(house, 'imports@example.org')
    const userIds = [{ name: 'Bert', email: 'bert@example.net' }]
    const now = house.clock.now()
    const key = await openpgp.generate({ userIds, algorithm: 'curve25519', validSeconds: 0, now })
    const data = Buffer.from(key.certificate).toString('base64')
    const file =
      card(
        'UID:u-bert',
        'FN:Bert',
        'EMAIL:Bert@example.net',
        'EMAIL:bert@work.example',
        `KEY;ENCODING=b;TYPE=PGP:${data}`,
      ) +
      card('FN:No UID', 'EMAIL:no-uid@example.net', `KEY;ENCODING=b:${Buffer.alloc(100, 'junk').toString('base64')}`)
    const first = await upload(person, file)
    assert.equal(first.json.data?.length, 2, first.text)
    await upload(person, file)
    assert.deepEqual((await all(person, '500')).flat(), ['Bert', 'No UID'])
    const account = await accountOf(person)
    const keyOf = async (address: string) => (await contactKeyFor(house.ctx, { account, address }))?.fingerprint ?? null
    assert.equal(await keyOf('BERT@example.net'), key.info.fingerprint)
    // The owner of the address book says whose key it is, for all that stands on the card.
    assert.equal(await keyOf('bert@work.example'), key.info.fingerprint)
    assert.equal(await keyOf('no-uid@example.net'), null)
    // What he wrote himself stays where the card says nothing of it; addresses are those of the card; so stays the key.
    const { id } = first.json.data[0]
    await update(person, id, FAR, { note: 'mine', email3: 'old@example.net' })
    await upload(person, card('UID:u-bert', 'FN:Bertram', 'EMAIL:new@example.net'))
    const { data: joined } = (await get(person, id)).json
    assert.deepEqual([joined.display_name, joined.note, joined.email1], ['Bertram', 'mine', 'new@example.net'])
    assert.deepEqual(['email2' in joined, 'email3' in joined], [false, false])
    assert.equal(await keyOf('new@example.net'), key.info.fingerprint)
    assert.equal(await keyOf('bert@work.example'), null)

    const exported = await person.call('GET', '/export?action=VCARD&folder=contacts')
    assert.match(exported.headers.get('content-type')!, /^text\/x-vcard/)
    const other = await newPerson(house, 'exports@example.org')
    assert.equal((await upload(other, exported.text)).json.data.length, 2)
    const theirs = await contactKeyFor(house.ctx, { account: await accountOf(other), address: 'new@example.net' })
    assert.equal(theirs?.fingerprint, key.info.fingerprint)
    const events = await house.ctx.db
      .selectFrom('audit')
      .select('detail')
      .where('event', '=', 'contacts.imported')
      .execute()
    assert.ok(events.some(({ detail }) => detail.includes('"count":2') && detail.includes('"new":0')))
  })

  it('takes imports as the App Suite sends them', async () => {
    const person = await newPerson(house, 'forms@example.org')
    const file = card('FN:A </script><script>', 'EMAIL:a@example.net')
    const form = await upload(person, file, '/import?action=VCARD&folder=contacts')
    assert.match(form.headers.get('content-type')!, /^text\/html/)
    const [, json = ''] = /\((\{.*?\})\)<\/script>/.exec(form.text) ?? []
    assert.equal(JSON.parse(json).data[0].folder_id, 'contacts')
    const failed = await upload(person, 'no card', '/import?action=VCARD&folder=<script>alert(1)</script>')
    assert.equal(JSON.parse(/\((\{.*?\})\)<\/script>/.exec(failed.text)![1]!).code, 'CON-0104')
    assert.equal(failed.text.match(/<script>/g)?.length, 1)
    const plain = await upload(person, file, '/import?action=VCARD&folder=contacts', { Accept: 'application/json' })
    assert.equal(plain.json.data.length, 1)
    assertError(
      await upload(person, 'no card', '/import?action=VCARD&plainJson=true&folder=contacts'),
      'SVL-0009',
      'ERROR',
    )
    const bare = await person.call('POST', '/contacts?action=import', {
      body: card('FN:Bare'),
      headers: { 'Content-Type': 'text/vcard' },
    })
    assert.equal(bare.json.data?.length, 1, bare.text)
    assert.equal((await all(person)).length, 2)
  })

  it('has bounds', async () => {
    const person = await newPerson(house, 'bounds@example.org')
    const many = (count: number, from = 0) =>
      Array.from({ length: count }, (_, index) =>
        card(`UID:n${from + index}`, `EMAIL:n${from + index}@example.net`),
      ).join('')
    assertError(await upload(person, many(5001)), 'GRD-KEY-0007', 'USER_INPUT')
    assertError(await upload(person, card(`NOTE:${'x'.repeat(1024 * 1024)}`)), 'GRD-KEY-0007', 'USER_INPUT')
    assert.deepEqual(await all(person), [])
    const full = await upload(person, many(5000))
    assert.equal(full.json.data?.length, 5000, full.text.slice(0, 200))
    assertError(await add(person, { first_name: 'one more' }), 'GRD-KEY-0007', 'USER_INPUT')
    assertError(await upload(person, many(1, 5000)), 'GRD-KEY-0007', 'USER_INPUT')
    // What is there already may be brought again.
    assert.equal((await upload(person, many(10))).json.data?.length, 10)
    assert.equal((await all(person, '1')).length, 5000)
    assert.deepEqual(await search(person, { pattern: 'n4999@' }), ['n4999@example.net'])
  })
})
