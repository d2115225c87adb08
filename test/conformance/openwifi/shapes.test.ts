import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { z } from 'zod'
import type { Endpoint, Protocol } from '#src/http/endpoint.ts'
import { internalProtocols, protocols } from '#src/protocols/protocols.ts'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import {
  asRoot,
  bearer,
  newPerson,
  newSubscriber,
  openSmsPeer,
  PASSWORD,
  type SmsPeer,
  scanned,
  sibling,
  withMethod,
  withSiblings,
} from './people.ts'

/** What a value on the wire must be: the name of a JSON type, a list of something, all members of an object, or a test. */
type Shape = 'string' | 'integer' | 'boolean' | readonly [Shape] | { readonly [member: string]: Shape } | Exactly
class Exactly {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}
const exactly = (value: unknown) => new Exactly(value)

const typeOf = (value: unknown): string => (Number.isInteger(value) ? 'integer' : typeof value)

/** What is wrong with a value, as lines; none when it fits. */
function faults(value: unknown, shape: Shape, at = 'answer'): string[] {
  if (typeof shape === 'string')
    return typeOf(value) === shape ? [] : [`${at} is ${JSON.stringify(value)}, no ${shape}`]
  if (shape instanceof Exactly)
    return JSON.stringify(value) === JSON.stringify(shape.value) ? [] : [`${at} is ${JSON.stringify(value)}`]
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${at} is no array`]
    return value.flatMap((one, index) => faults(one, shape[0], `${at}[${index}]`))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is no object`]
  const members = shape as Record<string, Shape>
  const found = value as Record<string, unknown>
  return [
    ...Object.keys(found).flatMap((name) => (Object.hasOwn(members, name) ? [] : [`${at}.${name} is not known`])),
    ...Object.entries(members).flatMap(([name, own]) =>
      Object.hasOwn(found, name) ? faults(found[name], own, `${at}.${name}`) : [`${at}.${name} is missing`],
    ),
  ]
}

// What follows is written down from the protocol's description, not from our code.

const WebToken: Shape = {
  access_token: 'string',
  refresh_token: 'string',
  token_type: 'string',
  expires_in: 'integer',
  idle_timeout: 'integer',
  created: 'integer',
  username: 'string',
  userMustChangePassword: 'boolean',
  errorCode: exactly(0),
  lastRefresh: 'integer',
  aclTemplate: {
    Read: exactly(true),
    ReadWrite: exactly(true),
    ReadWriteCreate: exactly(true),
    Delete: exactly(true),
    PortalLogin: exactly(true),
  },
}

const noToken = exactly({
  access_token: '',
  aclTemplate: { Delete: true, PortalLogin: true, Read: true, ReadWrite: true, ReadWriteCreate: true },
  created: 0,
  errorCode: 0,
  expires_in: 0,
  idle_timeout: 0,
  lastRefresh: 0,
  refresh_token: '',
  token_type: '',
  userMustChangePassword: true,
  username: '',
})

const UserInfo: Shape = {
  id: 'string',
  name: 'string',
  description: 'string',
  avatar: 'string',
  email: 'string',
  validated: 'boolean',
  validationEmail: 'string',
  validationDate: 'integer',
  creationDate: 'integer',
  validationURI: 'string',
  changePassword: 'boolean',
  lastLogin: 'integer',
  currentLoginURI: 'string',
  lastPasswordChange: 'integer',
  lastEmailCheck: 'integer',
  waitingForEmailCheck: 'boolean',
  locale: 'string',
  notes: [{ created: 'integer', createdBy: 'string', note: 'string' }],
  location: 'string',
  owner: 'string',
  suspended: 'boolean',
  blackListed: 'boolean',
  userRole: 'string',
  userTypeProprietaryInfo: {
    mobiles: [{ number: 'string', verified: 'boolean', primary: 'boolean' }],
    mfa: { enabled: 'boolean', method: 'string' },
    authenticatorSecret: exactly(''),
  },
  securityPolicy: 'string',
  securityPolicyChange: 'integer',
  currentPassword: exactly(''),
  lastPasswords: exactly([]),
  oauthType: exactly(''),
  oauthUserInfo: 'string',
  modified: 'integer',
  signingUp: 'string',
}

