import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type House, startHouse } from '#src/testing.ts'

const MEBIBYTE = 1024 * 1024

describe('bodies that are made to be a burden', () => {
  let house: House
  before(async () => {
    house = await startHouse()
  })
  after(() => house.stop())

  const sent = async (path: string, body: string, type = 'application/json'): Promise<number> =>
    (await house.call('POST', path, { body, headers: { 'Content-Type': type } })).status
  const signIn = (body: string) => sent('/api/v1/oauth2', body)
  const nobody = '"userId":"nobody@example.org","password":"x"'

  it('are refused for what they are made of, not only for how long they are', async () => {
    const many = Array.from({ length: 60_000 }, (_, n) => `"k${n}":0`).join()
    for (const body of [
      `{${nobody},"x":${'['.repeat(400_000)}${']'.repeat(400_000)}}`,
      `{${nobody},"x":${'['.repeat(400_000)}`,
      `{${nobody},${many}}`,
      `{${nobody},"x":[${'0,'.repeat(400_000)}0]}`,
      `{${nobody},"x":"\\u0000","y":[${'{},'.repeat(200_000)}0]}`,
    ])
      for (const path of ['/api/v1/oauth2', '/api/v1/suboauth2'])
        assert.equal(await sent(path, body), 413, `${path} ${body.slice(0, 80)}`)
    const fields = Array.from({ length: 60_000 }, (_, n) => `k${n}=1`).join('&')
    assert.equal(await sent('/guest/unsubscribe', fields, 'application/x-www-form-urlencoded'), 413)
  })

  it('may be long for the sake of a text, whatever is in it', async () => {
    const text = '[{,:"\\'.repeat(100_000)
    assert.ok(text.length > MEBIBYTE / 2)
    assert.equal(await signIn(`{${nobody},"x":${JSON.stringify(text)}}`.slice(0, MEBIBYTE)), 403)
    assert.equal(
      await signIn(`{${nobody},"x":[${'[['.repeat(20)}${']]'.repeat(20)}],"y":"${' '.repeat(20_000)}"}`),
      403,
    )
  })

  it('are judged by what is outside of texts, wherever these end', async () => {
    const levels = `${'['.repeat(100)}${']'.repeat(100)}`
    const padding = `"p":"${' '.repeat(20_000)}"`
    assert.equal(await signIn(`{${nobody},${padding},"x":"\\\\","y":${levels}}`), 413)
    assert.equal(await signIn(`{${nobody},${padding},"x":"\\"","y":${levels}}`), 413)
    assert.equal(await signIn(`{${nobody},${padding},"x":"\\\\\\"${levels}"}`), 403)
  })
})
