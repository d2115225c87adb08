import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { contactKeyFor } from '#src/domain/contacts/contacts.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { type DavServer, startDavServer } from './dav-server.ts'
import { assertError, newKeyOwner, newPerson, type Person } from './person.ts'

const card = (...lines: string[]) => ['BEGIN:VCARD', 'VERSION:3.0', ...lines, 'END:VCARD', ''].join('\r\n')

onEveryEngine('Guard keys of contacts', (engine) => {
  let house: House
  let dav: DavServer
  before(async () => {
    dav = await startDavServer()
    const CHATELAINE_CARDDAV_URL = `http://127.0.0.1:${dav.port}/{user}/`
    // Nothing here asks the world.
    const CHATELAINE_KEY_SOURCES = 'tenant=5,uploaded=4,shared=3,contacts=3,autocrypt=2'
    house = await startHouse({ engine, settings: { CHATELAINE_CARDDAV_URL, CHATELAINE_KEY_SOURCES } })
  })
  after(async () => {
    await house.stop()
    await dav.close()
  })

  const generate = (email: string) =>
    openpgp.generate({
      userIds: [{ name: 'Some Body', email }],
      algorithm: 'curve25519',
      validSeconds: 0,
      now: house.clock.now(),
    })
  const keyLine = ({ certificate }: { certificate: Uint8Array }) =>
    `KEY;ENCODING=b;TYPE=PGP:${Buffer.from(certificate).toString('base64')}`
  const getContactKeys = (person: Person, id: string, folder = 'contacts') =>
    person.call('GET', `/oxguard/keys?action=getContactKeys&contactFolder=${folder}&contactID=${id}`)
  const fingerprints = async (person: Person, id: string, folder?: string): Promise<string[]> => {
    const reply = await getContactKeys(person, id, folder)
    assert.equal(reply.json.error, undefined, reply.text)
    return reply.json.data.keyRings.map(({ keys }: { keys: { fingerprint: string }[] }) => keys[0]?.fingerprint)
  }
  const importCard = async (person: Person, text: string): Promise<string> => {
    const headers = { 'Content-Type': 'text/vcard' }
    const reply = await person.call('POST', '/contacts?action=import', { body: text, headers })
    assert.equal(reply.json.error, undefined, reply.text)
    return reply.json.data[0].id
  }

  it('answers the keys of every address of a contact, and the one on its card', async () => {
    const person = await newPerson(house, 'asks@example.org')
    const colleague = await newKeyOwner(house, 'colleague@example.org')
    const [own] = (await colleague.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings
    const key = await generate('friend@example.net')
    const id = await importCard(
      person,
      card('FN:Friend', 'EMAIL:friend@example.net', 'EMAIL:Colleague@Example.org', keyLine(key)),
    )
    const found = await fingerprints(person, id)
    assert.deepEqual(found, [key.info.fingerprint, own.publicRing.keys[0].fingerprint])
    const { text, json } = await getContactKeys(person, id)
    const [ring] = json.data.keyRings
    assert.match(ring.ring, /^-----BEGIN PGP PUBLIC KEY BLOCK-----/)
    assert.equal(ring.keys.length, 2)
    // As everywhere: the id is a bare number, the last member, behind masterKey.
    assert.match(text, /"masterKey":true,"id":-?\d+\}/)
    // Again: what is found twice is there once.
    await person.call('PUT', `/contacts?action=update&folder=contacts&id=${id}&timestamp=9999999999999`, {
      json: { email2: 'friend@example.net' },
    })
    assert.deepEqual(await fingerprints(person, id), [key.info.fingerprint])
  })

  it('keeps only the public part of what is on a card', async () => {
    const person = await newPerson(house, 'secret@example.org')
    const key = await generate('leak@example.net')
    const id = await importCard(
      person,
      card('FN:L', 'EMAIL:leak@example.net', keyLine({ certificate: key.secret }), keyLine(key)),
    )
    assert.deepEqual(await fingerprints(person, id), [key.info.fingerprint])
    const [row] = await house.ctx.db.selectFrom('contact').select('certificate').where('id', '=', id).execute()
    assert.equal(Buffer.from(row!.certificate!).equals(key.certificate), true)
  })

  it('takes of several keys the one that can be used', async () => {
    const person = await newPerson(house, 'several@example.org')
    const old = await generate('several@example.net')
    const fresh = await generate('several@example.net')
    const { certificate } = await openpgp.revoke({ secret: old.secret, reason: 'superseded', now: house.clock.now() })
    const id = await importCard(
      person,
      card('FN:S', 'EMAIL:several@example.net', keyLine({ certificate }), keyLine(fresh)),
    )
    assert.deepEqual(await fingerprints(person, id), [fresh.info.fingerprint])
  })

  it('refuses contacts that are not there', async () => {
    const person = await newPerson(house, 'none@example.org')
    assertError(await getContactKeys(person, 'nobody'), 'CON-0125', 'USER_INPUT')
    assertError(await getContactKeys(person, 'nobody', 'carddav'), 'CON-0125', 'USER_INPUT')
    assertError(await getContactKeys(person, 'nobody', 'elsewhere'), 'CON-0104', 'USER_INPUT')
    for (const query of ['', '&contactFolder=contacts', '&contactID=x', '&contactFolder=&contactID=x'])
      assertError(await person.call('GET', `/oxguard/keys?action=getContactKeys${query}`), 'SVL-0002', 'ERROR')
    const other = await newPerson(house, 'neighbour@example.org')
    const id = await importCard(other, card('FN:O', 'EMAIL:o@example.net', keyLine(await generate('o@example.net'))))
    assertError(await getContactKeys(person, id), 'CON-0125', 'USER_INPUT')
    const account = (await findByAddress(house.ctx, person.email))!
    assert.equal(await contactKeyFor(house.ctx, { account, address: 'o@example.net' }), null)
  })

  it('reads what the CardDAV server has, and writes nothing there', async () => {
    const person = await newPerson(house, 'dav@example.org')
    const key = await generate('dav-friend@example.net')
    dav.books.set('/dav/book/', {
      a: card('UID:a', 'FN:Dav Friend', 'EMAIL:Dav-Friend@example.net', keyLine(key)),
      b: card('UID:b', 'FN:No key', 'EMAIL:nokey@example.net'),
      c: 'no card at all',
    })
    const listed = await person.call('GET', '/contacts?action=all&folder=carddav&columns=1,20,500,555')
    assert.deepEqual(
      listed.json.data.map(([, ...rest]: unknown[]) => rest),
      [
        ['carddav', 'Dav Friend', 'Dav-Friend@example.net'],
        ['carddav', 'No key', 'nokey@example.net'],
      ],
    )
    const [[id]] = listed.json.data
    assert.deepEqual(await fingerprints(person, id, 'carddav'), [key.info.fingerprint])
    const account = (await findByAddress(house.ctx, person.email))!
    const found = await contactKeyFor(house.ctx, { account, address: 'DAV-friend@example.net' })
    assert.equal(found?.fingerprint, key.info.fingerprint)
    const one = await person.call('GET', `/contacts?action=get&folder=carddav&id=${id}`)
    assert.equal(one.json.data.display_name, 'Dav Friend')
    const search = await person.call('PUT', '/contacts?action=search&columns=20', { json: { pattern: 'dav' } })
    assert.deepEqual(search.json.data, [['carddav']])
    const add = await person.call('PUT', '/contacts?action=new', { json: { folder_id: 'carddav', first_name: 'x' } })
    assertError(add, 'SVL-0016', 'PERMISSION_DENIED')
    const gone = await person.call('PUT', '/contacts?action=delete&timestamp=9999999999999', {
      json: [{ id, folder: 'carddav' }],
    })
    assertError(gone, 'SVL-0016', 'PERMISSION_DENIED')
    const folders = await person.call('GET', '/folders?action=allVisible&content_type=contacts&columns=1,305')
    assert.deepEqual(folders.json.data.private[1], ['carddav', 257])
    assert.ok(dav.asked.every((line) => /^(PROPFIND|REPORT) /.test(line)))
    // Somebody else has another home there.
    const other = await newPerson(house, 'undav@example.org')
    assert.deepEqual((await other.call('GET', '/contacts?action=all&folder=carddav&columns=1')).json.data, [])
  })

  it('leaves the CardDAV server out when it cannot be asked', async () => {
    const person = await newPerson(house, 'down@example.org')
    const key = await generate('own@example.net')
    const id = await importCard(person, card('FN:Own', 'EMAIL:own@example.net', keyLine(key)))
    dav.instead = (_, response) => {
      response.writeHead(500).end()
      return true
    }
    const search = await person.call('PUT', '/contacts?action=search&columns=500', { json: { pattern: '*' } })
    assert.deepEqual(search.json.data, [['Own']])
    assert.deepEqual(await fingerprints(person, id), [key.info.fingerprint])
    dav.instead = null
  })

  it('asks it for nobody whose address is not confirmed', async () => {
    const person = await newPerson(house, 'unconfirmed@example.org')
    dav.books.set('/unconfirmed/book/', { a: card('FN:Private', 'EMAIL:p@example.net') })
    await house.ctx.db.updateTable('account').set({ confirmed: 0 }).where('email', '=', person.email).execute()
    const listed = await person.call('GET', '/contacts?action=all&folder=carddav&columns=500')
    assert.deepEqual(listed.json.data ?? [], [], listed.text)
    assert.ok(!dav.asked.some((line) => line.includes('unconfirmed')))
  })
})