const Challenge: Shape = {
  created: 'integer',
  method: 'string',
  question: exactly('mfa challenge'),
  uuid: 'string',
}
const Requirements: Shape = { accessPolicy: 'string', passwordPattern: 'string', passwordPolicy: 'string' }
const done = (Operation: string): Shape => ({
  Code: exactly(0),
  Details: exactly('Command completed.'),
  Operation: exactly(Operation),
})
const Validated: Shape = { tokenInfo: WebToken, userInfo: UserInfo }
const SystemEndpoint: Shape = {
  type: 'string',
  id: 'integer',
  vendor: 'string',
  uri: 'string',
  authenticationType: 'string',
}
const Preferences: Shape = { id: 'string', modified: 'integer', data: [{ tag: 'string', value: 'string' }] }
const ApiKeyEntry: Shape = {
  id: 'string',
  userUuid: 'string',
  name: 'string',
  apiKey: 'string',
  salt: 'string',
  description: 'string',
  expiresOn: 'integer',
  rights: { acls: [{ service: 'string', access: 'string' }] },
  lastUse: 'integer',
}
const SubMfaConfig: Shape = { id: 'string', type: 'string', sms: 'string', email: 'string' }
const Info: Shape = {
  UI: 'string',
  certificates: [{ expiresOn: 'integer', filename: 'string' }],
  hostname: 'string',
  os: 'string',
  processors: 'integer',
  start: 'integer',
  uptime: 'integer',
  version: 'string',
}
const Resources: Shape = {
  currRealMem: 'integer',
  currVirtMem: 'integer',
  numberOfFileDescriptors: 'integer',
  peakRealMem: 'integer',
  peakVirtMem: 'integer',
}
const SecurityProfile: Shape = {
  id: 'integer',
  name: 'string',
  description: 'string',
  policy: [{ resource: 'string', access: 'string' }],
  role: 'string',
  notes: [{ created: 'integer', createdBy: 'string', note: 'string' }],
}
const Secret: Shape = { key: 'string', value: 'string' }

type Who = 'nobody' | 'root' | 'person' | 'subscriber' | 'sibling' | 'root inside'

interface Row {
  /** method, path and query; `{name}` stands for something kept earlier */
  ask: string
  as?: Who
  json?: unknown
  call?: CallOptions | (() => CallOptions)
  /** what comes: JSON of a shape, nothing, something that is no JSON, or an error with its status and number */
  is: { json: Shape } | 'nothing' | { type: RegExp } | { error: readonly [status: number, number: number] }
  status?: number
  /** to be done first */
  first?: (walk: Walk) => Promise<void>
  /** what of the answer later rows need */
  keep?: (json: never, walk: Walk) => void
}

interface Walk {
  house: House
  sms: SmsPeer
  kept: Record<string, string>
}

const note = ({ kept }: Walk, more: Record<string, string>): void => {
  Object.assign(kept, more)
}

const error = (status: number, number: number) => ({ error: [status, number] as const })
const json = (shape: Shape) => ({ json: shape })

const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const NUMBER = '+41446681800'
const form = (bytes: Buffer<ArrayBuffer>) => (): CallOptions => {
  const body = new FormData()
  body.append('file', new Blob([bytes], { type: 'image/png' }), 'face.png')
  return { body }
}

const keepTokens = ({ access_token, refresh_token }: Record<string, string>, walk: Walk): void =>
  note(walk, { access: access_token!, refresh: refresh_token! })
const withToken = { headers: { Authorization: 'Bearer {access}' } }

/** What can be done at the sign-in of either population; `{email}` is somebody with the usual password. */
const signingIn = (path: string): Row[] => [
  { ask: `POST ${path}?requirements=true`, json: {}, is: json(Requirements) },
  { ask: `POST ${path}?forgotPassword=true`, json: { userId: 'nobody@example.org' }, is: json(noToken) },
  { ask: `POST ${path}?forgotPassword=true`, json: { userId: '{email}' }, is: json(noToken) },
  { ask: `POST ${path}`, json: { userId: '{email}', password: 'Wrong-1-wrong' }, is: error(403, 2) },
  { ask: `POST ${path}`, call: { body: '{' }, is: error(400, 1003) },
  {
    ask: `POST ${path}`,
    call: { body: '{', headers: { 'Content-Type': 'application/json' } },
    is: error(400, 1002),
  },
  { ask: `POST ${path}?grant_type=refresh_token`, json: { refreshToken: 'x' }, is: error(403, 14) },
  { ask: `POST ${path}?resendMFACode=true`, json: { uuid: 'x' }, is: error(403, 11) },
  { ask: `POST ${path}?completeMFAChallenge=true`, json: { uuid: 'x', answer: '123456' }, is: error(403, 12) },
  { ask: `POST ${path}`, json: { userId: '{email}', password: PASSWORD }, is: json(WebToken), keep: keepTokens },
  {
    ask: `POST ${path}?grant_type=refresh_token`,
    json: { refreshToken: '{refresh}' },
    call: withToken,
    is: json(WebToken),
    keep: keepTokens,
  },
  { ask: `GET ${path}?me=true`, call: withToken, is: json(UserInfo) },
  { ask: `GET ${path}`, call: withToken, is: error(400, 1050) },
  { ask: `GET ${path}?me=true`, is: error(403, 8) },
  { ask: `DELETE ${path}/other`, call: withToken, is: error(400, 1018) },
  { ask: `DELETE ${path}/{access}`, call: withToken, is: 'nothing', status: 204 },
  { ask: `DELETE ${path}/{access}`, is: error(400, 1018) },
]

