import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { settings } from '#src/config.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, denied, newPerson, type Person, refused } from './people.ts'

const PATH = '/api/v1/systemConfiguration'

// Everything that can hold a secret holds this word.
const MARK = 'Hidden-Word-1'
const secrets: Record<string, string> = {
  CHATELAINE_ROOT_PASSWORD: `${MARK}-root`,
  CHATELAINE_INTERNAL_KEY: `${MARK}-internal-key-of-thirty-two-characters`,
  CHATELAINE_SMTP_URL: `smtp://${MARK}:${MARK}@127.0.0.1:1`,
  CHATELAINE_SMS_URL: `http://127.0.0.1:1/${MARK}`,
  CHATELAINE_SMS_STATIC_PARAMS: `key=${MARK}`,
  CHATELAINE_SMS_PASSWORD: MARK,
  CHATELAINE_SMS_TOKEN: MARK,
  CHATELAINE_KAFKA_PASSWORD: MARK,
}

onEveryEngine('OpenWiFi: the configuration', (engine) => {
  let house: House
  let root: Person
  let csr: Person
  before(async () => {
    house = await startHouse({
      engine,
      settings: {
        ...secrets,
        CHATELAINE_SMS_USER: 'sms-user',
        CHATELAINE_KAFKA_USER: 'kafka-user',
        CHATELAINE_PUBLIC_URL: 'https://sec.example.org',
        CHATELAINE_SERVICES: `owgw=https://${MARK}:${MARK}@gw.example.org:16002,owfms=https://${MARK}@fms.example.org`,
        CHATELAINE_TRUSTED_PROXIES: '10.0.0.0/8,::1',
        CHATELAINE_TOKEN_LIFETIME: '1234',
      },
    })
    root = await asRoot({ ...house, rootPassword: secrets.CHATELAINE_ROOT_PASSWORD } as House)
    csr = await newPerson(house, root)
  })
  after(() => house.stop())

  const get = (someone: Person, ...entries: string[]) =>
    house.call('GET', `${PATH}?entries=${encodeURIComponent(entries.join(','))}`, { headers: bearer(someone.token) })

  it('answers with the values of upstream’s names, in the order asked, to everybody who is signed in', async () => {
    const { status, json } = await get(
      csr,
      'totp.issuer',
      ' authentication.token.ageing',
      'what.is.this',
      'mailer.enabled',
    )
    assert.equal(status, 200)
    assert.deepEqual(json, [
      { parameterName: 'totp.issuer', parameterValue: 'Chatelaine' },
      { parameterName: 'authentication.token.ageing', parameterValue: '1234' },
      { parameterName: 'what.is.this', parameterValue: '' },
      { parameterName: 'mailer.enabled', parameterValue: 'true' },
    ])
    const [uri, ui, pattern] = (
      await get(csr, 'openwifi.system.uri.public', 'openwifi.system.uri.ui', 'authentication.validation.expression')
    ).json.map(({ parameterValue }: { parameterValue: string }) => parameterValue)
    assert.deepEqual([uri, ui], ['https://sec.example.org', 'https://sec.example.org'])
    assert.ok(new RegExp(pattern, 'u').test('Some-Password-1'))
  })

  it('wants to be asked for something, and not for too much', async () => {
    refused(await house.call('GET', PATH, { headers: bearer(root.token) }), 400, 1018)
    refused(await get(root, ''), 400, 1018)
    refused(await get(root, ' ', ''), 400, 1018)
    assert.equal((await get(root, ...Array<string>(100).fill('totp.issuer'))).json.length, 100)
    refused(await get(root, ...Array<string>(101).fill('totp.issuer')), 400, 1018)
    denied(await house.call('GET', `${PATH}?entries=totp.issuer`), 8)
  })

  it('shows the settings by their own names to root and administrators', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const names = ['CHATELAINE_TOKEN_LIFETIME', 'CHATELAINE_TRUSTED_PROXIES', 'CHATELAINE_BASIC_NEEDS_FACTOR']
    const values = async (someone: Person) =>
      (await get(someone, ...names)).json.map(({ parameterValue }: { parameterValue: string }) => parameterValue)
    for (const operator of [root, admin]) assert.deepEqual(await values(operator), ['1234', '10.0.0.0/8,::1', 'on'])
    for (const role of ['csr', 'partner', 'system', 'noc'])
      assert.deepEqual(await values(await newPerson(house, root, { role })), ['', '', ''])
  })

  it('shows a secret to nobody, by whatever name', async () => {
    const ours = settings.flatMap(({ name, env }) => [env, name, env.toLowerCase(), `config.${name}`])
    const theirs = ['mailer.password', 'mailer.username', 'storage.type.postgresql.password', 'smssender.twilio.token']
    const odd = [
      '__proto__',
      'constructor',
      'toString',
      'CHATELAINE_*',
      '*',
      'secrets',
      'CHATELAINE_',
      MARK.slice(0, 3),
    ]
    const names = [...ours, ...theirs, ...odd]
    for (const someone of [root, csr])
      for (let at = 0; at < names.length; at += 100) {
        const { text, json } = await get(someone, ...names.slice(at, at + 100))
        assert.equal(json.length, Math.min(100, names.length - at))
        assert.doesNotMatch(text, new RegExp(MARK))
      }
    const hidden = settings.filter(({ hidden }) => hidden).map(({ env }) => env)
    for (const env of Object.keys(secrets)) assert.ok(hidden.includes(env), `${env} is not hidden`)
    for (const { parameterName, parameterValue } of (await get(root, ...hidden, ...theirs, ...odd)).json)
      assert.equal(parameterValue, '', parameterName)
    const [services] = (await get(root, 'CHATELAINE_SERVICES')).json
    assert.equal(services.parameterValue, 'owgw=https://gw.example.org:16002,owfms=https://fms.example.org')
  })

  it('cannot be changed', async () => {
    for (const method of ['PUT', 'DELETE']) {
      const change = (someone: Person) =>
        house.call(method, PATH, { json: { 'totp.issuer': 'x' }, headers: bearer(someone.token) })
      refused(await change(root), 400, 1062)
      denied(await change(csr), 7)
      denied(await change(await newPerson(house, root, { role: 'admin' })), 7)
    }
  })
})
