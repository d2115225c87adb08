import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { contactKeyFor } from '#src/domain/contacts/contacts.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { type House, startHouse } from '#src/testing.ts'
import { freePort } from '../../demo/server-process.ts'
import { newPerson } from '../conformance/guard/person.ts'

const RADICALE = '/usr/bin/radicale'
const noRadicale = !existsSync(RADICALE) && 'radicale is not installed'

describe('address books on Radicale', { skip: noRadicale }, () => {
  let house: House
  let server: ChildProcess
  let data: string
  let url: string
  const reader = { Authorization: `Basic ${Buffer.from('reader:secret').toString('base64')}` }

  async function answers(): Promise<void> {
    for (let waited = 0; waited < 15_000; waited += 100) {
      const isThere = await fetch(url).then(
        () => true,
        () => false,
      )
      if (isThere) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error('radicale does not answer')
  }

  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'chatelaine-radicale-'))
    writeFileSync(join(data, 'users'), 'reader:secret\n')
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const settings = [
      `[server]\nhosts = 127.0.0.1:${port}`,
      `[auth]\ntype = htpasswd\nhtpasswd_filename = ${join(data, 'users')}\nhtpasswd_encryption = plain\ndelay = 0`,
      '[rights]\ntype = authenticated',
      `[storage]\nfilesystem_folder = ${join(data, 'collections')}`,
    ]
    writeFileSync(join(data, 'config'), `${settings.join('\n')}\n`)
    server = spawn(RADICALE, ['--config', join(data, 'config')], { stdio: 'ignore' })
    await answers()
    house = await startHouse({
      settings: {
        CHATELAINE_CARDDAV_URL: `${url}/{user}/`,
        CHATELAINE_CARDDAV_USER: 'reader',
        CHATELAINE_CARDDAV_PASSWORD: 'secret',
        CHATELAINE_KEY_SOURCES: 'contacts=3',
      },
    })
  })
  after(async () => {
    await house?.stop()
    if (server && server.exitCode === null) {
      server.kill()
      await once(server, 'exit')
    }
    rmSync(data, { recursive: true, force: true })
  })

  it('shows its contacts, and finds their keys', async () => {
    const key = await openpgp.generate({
      userIds: [{ name: 'Käthe', email: 'kaethe@example.net' }],
      algorithm: 'curve25519',
      validSeconds: 0,
      now: house.clock.now(),
    })
    const base64 = Buffer.from(key.certificate).toString('base64')
    const card = (...lines: string[]) => ['BEGIN:VCARD', 'VERSION:3.0', ...lines, 'END:VCARD', ''].join('\r\n')
    const book =
      card(
        'UID:1',
        'FN:Käthe & Co <1>',
        'N:Co;Käthe;;;',
        'EMAIL:Kaethe@example.net',
        `KEY;ENCODING=b;TYPE=PGP:${base64}`,
      ) + card('UID:2', 'FN:Bert', 'N:;Bert;;;', 'EMAIL:bert@example.net', `NOTE:${'long '.repeat(20_000)}`)
    const headers = { ...reader, 'Content-Type': 'text/vcard; charset=utf-8' }
    assert.equal((await fetch(`${url}/anna/`, { method: 'MKCOL', headers: reader })).status, 201)
    const put = await fetch(`${url}/anna/book/`, { method: 'PUT', headers, body: book })
    assert.equal(put.status, 201, await put.text())

    const person = await newPerson(house, 'anna@example.org')
    const { json } = await person.call('GET', '/contacts?action=all&folder=carddav&columns=500,555')
    assert.deepEqual(json.data, [
      ['Bert', 'bert@example.net'],
      ['Käthe & Co <1>', 'Kaethe@example.net'],
    ])
    const account = (await findByAddress(house.ctx, person.email))!
    const found = await contactKeyFor(house.ctx, { account, address: 'kaethe@example.net' })
    assert.equal(found?.fingerprint, key.info.fingerprint)
    const nobody = await newPerson(house, 'nobody@example.org')
    assert.deepEqual((await nobody.call('GET', '/contacts?action=all&folder=carddav&columns=500')).json.data, [])
  })
})