/** A sign-in with a code by mail; `{email}` has that switched on. */
const secondStep = (path: string): Row[] => [
  {
    ask: `POST ${path}`,
    json: { userId: '{email}', password: PASSWORD },
    is: json(Challenge),
    keep: ({ uuid }: { uuid: string }, walk) => note(walk, { uuid }),
  },
  {
    ask: `POST ${path}?resendMFACode=true`,
    json: { uuid: '{uuid}' },
    first: async ({ house, kept }) => void (await house.inbox.code(kept.email!)),
    is: json(done('POST')),
  },
  {
    ask: `POST ${path}?completeMFAChallenge=true`,
    json: { uuid: '{uuid}', answer: '{code}' },
    first: async (walk) => note(walk, { code: await walk.house.inbox.code(walk.kept.email!) }),
    is: json(WebToken),
  },
]

const keepMade = ({ id }: { id: string }, walk: Walk): void => note(walk, { made: id })

/** The records of either population. */
const records = (one: string, many: string, userRole: string): Row[] => [
  {
    ask: `POST ${one}/0`,
    json: { id: '0', email: `made${one.replace('/', '-')}@example.org`, userRole, notes: [{ note: 'a note' }] },
    is: json(UserInfo),
    keep: keepMade,
  },
  { ask: `POST ${one}/1`, json: { email: 'x@example.org', userRole }, is: error(400, 1038) },
  { ask: `POST ${one}/0`, is: error(400, 1003) },
  { ask: `POST ${one}/0`, json: { email: 'x@example.org', userRole: 'king' }, is: error(400, 1039) },
  { ask: `POST ${one}/0`, json: { email: 'x@example.org' }, is: error(400, 1039) },
  { ask: `POST ${one}/0`, json: { email: 'not one', userRole }, is: error(400, 1040) },
  {
    ask: `POST ${one}/0`,
    json: { email: 'x@example.org', userRole, currentPassword: 'short' },
    is: error(400, 1047),
  },
  {
    ask: `POST ${one}/0`,
    json: { email: `made${one.replace('/', '-')}@example.org`, userRole },
    is: error(400, 1061),
  },
  {
    ask: `POST ${one}/0?email_verification=true`,
    json: { id: '0', email: `awaited${one.replace('/', '-')}@example.org`, userRole },
    is: json(UserInfo),
  },
  { ask: `GET ${one}/{made}`, is: json(UserInfo) },
  { ask: `GET ${one}/made${one.replace('/', '-')}@example.org?byEmail=true`, is: json(UserInfo) },
  { ask: `GET ${one}/none`, is: error(404, 404) },
  { ask: `GET ${one}/{made}`, as: 'nobody', is: error(403, 8) },
  { ask: `GET ${one}/{made}`, as: 'subscriber', is: error(403, 8) },
  { ask: `PUT ${one}/{made}`, json: { name: 'Renamed' }, is: json(UserInfo) },
  { ask: `PUT ${one}/{made}`, is: error(400, 1003) },
  { ask: `PUT ${one}/{made}`, json: { userRole: 'king' }, is: error(400, 1039) },
  { ask: `PUT ${one}/{made}`, json: { currentPassword: '' }, is: error(400, 1047) },
  { ask: `PUT ${one}/{made}?resetMFA=true`, json: {}, is: json(UserInfo) },
  { ask: `PUT ${one}/{made}?forgotPassword=true`, json: {}, is: json(done('PUT')) },
  { ask: `PUT ${one}/{made}?email_verification=true`, json: {}, is: json(UserInfo) },
  { ask: `PUT ${one}/none`, json: { name: 'x' }, is: error(404, 404) },
  { ask: `GET ${many}`, is: json({ users: [UserInfo] }) },
  { ask: `GET ${many}`, as: 'root inside', is: json({ users: [UserInfo] }) },
  { ask: `GET ${many}?idOnly=true&limit=3&offset=0&filter=x`, is: json({ users: ['string'] }) },
  { ask: `GET ${many}?select={made},none`, is: json({ users: [UserInfo] }) },
  { ask: `GET ${many}?nameSearch=renamed&emailSearch=nobody`, is: json({ users: exactly([]) }) },
  { ask: `GET ${many}`, as: 'nobody', is: error(403, 8) },
  { ask: `DELETE ${one}/{made}`, is: 'nothing' },
  { ask: `DELETE ${one}/{made}`, is: error(404, 404) },
]

const keepAvatar = ({ avatarId }: { avatarId: string }, walk: Walk): void => note(walk, { picture: avatarId })

