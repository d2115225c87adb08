import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../../demo/person.ts'
import { cookieOf } from '../../demo/person.ts'
import type { Inbox } from '../../src/testing.ts'
import { type Anywhere, Cut } from './balancer.ts'
import type { Node } from './nodes.ts'

const PASSWORD = 'Some-Password-1'
const SUITE = '/appsuite/api'

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

/** What the house has said yes to. */
export interface Ledger {
  accounts: string[]
  /** live access tokens */
  tokens: Set<string>
  /** mailbox sessions: the headers that they are shown by */
  mailboxes: Record<string, string>[]
  keys: { email: string; fingerprint: string }[]
  /** subjects of mails */
  letters: string[]
  secondSteps: number
  wrong: string[]
}

export const emptyLedger = (): Ledger => ({
  accounts: [],
  tokens: new Set(),
  mailboxes: [],
  keys: [],
  letters: [],
  secondSteps: 0,
  wrong: [],
})

interface World {
  anywhere: Anywhere
  inbox: Inbox
  root: string
  ledger: Ledger
  /** ends everybody's life */
  over: AbortSignal
}

class Unexpected extends Error {}

function must(what: string, answer: Answer): Answer {
  if (answer.status !== 200) throw new Unexpected(`${what}: ${answer.status} ${answer.text.slice(0, 300)}`)
  return answer
}

async function makeAccount({ anywhere, root, ledger }: World, email: string): Promise<string> {
  const json = { id: '0', email, currentPassword: PASSWORD, userRole: 'csr' }
  const made = must('account', await anywhere('/api/v1/user/0', { method: 'POST', json, headers: bearer(root) }))
  ledger.accounts.push(email)
  return made.json.id
}

async function signIn({ anywhere, ledger }: World, email: string) {
  const json = { userId: email, password: PASSWORD }
  const { access_token: token, refresh_token: refresh } = must(
    'sign-in',
    await anywhere('/api/v1/oauth2', { method: 'POST', json }),
  ).json
  ledger.tokens.add(token)
  return { token, refresh }
}

/** The pair before is dead as soon as somebody has taken the request: it is no longer counted on. */
async function renew({ anywhere, ledger }: World, { token, refresh }: { token: string; refresh: string }) {
  ledger.tokens.delete(token)
  const path = '/api/v1/oauth2?grant_type=refresh_token'
  const json = { refreshToken: refresh }
  const { access_token } = must('refresh', await anywhere(path, { method: 'POST', json, headers: bearer(token) })).json
  ledger.tokens.add(access_token)
  return access_token as string
}

async function validate({ anywhere, root }: World, token: string, email: string): Promise<void> {
  const { json } = must('validate', await anywhere(`/api/v1/validateToken?token=${token}`, { headers: bearer(root) }))
  if (json.userInfo.email !== email) throw new Unexpected(`the token of ${email} is taken for ${json.userInfo.email}'s`)
}

/** Signs in to the mailbox, and proves the password at one node to show the proof at another. */
async function openMailbox({ anywhere, ledger }: World, email: string): Promise<void> {
  const json = { username: email, password: PASSWORD }
  const opened = must('mailbox', await anywhere('/api/v1/login/cookie', { method: 'POST', json }))
  const headers = { Cookie: cookieOf(opened), 'X-Axigen-Session': opened.json.sessid }
  ledger.mailboxes.push(headers)
  const check = { method: 'POST', json: { password: PASSWORD }, headers }
  const { securityToken } = must('check', await anywhere('/api/v1/account/security/check', check)).json
  const secure = { ...headers, 'X-Axigen-Security-Token': securityToken }
  const begun = { method: 'POST', json: { method: 'authApp' }, headers: secure }
  const { id } = must('method', await anywhere('/api/v1/account/security/methods', begun)).json
  const shown = { headers: { ...secure, Accept: 'application/json' } }
  must('qr', await anywhere(`/api/v1/account/security/methods/${id}/qr`, shown))
}

async function makeKey({ anywhere, ledger }: World, email: string): Promise<void> {
  const form = { name: email, password: PASSWORD }
  const opened = must('suite', await anywhere(`${SUITE}/login?action=login`, { method: 'POST', form }))
  const keys = (query: string, fields?: Record<string, string>) =>
    anywhere(`${SUITE}/oxguard/keys?${query}&session=${opened.json.session}`, {
      headers: { Cookie: cookieOf(opened) },
      ...(fields && { method: 'POST', form: fields }),
    })
  const made = must('key', await keys('action=create', { name: 'Person', password: 'a-key-password' }))
  if (made.json.error) throw new Unexpected(`key: ${made.text}`)
  const { fingerprint } = made.json.data.publicRing.keys[0]
  ledger.keys.push({ email, fingerprint })
  const found = must('recipient key', await keys(`action=getRecipKey&email=${email}`))
  if (!found.text.toUpperCase().includes(fingerprint.toUpperCase())) throw new Unexpected(`getRecipKey: ${found.text}`)
}

