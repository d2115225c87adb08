import { z } from 'zod'
import { address, count, flag, kinds, list, optional, range, seconds, sibling, url } from './config-kinds.ts'

/**
 * Every setting: its meaning, its unit and its default, in one place. The type, `.env.example`, the table in
 * docs/settings.md and the masked print-out of `chatelaine config` are made from this.
 * The environment variable of `smtpUrl` is `CHATELAINE_SMTP_URL`, and so on.
 */
const groups = {
  'The server': {
    listen: [address.prefault('127.0.0.1:16001'), 'host:port of the HTTP listener; an IPv6 host goes in brackets'],
    data: [z.string().min(1).default('./data'), 'folder of the key file, the SQLite file and self-made certificates'],
    databaseUrl: [
      url('postgres:', 'postgresql:').optional(),
      'postgres://user:password@host:port/name; absent: SQLite in the data folder',
      'url',
    ],
    publicUrl: [
      url('http:', 'https:').optional(),
      'how people reach this server, without a path; absent: made from the listener',
    ],
    tls: [
      z.string().min(1).default('off'),
      'off; self-signed (made in the data folder); or a folder with cert.pem and key.pem',
    ],
    trustedProxies: [
      list('').pipe(z.array(range)),
      'addresses or CIDR ranges, comma separated, whose X-Forwarded-For is believed',
    ],
    uiUrl: [url('http:', 'https:').optional(), 'where people’s web interface is; absent: publicUrl'],
    internalListen: [
      address.optional(),
      'host:port of the listener for sibling services, which bring X-INTERNAL-NAME and X-API-KEY; absent: none',
    ],
    internalUrl: [url('http:', 'https:').optional(), 'how siblings reach it, without a path; absent: made from it'],
    internalKey: [
      z.string().min(32, 'must have at least 32 characters').optional(),
      'the key that sibling services bring; absent: a random one in internal.key in the data folder',
      'secret',
    ],
    healthListen: [address.optional(), 'host:port of a plain HTTP listener for load balancers; absent: none'],
    metricsListen: [address.optional(), 'host:port of the Prometheus listener; absent: none'],
    logLevel: [
      z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
      'least level that is logged: debug, info, warn, error, silent',
    ],
    auditDays: [count(365), 'days the record of what happened is kept'],
    bodyLimit: [count(1_048_576, 1024), 'largest request body in bytes, where an endpoint does not say otherwise'],
    requestTimeout: [seconds(30), 'seconds until a request must have arrived whole'],
    corsOrigin: [
      z
        .string()
        .default('none')
        .refine(
          (text) => ['none', '*'].includes(text) || (URL.canParse(text) && new URL(text).origin === text),
          'must be none, * or an origin such as https://mail.example.org',
        ),
      'origin that browsers may call the mailbox protocol from: none, * or one origin',
    ],
  },
  'The first administrator': {
    rootEmail: [
      z
        .string()
        .regex(/^[^@\s]+@[^@\s]+$/, 'must be an e-mail address')
        .default('root@localhost'),
      'address of the account made at the first start',
    ],
    rootPassword: [optional, 'its password until the first sign-in; absent: a random one is printed once', 'secret'],
  },
  Mail: {
    smtpUrl: [
      url('smtp:', 'smtps:').optional(),
      'smtp://user:password@host:port; absent: mail is queued, and a warning says so',
      'url',
    ],
    mailFrom: [
      z
        .string()
        .regex(/^[^@\r\n]*<?[^@\s<>]+@[^@\s<>]+>?$/, 'must be an address, or Name <address>')
        .default('Chatelaine <no-reply@localhost>'),
      'sender of the mails we write',
    ],
    templates: [optional, 'folder with templates of mails and SMS that replace ours: docs/templates.md'],
    locale: [
      z
        .string()
        .regex(/^[a-z]{2}([_-][A-Za-z]{2})?$/, 'must be a language such as en or de')
        .default('en'),
      'language of mails to people who chose none',
    ],
    linkLifetime: [seconds(86_400), 'seconds a link in a mail lives'],
    signupLinkLifetime: [seconds(3600), 'seconds the link of a sign-up lives'],
    linksPerHour: [count(5), 'links in mails per address and hour'],
    messagesPerHour: [
      count(60),
      'mails and SMS that one caller may write by hand per hour, with the links that he has sent to others',
    ],
  },
  SMS: {
    smsPreset: [
      z.enum(['none', 'generic', 'twilio', 'sns']).default('none'),
      'none, generic (the settings below), twilio or sns; a set URL alone means generic',
    ],
    smsUrl: [
      url('http:', 'https:').optional(),
      'URL of the provider; with a preset it replaces the preset’s own',
      'url',
    ],
    smsMethod: [z.enum(['GET', 'POST']).default('POST'), 'GET or POST'],
    smsContentType: [
      z.enum(['none', 'json', 'formUrlEncoded']).default('json'),
      'none (parameters in the URL), json or formUrlEncoded',
    ],
    smsToParam: [z.string().min(1).default('to'), 'name of the parameter that carries the number'],
    smsBodyParam: [z.string().min(1).default('body'), 'name of the parameter that carries the text'],
    smsFromParam: [z.string().min(1).default('from'), 'name of the parameter that carries the sender'],
    smsFrom: [optional, 'sender: a number or a name'],
    smsStaticParams: [z.string().default(''), 'further parameters, as in a query: a=1&b=2', 'secret'],
    smsAuth: [z.enum(['none', 'basic', 'bearer']).default('none'), 'none, basic or bearer'],
    smsUser: [optional, 'user for basic; account SID for twilio; access key id for sns'],
    smsPassword: [optional, 'password for basic; auth token for twilio; secret access key for sns', 'secret'],
    smsToken: [optional, 'token for bearer', 'secret'],
    smsRegion: [z.string().min(1).default('us-east-1'), 'region for sns'],
  },
  Passwords: {
    passwordMinLength: [count(8, 4), 'least length of a new password, in characters'],
    passwordMaxLength: [count(256, 64), 'greatest length of a password, in characters'],
    passwordHistory: [count(5, 0), 'how many former passwords, the present one included, may not come back'],
    passwordMemory: [count(19_456, 64), 'argon2id memory in KiB'],
    passwordPasses: [count(2), 'argon2id passes'],
    passwordWidth: [
      count(3).pipe(z.number().max(3)),
      'argon2id hashes at once, at most 3: fewer than libuv has threads, so that files and names are not starved',
    ],
    passwordQueue: [count(64), 'argon2id hashes that may wait; beyond it 503'],
  },
  'Sessions and tokens': {
    tokenLifetime: [seconds(2_592_000), 'seconds an OpenWiFi access token lives'],
    refreshLifetime: [seconds(7_776_000), 'seconds an OpenWiFi refresh token lives, from the sign-in on'],
    sessionIdle: [seconds(3600), 'seconds without a call after which a mailbox or App Suite session ends'],
    sessionLifetime: [seconds(86_400), 'seconds after which a mailbox or App Suite session ends in any case'],
    partialLifetime: [seconds(600), 'seconds a session may wait for its second step'],
    elevationLifetime: [seconds(600), 'seconds a securityToken lives'],
  },
  'OpenWiFi services': {
    services: [
      list('').pipe(z.array(sibling)),
      'sibling services that are always there: owgw=https://gw.example.org:16002|https://gw:17002, comma separated',
    ],
    kafkaBrokers: [list(''), 'host:port of Kafka brokers, comma separated; absent: no Kafka'],
    kafkaTopic: [z.string().min(1).default('service_events'), 'topic that sibling services announce themselves on'],
    kafkaTls: [flag(false), 'on: TLS to the brokers'],
    kafkaUser: [optional, 'user for SASL (SCRAM-SHA-256)'],
    kafkaPassword: [optional, 'its password', 'secret'],
    avatarLimit: [count(2_000_000, 1024), 'largest avatar in bytes'],
  },
  'Second factors': {
    twoStep: [
      z.enum(['disabled', 'enabled', 'mandatory']).default('enabled'),
      '2-step verification: disabled, enabled (people may) or mandatory (people must)',
    ],
    twoStepMethods: [kinds('authApp,email,sms'), 'kinds of second factor that may be used: authApp, email, sms'],
    codeDigits: [z.coerce.number().int().min(6).max(10).default(6), 'digits of a sent code'],
    codeLifetime: [z.coerce.number().int().min(30).max(600).default(600), 'seconds a sent code lives, at most 600'],
    codePause: [count(60, 0), 'seconds between two sendings of one method'],
    codesPerHour: [count(5), 'sent codes per target and hour'],
    tries: [count(5), 'tries per code or challenge'],
    totpIssuer: [z.string().min(1).default('Chatelaine'), 'name of this house, shown by authenticators and in mails'],
    basicNeedsFactor: [
      flag(true),
      'on: a Basic login with the main password is refused to accounts with 2-step verification',
    ],
  },
  'Lock-out': {
    failuresAllowed: [
      count(5),
      'failures per account and client address within the window, before the next try must wait',
    ],
    accountFailuresAllowed: [
      count(20),
      'failures per account from addresses it never signed in from, within the window',
    ],
    addressFailuresAllowed: [count(300), 'failures per client address (IPv6: /64), within the window'],
    failureWindow: [seconds(900), 'seconds of that window'],
    firstDelay: [seconds(60), 'seconds of the first wait; it doubles with each further failure'],
    longestDelay: [seconds(900), 'seconds of the longest wait'],
    signInRate: [count(10), 'calls of /oauth2 per second and client address'],
  },
  OpenPGP: {
    keyAlgorithm: [
      z.enum(['curve25519', 'rsa2048', 'rsa3072', 'rsa4096']).default('curve25519'),
      'algorithm of new keys: curve25519, rsa2048, rsa3072, rsa4096',
    ],
    keyValidDays: [count(3650, 0), 'days a new key is valid; 0: for ever'],
    keyPasswordMinLength: [count(8), 'least length of a key password, in characters'],
    keySessionLifetime: [seconds(86_400), 'seconds an auth token lives at the most'],
    openpgpWidth: [count(2), 'OpenPGP worker threads'],
    openpgpQueue: [count(64), 'OpenPGP jobs that may wait; beyond it 503'],
    mailLimit: [count(26_214_400, 65_536), 'largest message in bytes that the mail endpoints take'],
  },
} as const satisfies Record<string, Record<string, readonly [z.ZodType, string, ('secret' | 'url')?]>>