/** What somebody keeps for himself; `{me}` is his id. */
const belongings = (as: Who, sub: '' | 'sub'): Row[] => [
  { ask: `GET /${sub}preferences`, as, is: json(Preferences) },
  { ask: `PUT /${sub}preferences`, as, json: { data: [{ tag: 'a', value: 'b' }] }, is: json(Preferences) },
  { ask: `PUT /${sub}preferences`, as, is: error(400, 1003) },
  { ask: `GET /${sub}preferences`, as, is: json(Preferences) },
  { ask: `GET /${sub}preferences`, as: 'nobody', is: error(403, 8) },
  { ask: `GET /${sub}avatar/{me}`, as, is: error(404, 404) },
  {
    ask: `POST /${sub}avatar/{me}`,
    as,
    call: form(DOT),
    is: json({ avatarId: 'string', errorCode: exactly(0) }),
    keep: keepAvatar,
  },
  {
    ask: `POST /${sub}avatar/{me}`,
    as,
    call: { body: DOT, headers: { 'Content-Type': 'image/png' } },
    is: json({ avatarId: 'string', errorCode: exactly(0) }),
  },
  {
    ask: `POST /${sub}avatar/{me}`,
    as,
    call: form(Buffer.alloc(0)),
    is: json({ avatarId: 'string', errorCode: exactly(13), errorText: 'string' }),
  },
  {
    ask: `POST /${sub}avatar/{me}`,
    as,
    call: form(Buffer.concat([DOT, Buffer.alloc(2_000_000)])),
    is: json({ avatarId: 'string', errorCode: exactly(13), errorText: 'string' }),
  },
  {
    ask: `POST /${sub}avatar/{me}`,
    as,
    is: json({ avatarId: 'string', errorCode: exactly(13), errorText: 'string' }),
  },
  { ask: `GET /${sub}avatar/{picture}?cache=1`, as, is: { type: /^(image\/|application\/octet-stream)/ } },
  { ask: `DELETE /${sub}avatar/{me}`, as, is: 'nothing' },
  { ask: `GET /${sub}totp?reset=true`, as, is: { type: /^image\/svg\+xml/ } },
  { ask: `PUT /${sub}totp?index=3&value=123456`, as, is: error(400, 1087) },
  { ask: `PUT /${sub}totp?index=2&value=123456`, as, is: error(400, 1089) },
  {
    ask: `PUT /${sub}totp?index=1&value={code}`,
    as,
    first: nextCode,
    is: json({ moreCodes: exactly(true), nextIndex: exactly(2) }),
  },
  { ask: `PUT /${sub}totp?index=2&value={code}`, as, is: error(400, 1088) },
  {
    ask: `PUT /${sub}totp?index=2&value={code}`,
    as,
    first: nextCode,
    is: json({ moreCodes: exactly(false), nextIndex: exactly(2) }),
  },
  { ask: `GET /${sub}totp`, as: 'nobody', is: error(403, 8) },
]

/** A user's second step, once its means were proven; each answer is the whole record. */
const switching: Row[] = [
  {
    ask: 'PUT /user/{me}',
    json: withMethod('authenticator'),
    is: json(UserInfo),
  },
  { ask: 'PUT /user/{me}', json: withMethod('pigeon'), is: error(400, 1045) },
  { ask: 'PUT /user/{me}', json: withMethod('sms'), is: error(400, 1044) },
  { ask: 'POST /sms?validateNumber=true', json: { to: NUMBER }, is: json(done('POST')) },
  { ask: 'POST /sms?completeValidation=true&validationCode=000000', json: { to: NUMBER }, is: error(400, 1057) },
  {
    ask: 'POST /sms?completeValidation=true&validationCode={code}',
    json: { to: NUMBER },
    first: async (walk) => note(walk, { code: await walk.sms.code(NUMBER) }),
    is: json(done('POST')),
  },
  {
    ask: 'PUT /user/{me}',
    json: {
      userTypeProprietaryInfo: { mfa: { enabled: true, method: 'sms' }, mobiles: [{ number: NUMBER }] },
    },
    is: json(UserInfo),
  },
  { ask: 'GET /user/{me}', as: 'sibling', is: json(UserInfo) },
  { ask: 'PUT /user/{me}', json: { userTypeProprietaryInfo: { mfa: { enabled: false } } }, is: json(UserInfo) },
]

async function nextCode(walk: Walk): Promise<void> {
  walk.house.clock.turn(30_000)
  note(walk, { code: scanned(walk.house, walk.kept.svg!).code() })
}

