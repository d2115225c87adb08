import assert from 'node:assert/strict'
import { answerLinkRequests } from '#src/domain/recovery/recovery.ts'
import type { House, Received, Reply } from '#src/testing.ts'

/** A link as it came in a mail. */
export interface Link {
  url: URL
  action: string
  id: string
  mail: Received
}

const taken = new WeakSet<Received>()

/** Does what the server does every two seconds. */
async function answered(house: House): Promise<void> {
  while ((await answerLinkRequests(house.ctx)) > 0);
}

/** The next mail to an address that suits and has not been taken; waits up to five seconds. */
async function mailTo(house: House, to: string, suits: (mail: Received) => boolean): Promise<Received> {
  await answered(house)
  for (let waited = 0; waited < 5000; waited += 10) {
    const mail = house.inbox.received.find((one) => !taken.has(one) && one.to.includes(to) && suits(one))
    if (mail) {
      taken.add(mail)
      return mail
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`no such mail to ${to} within five seconds`)
}

export const noticeTo = (house: House, to: string) => mailTo(house, to, ({ text }) => !text.includes('actionLink'))

/** The next link that is mailed to an address. */
export async function linkTo(house: House, to: string): Promise<Link> {
  const mail = await mailTo(house, to, ({ text }) => text.includes('/api/v1/actionLink?'))
  const url = new URL(/^https?:\S+$/m.exec(mail.text)?.[0] ?? '')
  const id = url.searchParams.get('id') ?? ''
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  return { url, action: url.searchParams.get('action') ?? '', id, mail }
}

/** Resolves once nobody waits for an answer or a mail any more. */
export async function settled(house: House): Promise<void> {
  await answered(house)
  const { db } = house.ctx
  for (let waited = 0; waited < 5000; waited += 10) {
    const asked = await db.selectFrom('link_request').select('id').execute()
    const waiting = db.selectFrom('message').select('id').where('state', '=', 'queued')
    const queued = await waiting.where('channel', '!=', 'service').execute()
    if (asked.length + queued.length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('something is still on its way after five seconds')
}

export const forgot = (house: House, userId: unknown, door = 'oauth2') =>
  house.call('POST', `/api/v1/${door}?forgotPassword=true`, { json: { userId } })

export const open = (house: House, { action, id }: Pick<Link, 'action' | 'id'>) =>
  house.call('GET', `/api/v1/actionLink?action=${action}&id=${id}`)

export const submit = (house: House, { action, id }: Pick<Link, 'action' | 'id'>, form: Record<string, string> = {}) =>
  house.call('POST', `/api/v1/actionLink?action=${action}`, { form: { id, ...form } })

/** Sends the form of a link with a password twice. */
export const choose = (house: House, link: Pick<Link, 'action' | 'id'>, password: string) =>
  submit(house, link, { password1: password, password2: password })

/** The heading of a page; every page is one, and answers 200. */
export function headingOf(reply: Reply): string {
  assert.equal(reply.status, 200, reply.text)
  assert.match(reply.headers.get('content-type') ?? '', /^text\/html; charset=utf-8$/)
  return /<h1>(.*)<\/h1>/.exec(reply.text)?.[1] ?? ''
}

export const DEAD = 'This link does not work any more'
export const SAVED = 'Your password is saved'
export const CONFIRMED = 'Your address is confirmed'
