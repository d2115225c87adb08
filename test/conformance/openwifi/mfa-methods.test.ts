import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  asRoot,
  bearer,
  change,
  denied,
  newPerson,
  newSubscriber,
  PASSWORD,
  type Person,
  scanned,
  withMethod,
} from './people.ts'
import { openSmsProvider, type SmsProvider } from './sms-provider.ts'

const STEP = 30_000
let lines = 6000
const someNumber = () => `+4144668${++lines}`

/** Somebody whose sign-in asks for a second step, and how he gets to know its codes. */
interface Guarded {
  person: Person
  number: string
  code(): Promise<string>
}

const doors = [
  { name: 'users', signIn: '/oauth2', other: '/suboauth2', totp: '/totp' },
  { name: 'subscribers', signIn: '/suboauth2', other: '/oauth2', totp: '/subtotp' },
] as const
type Door = (typeof doors)[number]

onEveryEngine('OpenWiFi: every second step at every door', (engine) => {
  let house: House
  let root: Person
  let provider: SmsProvider
  before(async () => {
    provider = await openSmsProvider()
    house = await startHouse({ engine, settings: provider.settings })
    root = await asRoot(house)
  })
  after(async () => {
    await house.stop()
    provider.close()
  })

  const post = (path: string, json: unknown, headers = {}) => house.call('POST', `/api/v1${path}`, { json, headers })
  const signIn = (path: string, { email }: Person) => post(path, { userId: email, password: PASSWORD })
  const complete = (path: string, uuid: string, answer: string) =>
    post(`${path}?completeMFAChallenge=true`, { uuid, answer })
  const resend = (path: string, uuid: string) => post(`${path}?resendMFACode=true`, { uuid })
  const wrong = (code: string) => (code === '000000' ? '000001' : '000000')

  const switchOn = async (door: Door, person: Person, method: string) => {
    const headers = bearer(person.token)
    const reply =
      door.name === 'users'
        ? await change(house, person, person.id, withMethod(method))
        : await house.call('PUT', '/api/v1/submfa', { json: { type: method }, headers })
    assert.equal(reply.status, 200, reply.text)
  }

  async function validateNumber(door: Door, person: Person, number: string): Promise<string> {
    const headers = bearer(person.token)
    const reply =
      door.name === 'users'
        ? await post('/sms?validateNumber=true', { to: number }, headers)
        : await house.call('PUT', '/api/v1/submfa?startValidation=true', {
            json: { type: 'sms', sms: number },
            headers,
          })
    assert.equal(reply.status, 200, reply.text)
    return provider.code(number)
  }

  async function proveNumber(door: Door, person: Person, number: string): Promise<void> {
    const code = await validateNumber(door, person, number)
    const headers = bearer(person.token)
    if (door.name === 'users') {
      await post(`/sms?completeValidation=true&validationCode=${code}`, { to: number }, headers)
      await switchOn(door, person, 'sms')
    } else {
      const query = `?completeValidation=true&challengeCode=${code}`
      await house.call('PUT', `/api/v1/submfa${query}`, { json: { type: 'sms', sms: number }, headers })
    }
  }

  const newcomer = (door: Door) => (door.name === 'users' ? newPerson(house, root) : newSubscriber(house, root))

  const guards: Record<string, (door: Door) => Promise<Guarded>> = {
    async sms(door) {
      const person = await newcomer(door)
      const number = someNumber()
      await proveNumber(door, person, number)
      return { person, number, code: () => provider.code(number) }
    },
    async email(door) {
      const person = await newcomer(door)
      await switchOn(door, person, 'email')
      return { person, number: '', code: () => house.inbox.code(person.email) }
    },
    async authenticator(door) {
      const person = await newcomer(door)
      const headers = bearer(person.token)
      const { code } = scanned(house, (await house.call('GET', `/api/v1${door.totp}`, { headers })).text)
      for (const index of [1, 2]) {
        await house.call('PUT', `/api/v1${door.totp}?index=${index}&value=${code()}`, { headers })
        house.clock.turn(STEP)
      }
      await switchOn(door, person, 'authenticator')
      return {
        person,
        number: '',
        async code() {
          // None twice, whichever challenge it is for.
          house.clock.turn(STEP)
          return code()
        },
      }
    },
  }

  async function challenged(door: Door, { person }: Guarded): Promise<string> {
    const reply = await signIn(door.signIn, person)
    assert.equal(reply.status, 200, reply.text)
    assert.deepEqual(Object.keys(reply.json), ['created', 'method', 'question', 'uuid'])
    return reply.json.uuid
  }

  for (const door of doors)
    for (const [method, guard] of Object.entries(guards)) {
      const isSent = method !== 'authenticator'
      describe(`${method} for ${door.name}`, () => {
        it('lets in with its code, and with nothing before', async () => {
          const guarded = await guard(door)
          const reply = await signIn(door.signIn, guarded.person)
          assert.deepEqual([reply.json.method, reply.json.question], [method, 'mfa challenge'])
          const { uuid } = reply.json
          const code = await guarded.code()
          denied(await complete(door.signIn, uuid, wrong(code)), 12)
          const done = await complete(door.signIn, uuid, code)
          assert.equal(done.status, 200, done.text)
          const headers = bearer(done.json.access_token)
          const me = await house.call('GET', `/api/v1${door.signIn}?me=true`, { headers })
          assert.equal(me.json.email, guarded.person.email)
          denied(await complete(door.signIn, uuid, code), 12)
        })

        it('is over after five tries', async () => {
          const guarded = await guard(door)
          const uuid = await challenged(door, guarded)
          const code = await guarded.code()
          for (let n = 0; n < 5; n++) denied(await complete(door.signIn, uuid, wrong(code)), 12)
          denied(await complete(door.signIn, uuid, code), 12)
        })

        it('is over after ten minutes', async () => {
          const guarded = await guard(door)
          const uuid = await challenged(door, guarded)
          const code = isSent ? await guarded.code() : ''
          house.clock.turn(600_001)
          denied(await complete(door.signIn, uuid, isSent ? code : await guarded.code()), 12)
          denied(await resend(door.signIn, uuid), 11)
        })

        it('belongs to its door', async () => {
          const guarded = await guard(door)
          const uuid = await challenged(door, guarded)
          const code = await guarded.code()
          denied(await complete(door.other, uuid, code), 12)
          denied(await resend(door.other, uuid), 11)
          assert.equal((await complete(door.signIn, uuid, code)).status, 200)
        })

        it('belongs to its account', async () => {
          const [one, two] = [await guard(door), await guard(door)]
          const [mine, theirs] = [await challenged(door, one), await challenged(door, two)]
          const code = await one.code()
          denied(await complete(door.signIn, theirs, code), 12)
          assert.equal((await complete(door.signIn, mine, code)).status, 200)
        })

        if (!isSent) return

        it('takes a code in its own transaction only', async () => {
          const guarded = await guard(door)
          const first = await challenged(door, guarded)
          const code = await guarded.code()
          const second = await challenged(door, guarded)
          const other = await guarded.code()
          if (code !== other) {
            denied(await complete(door.signIn, second, code), 12)
            denied(await complete(door.signIn, first, other), 12)
          }
          assert.equal((await complete(door.signIn, first, code)).status, 200)
          assert.equal((await complete(door.signIn, second, other)).status, 200)
        })

        it('lets nobody in when its code cannot be sent', async () => {
          const guarded = await guard(door)
          const { carriers } = house.ctx as { carriers: Record<'mailer' | 'texter', unknown> }
          const { mailer, texter } = carriers
          Object.assign(carriers, { mailer: null, texter: null })
          const closed = await signIn(door.signIn, guarded.person)
          Object.assign(carriers, { mailer, texter })
          denied(closed, 12)
          assert.doesNotMatch(closed.text, /token"|uuid/)
          const uuid = await challenged(door, guarded)
          assert.equal((await complete(door.signIn, uuid, await guarded.code())).status, 200)
        })
      })
    }

  for (const door of doors) {
    it(`a code that proves a number signs no ${door.name} in, nor the other way round`, async () => {
      const guarded = await guards.sms!(door)
      const { person, number } = guarded
      const uuid = await challenged(door, guarded)
      const code = await guarded.code()
      const validation = await validateNumber(door, person, number)
      if (code !== validation) denied(await complete(door.signIn, uuid, validation), 12)
      const headers = bearer(person.token)
      const crossed =
        door.name === 'users'
          ? await post(`/sms?completeValidation=true&validationCode=${code}`, { to: number }, headers)
          : await house.call('PUT', `/api/v1/submfa?completeValidation=true&challengeCode=${code}`, {
              json: { type: 'sms', sms: number },
              headers,
            })
      if (code !== validation) assert.match(crossed.text, /1057|1095/)
      assert.equal((await complete(door.signIn, uuid, code)).status, 200)
    })

    it(`a provider that refuses lets no ${door.name} in`, async () => {
      const guarded = await guards.sms!(door)
      provider.mood.status = 400
      const reply = await signIn(door.signIn, guarded.person)
      const isRefused = () => provider.texts.some(({ to, status }) => to === guarded.number && status === 400)
      while (!isRefused()) await new Promise((resolve) => setTimeout(resolve, 10))
      provider.mood.status = 200
      assert.equal(reply.json.access_token, undefined)
      assert.equal((await resend(door.signIn, reply.json.uuid)).status, 200)
      assert.equal((await complete(door.signIn, reply.json.uuid, await guarded.code())).status, 200)
    })
  }
})