const system: Row[] = [
  { ask: 'GET /system?command=info', is: json(Info) },
  { ask: 'GET /system?command=extraConfiguration', is: json({ additionalConfiguration: exactly(false) }) },
  { ask: 'GET /system?command=resources', is: json(Resources) },
  { ask: 'GET /system?command=none', is: error(400, 1031) },
  { ask: 'GET /system', is: error(400, 1031) },
  { ask: 'GET /system?command=info', as: 'nobody', is: error(403, 8) },
  {
    ask: 'POST /system',
    json: { command: 'getloglevels' },
    is: json({ tagList: [{ tag: 'string', value: 'string' }] }),
  },
  {
    ask: 'POST /system',
    json: { command: 'GetLogLevelNames' },
    is: json({
      list: exactly(['none', 'fatal', 'critical', 'error', 'warning', 'notice', 'information', 'debug', 'trace']),
    }),
  },
  { ask: 'POST /system', json: { command: 'getsubsystemnames' }, is: json({ list: ['string'] }) },
  {
    ask: 'POST /system',
    json: { command: 'setloglevel', subsystems: [{ tag: 'all', value: 'information' }] },
    is: json(done('POST')),
  },
  {
    ask: 'POST /system',
    json: { command: 'setloglevel', subsystems: [{ tag: 'none-such', value: 'none-such' }] },
    is: json(done('POST')),
  },
  { ask: 'POST /system', json: { command: 'setloglevel' }, is: error(400, 1018) },
  { ask: 'POST /system', json: { command: 'reload', subsystems: ['daemon'] }, is: json(done('POST')) },
  { ask: 'POST /system', json: { command: 'reload' }, is: json(done('POST')) },
  { ask: 'POST /system', json: { command: 'stats' }, is: error(400, 1018) },
  { ask: 'POST /system', json: {}, is: error(400, 1031) },
  { ask: 'GET /systemEndpoints', is: json({ endpoints: [SystemEndpoint] }) },
  { ask: 'GET /systemEndpoints', as: 'sibling', is: json({ endpoints: [SystemEndpoint] }) },
  { ask: 'GET /systemEndpoints', as: 'nobody', is: error(403, 8) },
  {
    ask: 'GET /systemConfiguration?entries=CHATELAINE_TLS,none-such',
    is: json([{ parameterName: 'string', parameterValue: 'string' }]),
  },
  { ask: 'GET /systemConfiguration', is: error(400, 1018) },
  { ask: 'PUT /systemConfiguration', json: {}, is: error(400, 1062) },
  { ask: 'DELETE /systemConfiguration', is: error(400, 1062) },
  { ask: 'PUT /systemConfiguration', as: 'person', json: {}, is: error(403, 7) },
  { ask: 'PUT /systemSecret/maps.key?value=a%20b', is: json({ key: exactly('maps.key'), value: exactly('a b') }) },
  { ask: 'PUT /systemSecret/maps.key', is: error(400, 1018) },
  { ask: 'GET /systemSecret/maps.key', is: json(Secret) },
  { ask: 'GET /systemSecret/maps.key', as: 'sibling', is: json(Secret) },
  { ask: 'GET /systemSecret/none', is: error(404, 404) },
  { ask: 'GET /systemSecret/0?all=true', is: json({ secrets: [Secret] }) },
  { ask: 'GET /systemSecret/0?dictionary=true', is: json({ knownKeys: [{ key: 'string', description: 'string' }] }) },
  { ask: 'DELETE /systemSecret/maps.key', is: 'nothing' },
  { ask: 'DELETE /systemSecret/maps.key', is: 'nothing' },
  { ask: 'GET /systemSecret/0?all=true', as: 'person', is: error(403, 7) },
  { ask: 'GET /securityProfiles?offset=1&limit=5&filter=x', is: json({ profiles: [SecurityProfile] }) },
  {
    ask: 'GET /systemServices',
    is: json({
      key: exactly(''),
      // A number or a text, depending on whom one asks upstream; nobody ever wrote it.
      version: 'integer',
      services: [{ privateURI: 'string', publicURI: 'string', token: exactly('') }],
    }),
  },
  { ask: 'GET /systemServices', as: 'person', is: error(403, 7) },
  {
    ask: 'POST /systemServices',
    as: 'sibling',
    json: { type: 'owfms', publicURI: 'https://fms.example.org:16004', privateURI: 'https://fms:17004', version: '3' },
    is: json(done('POST')),
  },
  { ask: 'POST /systemServices', as: 'sibling', json: { type: 'owfms' }, is: error(400, 1018) },
  { ask: 'POST /systemServices', as: 'root inside', json: {}, is: error(403, 7) },
  { ask: 'DELETE /systemServices?privateURI=https://fms:17004', as: 'sibling', is: 'nothing' },
]

const letters: Row[] = [
  {
    ask: 'POST /email',
    json: { from: 'root@example.org', subject: 's', text: 't', recipients: ['else@example.org'] },
    is: json(done('POST')),
  },
  { ask: 'POST /email', json: { from: 'root@example.org', subject: 's', text: 't' }, is: error(400, 1018) },
  { ask: 'POST /email', is: error(400, 1002) },
  { ask: 'POST /sms', json: { to: NUMBER, text: 'hello' }, is: json(done('POST')) },
  { ask: 'POST /sms', json: { to: NUMBER }, is: error(400, 1018) },
  { ask: 'POST /sms', is: error(400, 1002) },
]

const keepKey = ({ id, apiKey }: Record<string, string>, walk: Walk): void =>
  note(walk, { keyId: id!, apiKey: apiKey! })

