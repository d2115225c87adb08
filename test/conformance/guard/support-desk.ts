import assert from 'node:assert/strict'
import type { CallOptions, House, Reply } from '#src/testing.ts'

export const DESK = { name: 'desk ü', password: 'a desk: password ß' }

export const deskSettings = {
  CHATELAINE_SUPPORT_USER: DESK.name,
  CHATELAINE_SUPPORT_PASSWORD: DESK.password,
}

export const basic = (name: string, password: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

export const DESK_HEADERS = basic(DESK.name, DESK.password)

/** A call of the support desk, with its credentials unless there are others. */
export const desk = (
  house: House,
  action: string,
  { base = '/appsuite/api/guardsupport/', ...options }: CallOptions & { base?: string } = {},
): Promise<Reply> =>
  house.call('POST', `${base}?action=${action}`, { ...options, headers: { ...DESK_HEADERS, ...options.headers } })

export async function assertWord(reply: Promise<Reply>, word: string | RegExp): Promise<string> {
  const { status, text, headers } = await reply
  assert.equal(status, 200, text)
  assert.equal(headers.get('content-type'), 'text/plain; charset=UTF-8', text)
  if (typeof word === 'string') assert.equal(text, word)
  else assert.match(text, word)
  return text
}

/** Waits until something is there; background work of a server that nothing else waits for. */
export async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const found = await find()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it is not there within five seconds')
}