type Groups = typeof groups
type Entries = { [G in keyof Groups]: Groups[G] }[keyof Groups]
type Merged = Entries extends infer E ? (E extends unknown ? (k: E) => void : never) : never
type All = Merged extends (k: infer I) => void ? I : never
export type Config = {
  readonly [K in keyof All]: All[K] extends readonly [infer S extends z.ZodType, ...unknown[]] ? z.output<S> : never
}

export interface Setting {
  group: string
  name: string
  env: string
  schema: z.ZodType
  meaning: string
  hidden?: 'secret' | 'url'
}

/** Every setting, in the order of the groups. */
export const settings: readonly Setting[] = Object.entries(groups).flatMap(([group, entries]) =>
  Object.entries(entries as Record<string, readonly [z.ZodType, string, ('secret' | 'url')?]>).map(
    ([name, [schema, meaning, hidden]]) => ({
      group,
      name,
      env: `CHATELAINE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      schema,
      meaning,
      hidden,
    }),
  ),
)

/** Thrown with every fault of the settings, one line each; the values are not repeated. */
export class BadSettings extends Error {}

/** CHATELAINE_ variables that no setting reads: typing errors, or settings of another version. Worth a warning. */
export function unknownSettings(environment: Record<string, string | undefined>): string[] {
  const known = new Set(settings.map(({ env }) => env))
  return Object.keys(environment).filter(
    (env) => env.startsWith('CHATELAINE_') && !env.startsWith('CHATELAINE_TEST_') && !known.has(env),
  )
}

/** Reads the settings from an environment; throws `BadSettings`. An empty variable counts as absent. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const faults: string[] = []
  const config: Record<string, unknown> = {}
  for (const { name, env, schema } of settings) {
    const result = schema.safeParse(environment[env] === '' ? undefined : environment[env])
    if (result.success) config[name] = result.data
    else faults.push(...result.error.issues.map((issue) => `${env}: ${issue.message}`))
  }
  if (config.smsPreset === 'generic' && !config.smsUrl)
    faults.push('CHATELAINE_SMS_URL: the generic connector needs it')
  if (faults.length > 0) throw new BadSettings(faults.join('\n'))
  return Object.freeze(config) as Config
}