const keys: Row[] = [
  { ask: 'GET /apiKey/{me}', as: 'person', is: error(404, 404) },
  {
    ask: 'POST /apiKey/{me}',
    as: 'person',
    json: { name: 'test1', description: 'd', userUuid: '{me}', expiresOn: 1_800_000_000 },
    is: json(ApiKeyEntry),
    keep: keepKey,
  },
  {
    ask: 'POST /apiKey/{me}',
    as: 'person',
    json: { name: 'Test1', expiresOn: 1_800_000_000 },
    is: error(400, 1147),
  },
  { ask: 'POST /apiKey/{me}', as: 'person', json: { name: 'old', expiresOn: 1_699_393_386 }, is: error(400, 1018) },
  { ask: 'POST /apiKey/{me}', as: 'person', json: { name: 'a b', expiresOn: 1_800_000_000 }, is: error(400, 1018) },
  { ask: 'POST /apiKey/{me}', as: 'person', is: error(400, 1003) },
  { ask: 'POST /apiKey/none', json: { name: 'a', expiresOn: 1_800_000_000 }, is: error(400, 1149) },
  {
    ask: 'PUT /apiKey/{me}?keyUuid={keyId}',
    as: 'person',
    json: { id: '{keyId}', userUuid: '{me}', description: 'other' },
    is: json(ApiKeyEntry),
  },
  { ask: 'PUT /apiKey/{me}', as: 'person', json: { id: 'none', description: 'x' }, is: error(400, 1150) },
  { ask: 'GET /apiKey/{me}', as: 'person', is: json({ apiKeys: [ApiKeyEntry] }) },
  {
    ask: 'GET /validateApiKey?apikey={apiKey}',
    as: 'sibling',
    is: json({ expiresOn: 'integer', tokenInfo: WebToken, userInfo: UserInfo }),
  },
  {
    ask: 'GET /validateAPIKey?apiKey={apiKey}',
    is: json({ expiresOn: 'integer', tokenInfo: WebToken, userInfo: UserInfo }),
  },
  { ask: 'GET /validateApiKey', as: 'sibling', is: error(404, 404) },
  { ask: 'GET /validateApiKey?apikey=none', as: 'sibling', is: error(403, 7) },
  { ask: 'GET /oauth2?me=true', as: 'nobody', call: { headers: { 'X-API-KEY': '{apiKey}' } }, is: json(UserInfo) },
  { ask: 'DELETE /apiKey/{me}', as: 'person', is: error(400, 1018) },
  { ask: 'DELETE /apiKey/{me}?keyUuid=none', as: 'person', is: error(404, 404) },
  { ask: 'DELETE /apiKey/{me}?keyUuid={keyId}', as: 'person', is: 'nothing' },
]

const checks: Row[] = [
  { ask: 'GET /validateToken?token={root}', is: json(Validated) },
  { ask: 'GET /validateToken?token={root}', as: 'sibling', is: json(Validated) },
  { ask: 'GET /validateSubToken?token={subscriber}', as: 'sibling', is: json(Validated) },
  { ask: 'GET /validateToken?token={subscriber}', as: 'sibling', is: error(404, 404) },
  { ask: 'GET /validateSubToken?token={root}', as: 'sibling', is: error(404, 404) },
  { ask: 'GET /validateToken', as: 'sibling', is: error(404, 404) },
]

const subscribersOwn: Row[] = [
  { ask: 'GET /subusers?countOnly=true', is: json({ count: 'integer' }) },
  { ask: 'PUT /subuser/{subscriberId}?resetPassword=true', json: {}, is: json(done('PUT')) },
  { ask: 'GET /submfa', as: 'subscriber', is: json(SubMfaConfig) },
  { ask: 'PUT /submfa', as: 'subscriber', json: { type: 'disabled' }, is: json(SubMfaConfig) },
  {
    ask: 'PUT /submfa?startValidation=true',
    as: 'subscriber',
    json: { type: 'sms', sms: '+41446681811' },
    is: json(done('PUT')),
  },
  { ask: 'PUT /submfa?startValidation=true', as: 'subscriber', json: { type: 'sms' }, is: error(400, 1094) },
  {
    ask: 'PUT /submfa?completeValidation=true',
    as: 'subscriber',
    json: { type: 'sms', sms: '+41446681811' },
    is: error(400, 1096),
  },
  {
    ask: 'PUT /submfa?completeValidation=true&challengeCode={code}',
    as: 'subscriber',
    json: { type: 'sms', sms: '+41446681811' },
    first: async (walk) => note(walk, { code: await walk.sms.code('+41446681811') }),
    is: json(SubMfaConfig),
  },
  { ask: 'PUT /submfa', as: 'subscriber', json: { type: 'none-such' }, is: error(400, 1018) },
  { ask: 'PUT /submfa', as: 'subscriber', json: { type: 'email' }, is: json(SubMfaConfig) },
  { ask: 'GET /submfa', as: 'root', is: error(403, 8) },
  { ask: 'GET /submfa', as: 'nobody', is: error(403, 8) },
]

// The number of what is refused to everybody, on purpose.
const NEVER = 1062
// It speaks once it has been upgraded, and not in JSON that ends.
const SOCKET = 'GET /ws'

const UUID = '00000000-0000-4000-8000-000000000001'

const signingUp: Row[] = [
  {
    ask: `POST /signup?email=newcomer@example.org&signupUUID=${UUID}&owner=${UUID}&operatorName=operator`,
    as: 'sibling',
    is: json(UserInfo),
  },
  {
    ask: `POST /signup?email=newcomer@example.org&signupUUID=${UUID}&owner=${UUID}&operatorName=operator`,
    as: 'sibling',
    is: error(400, 1092),
  },
  {
    ask: `POST /signup?email={subscriberEmail}&signupUUID=${UUID}&owner=${UUID}&operatorName=operator`,
    as: 'sibling',
    is: error(400, 1091),
  },
  { ask: `POST /signup?email=newcomer@example.org&signupUUID=${UUID}`, as: 'sibling', is: error(400, 1018) },
  { ask: 'GET /actionLink?action=password_reset&id=none', as: 'nobody', is: { type: /^text\/html/ } },
  { ask: 'GET /actionLink?action=none', as: 'nobody', is: { type: /^text\/html/ } },
  {
    ask: 'POST /actionLink?action=password_reset',
    as: 'nobody',
    call: { form: { id: 'none', password1: PASSWORD, password2: PASSWORD } },
    is: { type: /^text\/html/ },
  },
]

