import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { type Person, person } from '../mail/people.ts'
import { API, newReader } from './reader.ts'

onEveryEngine('Guests of a house without a console', (engine) => {
  let house: House
  let ada: Person
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_CONSOLE: 'off' } })
    ada = await person(house, 'ada')
  })
  after(() => house.stop())

  const get = (path: string, headers: Record<string, string> = {}) => {
    house.clock.turn(1000)
    return house.call('GET', path, { headers })
  }
  const judge = async (path: string, status: number, words: RegExp) => {
    const { host } = new URL(house.url)
    const page = await get(path)
    assert.equal(page.status, status, page.text)
    assert.match(page.text, words)
    assert.match(page.text, new RegExp(`<p class="house">Chatelaine · ${host.split(':')[0]}(:\\d+)?</p>\\n<h1>`))
    assert.match(
      page.headers.get('content-security-policy')!,
      /default-src 'none'; style-src 'sha256-[^']+'; form-action/,
    )
    assert.doesNotMatch(page.text, /<script|style="|onclick|https?:\/\//)
    assert.equal(page.headers.get('cache-control'), 'no-store')
  }

  it('are told in both languages that they cannot read here, and read on by the API', async () => {
    const ann = await newReader(house, ada, 'ann@stranger.example')
    const [id] = await ann.ids()
    for (const path of ['/guest', `/guest?item=${id}`, '/guest?reset=x'])
      await judge(path, 404, /does not let people read it[\s\S]*<p lang="de">[\s\S]*nicht im Browser/)
    const german = await get('/guest', { 'Accept-Language': 'de-AT,de;q=0.9,en;q=0.8' })
    assert.match(german.text, /<html lang="de">[\s\S]*<p lang="en">/)
    assert.equal((await get(`${API}/items/${id}`, { Cookie: ann.cookie })).status, 200)
  })

  it('are told in words what is wrong with a link', async () => {
    for (const path of ['/guest/nothing', '/guest/']) await judge(path, 404, /link is not whole/)
    await judge('/guest/unsubscribe?token=x', 404, /does not work any more/)
    await judge(`/guest/unsubscribe?token=${'a'.repeat(1000)}`, 400, /link is not whole/)
    const languages = {
      'en,de': 'en',
      'fr,de;q=0.8,en;q=0.5': 'de',
      'de;q=0.2, en;q=0.9': 'en',
      'nds, sv': 'en',
      'en;q=0,de': 'de',
    }
    for (const [wanted, language] of Object.entries(languages)) {
      const { text } = await get('/guest/nothing', { 'Accept-Language': wanted })
      assert.match(text, new RegExp(`<html lang="${language}">`))
    }
  })
})
