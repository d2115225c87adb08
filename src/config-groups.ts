import { z } from 'zod'
import {
  address,
  count,
  flag,
  kinds,
  list,
  optional,
  processes,
  range,
  seconds,
  sibling,
  url,
  ways,
} from './config-kinds.ts'
import { mailGroups } from './config-mail.ts'
import { openpgpGroups } from './config-openpgp.ts'
import { pressureGroups } from './config-pressure.ts'
import { smsGroups } from './config-sms.ts'

/**
 * Every setting: its meaning, its unit and its default, in one place. The type, `.env.example`, the table in
 * docs/settings.md and the masked print-out of `chatelaine config` are made from this.
 * The environment variable of `smtpUrl` is `CHATELAINE_SMTP_URL`, and so on.
 */
export const groups = {
  'The server': {
    listen: [address.prefault('127.0.0.1:16001'), 'host:port of the HTTP listener; an IPv6 host goes in brackets'],
    data: [z.string().min(1).default('./data'), 'folder of the key file, the SQLite file and self-made certificates'],
    databaseUrl: [
      url('postgres:', 'postgresql:').optional(),
      'postgres://user:password@host:port/name; absent: SQLite in the data folder',
      'url',
    ],
    databaseConnections: [
      count(10).pipe(z.number().max(1000)),
      'connections to PostgreSQL at once, for each process; one more looks for revocations, one for migrations',
    ],
    databasePrepare: [
      flag(true),
      'off: PostgreSQL is asked without prepared statements and LISTEN, as poolers by transaction need it',
    ],
    workers: [
      processes,
      'processes that answer at the same listeners, of one server on this machine; auto: one for each processor',
    ],
    publicUrl: [
      url('http:', 'https:').optional(),
      'how people reach this server, with the folder that a proxy hangs it under, if any; absent: made from the listener',
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
    console: [flag(true), 'off: the web console is not served'],
    internalListen: [
      address.optional(),
      'host:port of the listener for sibling services, which bring X-INTERNAL-NAME and X-API-KEY; absent: none',
    ],
    internalUrl: [url('http:', 'https:').optional(), 'how siblings reach it, without a path; absent: made from it'],
    internalKey: [
      z.string().min(32, 'must have at least 32 characters').optional(),
      'the key that sibling services bring; absent: the one in internal.key in the data folder, at first derived from the key file',
      'secret',
    ],
    healthListen: [address.optional(), 'host:port of a plain HTTP listener for load balancers; absent: none'],
    metricsListen: [address.optional(), 'host:port of the Prometheus listener; absent: none'],
    otelEndpoint: [
      url('http:', 'https:').optional(),
      'collector that traces are sent to by OTLP over HTTP, without /v1/traces; absent: as OTEL_EXPORTER_OTLP_ENDPOINT has it',
      'url',
    ],
    logLevel: [
      z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
      'least level that is logged: debug, info, warn, error, silent',
    ],
    auditDays: [count(365), 'days the record of what happened is kept'],
    bodyLimit: [count(1_048_576, 1024), 'largest request body in bytes, where an endpoint does not say otherwise'],
    requestTimeout: [
      seconds(120),
      'seconds until a request must have arrived whole: a mail of 50 MiB over a slow line, say',
    ],
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
  ...smsGroups,
  Passwords: {
    passwordMinLength: [
      count(8, 4),
      'least length of a new password, in characters, where a second step protects the account too, and on OpenWiFi',
    ],
    passwordAloneMinLength: [count(15, 4), 'least length of one that alone opens the account'],
    passwordMaxLength: [count(256, 64), 'greatest length of a password, in characters'],
    passwordHistory: [count(5, 0), 'how many former passwords, the present one included, may not come back'],
    passwordMustInclude: [
      z.enum(['letters', 'lettersAndNumbers', 'lettersAndNumbersAndSpecial']).default('letters'),
      'what must be in it: letters (asks for nothing), lettersAndNumbers, lettersAndNumbersAndSpecial',
    ],
    passwordRenewalDays: [count(0, 0), 'least days between two changes by the owner; 0: none'],
    passwordExpiryDays: [count(0, 0), 'days after which it must be changed; 0: never'],
    passwordExpiryWarningDays: [count(14, 0), 'days before that in which clients warn'],
    passwordChangeByUser: [flag(true), 'off: only administrators change passwords'],
    passwordBlocklist: [
      optional,
      'file of words that are no passwords, one per line, besides the common ones; read at the start',
    ],
    breachedFile: [
      optional,
      'file of SHA-1 digests of breached passwords, a line each, HEX:count or HEX, in the order of the digests',
    ],
    breachedUrl: [
      url('http:', 'https:').optional(),
      'service that is asked with five digits of a digest, as https://api.pwnedpasswords.com/range/; without an answer passwords pass',
    ],
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
    partialLifetime: [seconds(600), 'seconds a session may wait for its second step, its setup or a new password'],
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
    twoStepMethods: [
      kinds('authApp,email,sms'),
      'kinds of second factor that may be used: authApp, email, sms, or none',
    ],
    twoStepGraceDays: [
      count(0, 0),
      'days that people have to set it up, from the first sign-in that finds it mandatory; 0: none',
    ],
    trustedDeviceDays: [count(30, 0), 'days a trusted browser may leave out the second step; 0: never'],
    passkeySignIn: [flag(true), 'on: a passkey with user verification signs in without a password'],
    passkeyDomain: [optional, 'domain that passkeys are bound to (RP ID); absent: the host of publicUrl'],
    passkeyOrigins: [
      list(''),
      'further origins whose pages may use them, comma separated, besides those of publicUrl and uiUrl',
    ],
    alternateEmailAddress: [flag(true), 'on: people may add a mail address as a security method'],
    phoneNumber: [flag(true), 'on: people may add a phone number as a security method'],
    methodsMandatory: [flag(false), 'on: clients are told to have people add a security method'],
    methodsUpdateDays: [count(0, 0), 'days after which clients ask whether the methods are still right; 0: never'],
    appPasswords: [flag(true), 'on: people may make passwords for single programs'],
    codeDigits: [z.coerce.number().int().min(6).max(10).default(6), 'digits of a sent code'],
    codeLifetime: [z.coerce.number().int().min(30).max(600).default(600), 'seconds a sent code lives, at most 600'],
    codePause: [count(60, 0), 'seconds between two sendings of one method'],
    codesPerHour: [
      count(5),
      'sent codes per target and hour; recovery tokens and reminders of user names are counted apart',
    ],
    tries: [count(5), 'tries per code or challenge'],
    totpIssuer: [z.string().min(1).default('Chatelaine'), 'name of this house, shown by authenticators and in mails'],
    basicNeedsFactor: [
      flag(true),
      'on: the account’s own password is not enough for a Basic login or a mail server where a second step is asked for',
    ],
  },
  Recovery: {
    usernameRecoveryMethods: [ways('email,sms'), 'ways to be reminded of the user name: email, sms, or none'],
    passwordRecoveryMethods: [ways('email,sms'), 'ways to a new password: email, sms, or none'],
    recoveryMailLifetime: [
      z.coerce.number().int().min(60).max(86_400).default(3600),
      'seconds a recovery token in a mail lives, at most 86400',
    ],
    recoverySmsLifetime: [
      z.coerce.number().int().min(60).max(600).default(600),
      'seconds one in an SMS lives, at most 600',
    ],
    recoveryWait: [
      seconds(259_200),
      'seconds until second factors that are said to be lost are removed; so long it can be stopped',
    ],
  },
  'Mail servers': {
    mailServerKey: [
      z.string().min(32, 'must have at least 32 characters').optional(),
      'key that mail servers bring to /auth/verify and nothing else, 32 characters or more; absent: only the internal key is taken there',
      'secret',
    ],
  },
  'Lock-out': {
    captchaAfter: [count(3, 0), 'failed mailbox sign-ins of one name before a captcha is asked for; 0: never'],
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
    signInRate: [
      count(10),
      'calls per second and client address of each of /oauth2, /login/passkey, /login of the App Suite, /actionLink, /guardsupport with its links, and what guests call before they are signed in',
    ],
  },
  ...openpgpGroups,
  ...mailGroups,
  ...pressureGroups,
} as const satisfies Record<string, Record<string, readonly [z.ZodType, string, ('secret' | 'url')?]>>