const outside: Row[] = [
  { ask: 'GET /wwwassets/access_policy.html', is: { type: /^text\/html/ } },
  { ask: 'GET /wwwassets/password_policy.html', is: { type: /^text\/html/ } },
  { ask: 'GET /wwwassets/logo.png', is: { type: /^image\/png/ } },
  { ask: 'GET /favicon.ico', is: { type: /^image\// } },
  { ask: 'GET /wwwassets/none.html', is: error(404, 404) },
  { ask: 'GET /wwwassets/..%2f..%2fpackage.json', is: error(404, 404) },
]

/** The same schema, of which no object takes a member more. */
function strict(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject)
    return z.strictObject(
      Object.fromEntries(Object.entries(schema.shape).map(([name, own]) => [name, strict(own as z.ZodType)])),
    )
  if (schema instanceof z.ZodArray) return z.array(strict(schema.element as z.ZodType))
  if (schema instanceof z.ZodUnion) return z.union((schema.options as z.ZodType[]).map(strict))
  if (schema instanceof z.ZodOptional) return strict(schema.unwrap() as z.ZodType).optional()
  if (schema instanceof z.ZodNullable) return strict(schema.unwrap() as z.ZodType).nullable()
  return schema
}

const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const names = Object.keys(value).sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
  return Object.fromEntries(names.map((name) => [name, inOrder((value as Record<string, unknown>)[name])]))
}

