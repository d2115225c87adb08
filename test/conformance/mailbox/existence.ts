import assert from 'node:assert/strict'
import type { CallOptions, Reply } from '#src/testing.ts'

/** What mail servers prove themselves with, in a house that is asked these questions. */
export const KEY = 'a-key-that-only-mail-servers-know-0123456789'
export const WRONG = 'Wrong-Horse-9'

/** Where somebody has his second mails sent to, and where nobody would have. */
export const targetOf = (name: string): string => name.replace('@example.org', '@elsewhere.example')

const basic = (name: string) => `Basic ${Buffer.from(`${name}:${WRONG}`).toString('base64')}`

/** Something that anybody may ask with a name, and that must be answered alike for every name. */
export interface Question {
  what: string
  /** all that is answered: the right to try again has an end, for everybody */
  statuses: readonly number[]
  /** begins with the failures of the question before */
  goesOn?: boolean
  asks(name: string): readonly [method: string, path: string, options?: CallOptions]
  /** what differs from one answer to the next by its nature */
  varies?: { headers: readonly string[]; text(reply: Reply): string }
}

/** Masks as they are shown, without what they let through. */
const maskOf = (target: string): string => {
  assert.match(target, /^([^*@]{1}|[^*@]{3})\*{3}@\*{3}[^*@]{5}$|^\*{3}\d{3}$/)
  return target.includes('@') ? 'address' : 'number'
}

const shapes = {
  /** Some masked targets: how many and which is what decoys make up. */
  targets({ json }: Reply): string {
    assert.deepEqual(Object.keys(json), ['items'])
    assert.ok(json.items.length === 1 || json.items.length === 2)
    for (const item of json.items) {
      assert.deepEqual(Object.keys(item), ['method', 'target'])
      assert.equal(maskOf(item.target), item.method === 'email' ? 'address' : 'number')
    }
    return 'one or two masked targets'
  },
  picture({ bytes }: Reply): string {
    return `${bytes.toString('latin1', 1, 4)} ${bytes.readUInt32BE(16)} ${bytes.readUInt32BE(20)}`
  },
  /** Guard numbers its errors. */
  numbered: ({ text }: Reply): string => text.replace(/"error_id":"[^"]*"/, ''),
}

const at = '/api/v1'
/** All that can be asked by a name without a session. */
export const questions: readonly Question[] = [
  {
    what: 'Basic login',
    statuses: [401, 429],
    asks: (name) => ['POST', `${at}/login`, { headers: { Authorization: basic(name) } }],
  },
  {
    what: 'cookie login',
    statuses: [401, 429],
    asks: (username) => ['POST', `${at}/login/cookie`, { json: { username, password: WRONG } }],
  },
  {
    what: 'whether a captcha is needed, after the logins before',
    statuses: [200],
    goesOn: true,
    asks: (name) => ['GET', `${at}/captha/status?username=${name}`],
  },
  {
    what: 'a captcha',
    statuses: [200],
    asks: (name) => ['GET', `${at}/captcha?username=${name}`],
    varies: { headers: ['x-captcha-id', 'content-length'], text: shapes.picture },
  },
  {
    what: 'a forgotten user name',
    statuses: [200],
    asks: (name) => ['POST', `${at}/recover/username`, { json: { email: targetOf(name) } }],
  },
  {
    what: 'the ways to a new password',
    statuses: [200],
    asks: (name) => ['GET', `${at}/recover/password/methods?username=${name}`],
    varies: { headers: ['content-length'], text: shapes.targets },
  },
  {
    what: 'a recovery token to the right address',
    statuses: [200],
    asks: (username) => ['POST', `${at}/recover/password/sendtoken`, { json: { username, email: targetOf(username) } }],
  },
  {
    what: 'a recovery token to a wrong address',
    statuses: [200],
    asks: (username) => [
      'POST',
      `${at}/recover/password/sendtoken`,
      { json: { username, email: 'x@elsewhere.example' } },
    ],
  },
  {
    what: 'a recovery token to a number',
    statuses: [200],
    asks: (username) => [
      'POST',
      `${at}/recover/password/sendtoken`,
      { json: { username, phoneNumber: '+40721234567' } },
    ],
  },
  {
    what: 'a wrong recovery token',
    statuses: [400],
    asks: (username) => [
      'POST',
      `${at}/recover/password/validatetoken`,
      { json: { username, recoveryToken: '12345678' } },
    ],
  },
  {
    what: 'a reset with a wrong token',
    statuses: [400],
    asks: (userName) => [
      'POST',
      `${at}/recover/password/reset`,
      { json: { userName, recoveryToken: '12345678', newPassword: 'Another-Horse-1-Battery' } },
    ],
  },
  {
    what: 'a reset with a wrong token and a weak password',
    statuses: [400],
    asks: (userName) => [
      'POST',
      `${at}/recover/password/reset`,
      { json: { userName, recoveryToken: '12345678', newPassword: 'x' } },
    ],
  },
  {
    what: 'lost second factors',
    statuses: [400],
    asks: (username) => [
      'POST',
      `${at}/recover/secondfactor`,
      { json: { username, password: WRONG, recoveryToken: '12345678' } },
    ],
  },
  {
    what: 'an OpenWiFi sign-in',
    statuses: [403],
    asks: (userId) => ['POST', `${at}/oauth2`, { json: { userId, password: WRONG } }],
  },
  {
    what: 'a subscriber’s sign-in',
    statuses: [403],
    asks: (userId) => ['POST', `${at}/suboauth2`, { json: { userId, password: WRONG } }],
  },
  {
    what: 'a forgotten password, as OpenWiFi has it',
    statuses: [200],
    asks: (userId) => ['POST', `${at}/oauth2?forgotPassword=true`, { json: { userId } }],
  },
  {
    what: 'a subscriber’s forgotten password',
    statuses: [200],
    asks: (userId) => ['POST', `${at}/suboauth2?forgotPassword=true`, { json: { userId } }],
  },
  {
    what: 'an App Suite sign-in',
    statuses: [200, 429],
    asks: (name) => ['POST', '/appsuite/api/login?action=login', { form: { name, password: WRONG } }],
    varies: { headers: ['content-length'], text: shapes.numbered },
  },
  {
    what: 'a mail server’s question',
    statuses: [200],
    asks: (address) => [
      'POST',
      `${at}/auth/verify`,
      { json: { address, password: WRONG, protocol: 'imap' }, headers: { 'X-API-KEY': KEY } },
    ],
  },
]