/** Demands a code by mail, and signs in with it: asked for at one node, answered at another. */
async function passSecondStep(world: World, { id, email, token }: { id: string; email: string; token: string }) {
  const { anywhere, inbox, ledger } = world
  const demanded = { userTypeProprietaryInfo: { mfa: { enabled: true, method: 'email' } } }
  must('mfa', await anywhere(`/api/v1/user/${id}`, { method: 'PUT', json: demanded, headers: bearer(token) }))
  const json = { userId: email, password: PASSWORD }
  const { uuid } = must('first step', await anywhere('/api/v1/oauth2', { method: 'POST', json })).json
  const answer = await inbox.code(email)
  const path = '/api/v1/oauth2?completeMFAChallenge=true'
  const passed = must('second step', await anywhere(path, { method: 'POST', json: { uuid, answer } }))
  ledger.tokens.add(passed.json.access_token)
  ledger.secondSteps++
  const again = await anywhere(path, { method: 'POST', json: { uuid, answer } })
  if (again.status !== 403) throw new Unexpected(`a code was taken twice: ${again.status}`)
}

async function writeLetter({ anywhere, root, ledger }: World, to: string): Promise<void> {
  const subject = `For ${to}`
  const json = { subject, from: 'ops@example.org', text: 'Works tonight.', recipients: [to] }
  must('letter', await anywhere('/api/v1/email', { method: 'POST', json, headers: bearer(root) }))
  ledger.letters.push(subject)
}

/** The life of one person, each of his requests at any node. */
async function live(world: World, email: string): Promise<void> {
  const id = await makeAccount(world, email)
  const first = await signIn(world, email)
  await validate(world, first.token, email)
  const token = await renew(world, first)
  await Promise.all([validate(world, token, email), openMailbox(world, email), makeKey(world, email)])
  await writeLetter(world, email)
  await passSecondStep(world, { id, email, token })
}

/** People live, one after the other in several places, until `stop` is called; each noted in the ledger. */
export function startLoad(world: World, { name, width }: { name: string; width: number }) {
  let isStopped = false
  const person = async (email: string) => {
    try {
      await live(world, email)
    } catch (error) {
      if (!(error instanceof Cut)) world.ledger.wrong.push(`${email}: ${(error as Error).message}`)
    }
  }
  const place = async (n: number) => {
    for (let i = 0; !isStopped && !world.over.aborted; i++) await person(`${name}-${n}-${i}@example.org`)
  }
  const all = Promise.all(Array.from({ length: width }, (_, n) => place(n)))
  return {
    async stop() {
      isStopped = true
      await all
    },
  }
}

/** Everything that the house has said yes to, asked of one node; what is missing, in words. */
export async function missingAt({ url }: Node, { root, ledger }: Pick<World, 'root' | 'ledger'>): Promise<string[]> {
  const missing: string[] = []
  const ask = async (what: string, path: string, headers: Record<string, string>, suits = (_text: string) => true) => {
    let answer = await fetch(url + path, { headers })
    for (; answer.status === 429; answer = await fetch(url + path, { headers })) await sleep(1000)
    const text = await answer.text()
    if (answer.status !== 200 || !suits(text)) missing.push(`${what}: ${answer.status} ${text.slice(0, 100)}`)
  }
  const questions = [
    ...ledger.accounts.map((email) => () => ask(email, `/api/v1/user/${email}?byEmail=true`, bearer(root))),
    ...[...ledger.tokens].map((token) => () => ask('a token', '/api/v1/oauth2?me=true', bearer(token))),
    ...ledger.mailboxes.map((headers) => () => ask('a mailbox', '/api/v1/account/security/methods', headers)),
    ...ledger.keys.map(({ email, fingerprint }) => async () => {
      const path = `/pks/lookup?op=index&options=mr&search=${encodeURIComponent(email)}`
      await ask(`the key of ${email}`, path, {}, (text) => text.toUpperCase().includes(fingerprint.toUpperCase()))
    }),
  ]
  const worker = async () => {
    for (let next = questions.pop(); next; next = questions.pop()) await next()
  }
  await Promise.all([worker(), worker(), worker(), worker()])
  return missing
}