onEveryEngine('OpenWiFi shapes', (engine) => {
  let walk: Walk
  let tokens: Record<'root' | 'person' | 'subscriber', string>
  const visited = new Set<string>()
  before(async () => {
    const sms = await openSmsPeer()
    const house = await startHouse({
      engine,
      settings: {
        CHATELAINE_SERVICES: 'owgw=https://gw.example.org:16002|https://gw:17002',
        CHATELAINE_CODE_PAUSE: '0',
        CHATELAINE_CODES_PER_HOUR: '100',
        CHATELAINE_LINKS_PER_HOUR: '100',
        ...withSiblings,
        ...sms.settings,
      },
    })
    const root = await asRoot(house)
    const person = await newPerson(house, root)
    const subscriber = await newSubscriber(house, root)
    tokens = { root: root.token, person: person.token, subscriber: subscriber.token }
    walk = {
      house,
      sms,
      kept: { ...tokens, personId: person.id, subscriberId: subscriber.id, subscriberEmail: subscriber.email },
    }
    await house.call('PUT', `/api/v1/user/${person.id}`, { json: { name: 'Person' }, headers: bearer(root.token) })
  })
  after(async () => {
    await walk.house.stop()
    await walk.sms.close()
  })

  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name) => walk.kept[name] ?? whole)
  const filled = <T>(value: T): T => (value === undefined ? value : JSON.parse(fill(JSON.stringify(value))))

  const isInside = (as: Who): boolean => as === 'sibling' || as === 'root inside'

  function headersOf(as: Who): Record<string, string> {
    if (as === 'sibling') return sibling()
    if (as === 'nobody') return {}
    return bearer(tokens[as === 'root inside' ? 'root' : as])
  }

  /** The endpoint that a method and a path belong to, found as the list itself says it. */
  function endpointOf(as: Who, method: string, path: string): Endpoint | undefined {
    const fits = ({ bases }: Protocol, { at }: Endpoint) => {
      const [own, rest = ''] = at.split(' ')
      const pattern = rest
        .split('?')[0]!
        .replace(/[.]/g, '\\.')
        .replace(/\{\w+\}/g, '[^/]+')
      return own === method && bases.some((base) => new RegExp(`^${base}${pattern}$`).test(path))
    }
    const spoken = isInside(as) ? internalProtocols : protocols
    for (const protocol of spoken)
      for (const endpoint of protocol.endpoints(walk.house.ctx)) if (fits(protocol, endpoint)) return endpoint
    return undefined
  }

  function judgeError(reply: Reply, method: string, [status, number]: readonly [number, number]): void {
    assert.equal(reply.status, status, reply.text)
    const { ErrorCode, ErrorDescription, ErrorDetails, ...more } = reply.json
    assert.deepEqual(more, {})
    assert.equal(ErrorCode, status === 403 ? number : status)
    assert.match(ErrorDescription, new RegExp(`^${number}: \\S`))
    assert.equal(ErrorDetails, method)
  }

  const judgeText = ({ text, json, headers }: Reply): void => {
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(text, JSON.stringify(inOrder(json)), 'not compact, or its keys are not in order')
  }

  function judgeOut(endpoint: Endpoint | undefined, reply: Reply): void {
    assert.ok(endpoint, 'no endpoint of the list fits')
    assert.ok(endpoint.out, `${endpoint.at} answers JSON and has no 'out'`)
    const result = strict(endpoint.out).safeParse(reply.json)
    assert.ok(result.success, `${endpoint.at}: ${result.error?.message}\n${reply.text}`)
  }

  async function go({ ask, as, json: sent, call, is, status = 200, first, keep }: Row, usual: Who): Promise<void> {
    const who = as ?? usual
    await first?.(walk)
    const [method = '', path = ''] = fill(ask).split(' ')
    const full = /^\/(wwwassets|favicon)/.test(path) ? path : `/api/v1${path}`
    const { headers, ...options } = typeof call === 'function' ? call() : (call ?? {})
    const asked = { ...options, json: filled(sent), headers: { ...headersOf(who), ...filled(headers) } }
    const reply = await (isInside(who) ? walk.house.callInternal : walk.house.call)(method, full, asked)
    const endpoint = endpointOf(who, method, full.split('?')[0]!)
    if (typeof is === 'object' && 'error' in is) {
      judgeError(reply, method, is.error)
      if (endpoint && is.error[1] === NEVER) visited.add(endpoint.at)
      return judgeText(reply)
    }
    assert.equal(reply.status, status, reply.text)
    if (endpoint) visited.add(endpoint.at)
    if (is === 'nothing') return assert.equal(reply.text, '')
    if ('type' in is) {
      assert.match(reply.headers.get('content-type') ?? '', is.type)
      if (reply.text.startsWith('<svg')) note(walk, { svg: reply.text })
      return assert.equal(endpoint?.out, undefined)
    }
    judgeText(reply)
    assert.deepEqual(faults(reply.json, is.json), [], reply.text)
    judgeOut(endpoint, reply)
    keep?.(reply.json as never, walk)
  }

  /** Walks rows in their order, each a test of its own, with what they need kept beforehand. */
  function walkAll(title: string, usual: Who, rows: readonly Row[], kept: () => Record<string, string> = () => ({})) {
    it(`${title}: what they begin with`, () => note(walk, kept()))
    for (const row of rows) it(`${title}: ${row.ask} ${row.as ?? usual}`, () => go(row, usual))
  }

  const made = (path: string, email: string, userRole: string, method?: string) => {
    it(`makes ${email}`, async () => {
      const headers = bearer(tokens.root)
      const json = { id: '0', email, userRole, currentPassword: PASSWORD }
      const reply = await walk.house.call('POST', `/api/v1${path}/0`, { json, headers })
      assert.equal(reply.status, 200, reply.text)
      if (!method) return
      const own = await walk.house.call('POST', '/api/v1/oauth2', { json: { userId: email, password: PASSWORD } })
      const wish = { json: withMethod(method), headers: bearer(own.json.access_token) }
      assert.equal((await walk.house.call('PUT', `/api/v1${path}/${reply.json.id}`, wish)).status, 200)
    })
  }

  made('/user', 'walker@example.org', 'csr')
  walkAll('users sign in', 'nobody', signingIn('/oauth2'), () => ({ email: 'walker@example.org' }))
  made('/user', 'stepper@example.org', 'csr', 'email')
  walkAll('users pass a second step', 'nobody', secondStep('/oauth2'), () => ({ email: 'stepper@example.org' }))
  made('/subuser', 'sub-walker@example.org', 'subscriber')
  walkAll('subscribers sign in', 'nobody', signingIn('/suboauth2'), () => ({ email: 'sub-walker@example.org' }))
  walkAll('user records', 'root', records('/user', '/users', 'csr'))
  walkAll('subscriber records', 'root', records('/subuser', '/subusers', 'subscriber'))
  walkAll('what a user keeps', 'person', belongings('person', ''), () => ({ me: walk.kept.personId! }))
  walkAll('what a subscriber keeps', 'subscriber', belongings('subscriber', 'sub'), () => ({
    me: walk.kept.subscriberId!,
  }))
  walkAll('what a user switches on', 'person', switching, () => ({ me: walk.kept.personId! }))
  walkAll('the system', 'root', system)
  walkAll('letters', 'root', letters)
  walkAll('API keys', 'root', keys, () => ({ me: walk.kept.personId! }))
  walkAll('validation', 'root', checks)
  walkAll('subscribers', 'root', subscribersOwn)
  walkAll('signing up', 'root', signingUp)
  walkAll('outside the base', 'nobody', outside)

  it('leaves no endpoint with JSON to say out', () => {
    const own = [...protocols, ...internalProtocols].filter(({ name }) => name.startsWith('openwifi'))
    const all = own.flatMap((protocol) => protocol.endpoints(walk.house.ctx).map(({ at }) => at.split('?')[0]!))
    const missed = [...new Set(all)].filter((at) => at !== SOCKET && !visited.has(at))
    assert.deepEqual(missed, [])
  })
})
