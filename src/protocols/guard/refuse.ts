import { randomInt } from 'node:crypto'
import type { Context } from '#src/context.ts'
import type { About, Reason, Refusal } from '#src/domain/refusals.ts'
import type { Incoming } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { shown } from '#src/http/wrong-input.ts'

/** Categories of the OX family, with the numbers that older clients read (docs/guard.md). */
const categories = {
  USER_INPUT: 1,
  PERMISSION_DENIED: 3,
  TRY_AGAIN: 4,
  SERVICE_DOWN: 5,
  ERROR: 8,
  CONFLICT: 9,
} as const

type Category = keyof typeof categories
type Words = readonly [code: string, category: Category, says: string, status?: number]

/** What no endpoint of this protocol has to do with. */
type Unspoken =
  | About<'recovery' | 'passkey' | 'app-password' | 'device' | 'captcha' | 'enrolment' | 'signup' | 'link'>
  | About<'api-key' | 'sms' | 'message' | 'policy' | 'picture' | 'resource'>
  | 'session.unknown'
  | 'password.too-young'
  | 'password.fixed'
  | 'password.not-due'

/** Codes that OX documents where there are any, else ours. {0} and {1} are the params. */
const table = {
  'input.invalid': ['SVL-0010', 'ERROR', 'The value "{1}" is not allowed for "{0}".'],
  'input.unreadable': ['SVL-0009', 'ERROR', 'The request could not be read.'],
  'input.too-large': ['GRD-KEY-0007', 'USER_INPUT', 'This is more than the server takes.', 413],
  'input.slow': ['SVL-0020', 'ERROR', 'The request took too long to arrive.', 408],
  'endpoint.unknown': ['SVL-0007', 'ERROR', 'There is nothing here.', 404],
  'method.unsupported': ['SVL-0006', 'ERROR', 'This cannot be asked in this way.', 405],
  'feature.missing': ['SVL-0015', 'PERMISSION_DENIED', 'This server does not do that.'],
  'rate.exceeded': ['SVL-0019', 'TRY_AGAIN', 'Too many requests. Please wait a moment.', 429],
  'server.busy': ['SVL-0019', 'TRY_AGAIN', 'The server is busy. Please try again in a moment.', 503],

  'session.missing': ['SES-0201', 'ERROR', 'The session parameter is missing.'],
  'session.invalid': ['SES-0203', 'TRY_AGAIN', 'Your session has expired. Please sign in again.'],
  'session.expired': ['SES-0203', 'TRY_AGAIN', 'Your session has expired. Please sign in again.'],
  'session.unproven': ['SES-0206', 'TRY_AGAIN', 'Your session is no longer valid. Please sign in again.'],
  'session.partial': ['SES-0206', 'TRY_AGAIN', 'Please complete the second step of your sign-in first.'],
  'session.setup': ['SES-0206', 'TRY_AGAIN', 'Please set up 2-step verification first.'],
  'session.delegated': ['SVL-0016', 'PERMISSION_DENIED', 'This session may not do that.'],
  'elevation.missing': ['SVL-0016', 'PERMISSION_DENIED', 'Please confirm your password first.'],
  'elevation.invalid': ['SVL-0016', 'PERMISSION_DENIED', 'Please confirm your password first.'],
  'elevation.step-missing': ['SVL-0016', 'PERMISSION_DENIED', 'Please pass the second step first.'],
  'access.denied': ['SVL-0016', 'PERMISSION_DENIED', 'You may not do this.'],

  'credentials.invalid': ['LGI-0006', 'USER_INPUT', 'The user name or the password is wrong.'],
  'credentials.delayed': ['LGI-0006', 'TRY_AGAIN', 'Too many failed attempts. Please try again later.', 429],
  'account.suspended': ['LGI-0006', 'USER_INPUT', 'This account is suspended.'],
  'account.unconfirmed': ['LGI-0006', 'USER_INPUT', 'The address of this account has not been confirmed yet.'],
  'password.wrong': ['LGI-0006', 'USER_INPUT', 'The sign-in password is wrong.'],
  'password.change-required': ['LGI-0006', 'USER_INPUT', 'Your password must be changed before you can sign in here.'],
  'password.weak': ['LGI-0006', 'USER_INPUT', 'This password is too easy to guess.'],
  'password.reused': ['LGI-0006', 'USER_INPUT', 'This password was used before.'],
  'refresh.invalid': ['SES-0203', 'TRY_AGAIN', 'Your session has expired. Please sign in again.'],
  'challenge.invalid': ['LGI-0006', 'USER_INPUT', 'This sign-in is over. Please start again.'],
  'challenge.failed': ['LGI-0006', 'USER_INPUT', 'The code is wrong.'],
  'factor.required': [
    'LGI-0006',
    'USER_INPUT',
    'This account uses 2-step verification: complete both steps in the mailbox sign-in, and use that session here.',
  ],

  'account.unknown': ['GRD-USER-0001', 'USER_INPUT', 'There is no such account.'],
  'account.exists': ['SVL-0004', 'ERROR', 'There is such an account already.'],
  'account.email-invalid': ['SVL-0004', 'ERROR', 'This is not a mail address.'],
  'account.role-invalid': ['SVL-0004', 'ERROR', 'There is no such role.'],

  'factor.unknown': ['SVL-0004', 'ERROR', 'There is no such method.'],
  'factor.kind-off': ['SVL-0015', 'PERMISSION_DENIED', 'This kind of method is switched off.'],
  'factor.kind-unfit': ['SVL-0004', 'ERROR', 'This method cannot do that.'],
  'factor.target-invalid': ['SVL-0004', 'ERROR', 'No codes can be sent there.'],
  'factor.exists': ['SVL-0004', 'ERROR', 'There is such a method already.'],
  'factor.limit': ['SVL-0004', 'ERROR', 'There are too many methods.'],
  'factor.in-use': ['SVL-0004', 'ERROR', 'This method is in use.'],
  'factor.unfinished': ['SVL-0004', 'ERROR', 'This method has not been confirmed yet.'],
  'code.invalid': ['SVL-0004', 'USER_INPUT', 'The code is wrong.'],
  'code.used': ['SVL-0004', 'USER_INPUT', 'The code was used before.'],
  'code.too-soon': ['SVL-0019', 'TRY_AGAIN', 'Please wait before you ask for another code.'],
  'code.too-many': ['SVL-0019', 'TRY_AGAIN', 'Too many codes were sent. Please try again later.'],
  'code.unsendable': ['SVL-0011', 'SERVICE_DOWN', 'The code could not be sent.'],
  'two-step.off': ['SVL-0015', 'PERMISSION_DENIED', '2-step verification is off.'],
  'two-step.mandatory': ['SVL-0015', 'PERMISSION_DENIED', '2-step verification cannot be switched off here.'],

  'key.none': ['GRD-KEY-0001', 'USER_INPUT', 'You have no key yet.'],
  'key.unknown': ['GRD-KEY-0002', 'USER_INPUT', 'You have no such key.'],
  'key.unreadable': ['GRD-KEY-0003', 'USER_INPUT', 'No key could be found in this.'],
  'key.foreign': ['GRD-KEY-0004', 'USER_INPUT', 'This key bears none of your addresses.'],
  'key.unusable': ['GRD-KEY-0005', 'USER_INPUT', 'This key is expired, revoked or unfit for that.'],
  'key.public-only': ['PGP-CORE-0002', 'ERROR', 'The private part of this key is not here.'],
  'key.password-wrong': ['PGP-CORE-0003', 'USER_INPUT', 'The key password is wrong.'],
  'key.password-short': ['GRD-AUTH-0003', 'USER_INPUT', 'The new password needs at least {0} characters.'],
  'key.password-missing': ['GRD-AUTH-0001', 'USER_INPUT', 'The key password is needed for this.'],
  'key.delayed': ['GRD-AUTH-0002', 'TRY_AGAIN', 'Too many wrong key passwords. Please try again later.'],
  'key.token-invalid': ['GUARD-0007', 'ERROR', 'The authentication is not valid any more.'],
  'key.fixed': ['GRD-KEY-0006', 'PERMISSION_DENIED', 'Private keys cannot be deleted here. You can revoke this key.'],
  'key.recovery-off': ['GRD-AUTH-0004', 'PERMISSION_DENIED', 'There is no recovery for this key.'],
  'key.recovery-fixed': ['GRD-AUTH-0005', 'PERMISSION_DENIED', 'The recovery of keys cannot be removed here.'],
  'key.algorithm-off': ['SVL-0015', 'PERMISSION_DENIED', 'Keys of this kind are not made here.'],
  'key.unconfirmed': ['GRD-KEY-0008', 'USER_INPUT', 'This address has not been confirmed yet.'],
  'autocrypt.code-wrong': ['PGP-CORE-0003', 'USER_INPUT', 'The setup code is wrong.'],
  'autocrypt.invalid': ['GRD-KEY-0009', 'USER_INPUT', 'This is no Autocrypt header that can be used.'],

  'contact.unknown': ['CON-0125', 'USER_INPUT', 'There is no such contact.'],
  'contact.changed': ['SVL-0017', 'CONFLICT', 'This contact was changed meanwhile.'],
  'contact.folder-unknown': ['CON-0104', 'USER_INPUT', 'There is no such address book.'],
  'contact.limit': ['GRD-KEY-0007', 'USER_INPUT', 'The address book is full.'],

  'mail.off': ['SVL-0015', 'PERMISSION_DENIED', 'This server sends no mail.'],
  'mail.unreadable': ['PGP-CORE-0006', 'ERROR', 'The message could not be read.'],
  'mail.no-recipient': ['SVL-0004', 'ERROR', 'The message has no recipient.'],
  'mail.recipient-without-key': ['GRD-KEY-0001', 'USER_INPUT', 'There is no key for {0}.'],
  'mail.not-encrypted': ['PGP-CORE-0001', 'ERROR', 'The message is not encrypted.'],
  'mail.not-for-us': ['PGP-CORE-0002', 'ERROR', 'The message was not encrypted for any of your keys.'],
  'mail.tampered': ['PGP-CORE-0006', 'ERROR', 'The message was changed on its way.'],
  'mail.sender-foreign': ['SVL-0016', 'PERMISSION_DENIED', 'The sender is none of your addresses.'],
  'mail.not-signed': ['PGP-CORE-0004', 'ERROR', 'There is no signature.'],
  'mail.sent-already': ['SVL-0010', 'USER_INPUT', 'This mail was sent already.'],

  'guest.off': ['SVL-0015', 'PERMISSION_DENIED', 'This server has no guests.'],
  'guest.unknown': ['GRD-USER-0001', 'USER_INPUT', 'There is no such guest.'],
  'guest.refuses': ['GRD-GUEST-0001', 'USER_INPUT', 'This person wants no encrypted mail from here.'],
  'guest.item-unknown': ['GRD-GUEST-0002', 'USER_INPUT', 'There is no such mail, or it was kept for its time.'],
  'guest.pin-wrong': ['GRD-GUEST-0003', 'USER_INPUT', 'The PIN is wrong.'],
  'guest.has-password': ['GRD-GUEST-0004', 'USER_INPUT', 'A password was chosen already.'],
  'guest.answer-wrong': ['GRD-GUEST-0005', 'USER_INPUT', 'The answer is wrong.'],
  'guest.reset-invalid': ['GRD-GUEST-0006', 'USER_INPUT', 'This link is over. Please ask for another one.'],

  'support.denied': ['SVL-0016', 'PERMISSION_DENIED', 'This needs the name and the password of the support desk.', 401],
} as const satisfies Record<Exclude<Reason, Unspoken>, Words>

const wordsOf = (reason: Reason): Words =>
  (table as Partial<Record<Reason, Words>>)[reason] ?? ['SVL-0004', 'ERROR', 'This cannot be done here.']

/** The words that stand for some refusals in the `auth` of a Guard login. */
export const authWords: Partial<Record<Reason, string>> = {
  'key.password-wrong': 'Bad Password',
  'key.delayed': 'Lockout',
  'key.none': 'No Key',
  'key.public-only': 'No Key',
}

// An id per occurrence: a number that tells the process, a dash, and a count.
const instance = randomInt(1, 2 ** 31)
let occurrences = 0

const SESSION_ID = /^[0-9a-f]{32}$/

function paramsOf({ reason, facts }: Refusal, { url }: Incoming): (string | number)[] {
  const given = [...(facts.params ?? [])]
  if (reason === 'session.invalid' || reason === 'session.expired') {
    const id = url.searchParams.get('session') ?? ''
    return [SESSION_ID.test(id) ? id : '<invalid_sessionid>']
  }
  const [name] = given
  if (reason === 'endpoint.unknown' && name === 'action') return [url.searchParams.get('action') ?? 'action']
  if (reason !== 'input.invalid') return given
  // One at a time: its words are about one parameter, and what was sent in it.
  if (facts.sent) return [name!, facts.sent[0] ?? []].flat()
  if (given.length > 1) return given
  const value = shown(String(name), url.searchParams.get(String(name)))
  return value === null ? given : [...given, value]
}

/** Which password is missing, where there are several: by the name of its parameter. */
const missingPasswords: Record<string, string> = {
  newPassword: 'Choose a key password for here: newPassword.',
  keyPassword: 'The file is locked: its password is needed (keyPassword).',
}

/** Seconds as people say them, rounded up: `45 seconds`, `10 minutes`, `3 hours`. */
function span(seconds: number): string {
  const [unit, size] = [['hour', 3600] as const, ['minute', 60] as const, ['second', 1] as const].find(
    ([, size]) => seconds >= size || size === 1,
  )!
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(Math.ceil(seconds / size))
}

/** Some reasons have other words where more is known: an action, a parameter that was left out, how long to wait. */
function wordsFor({ reason, facts }: Refusal, { url }: Incoming, params: readonly unknown[]): Words {
  const missing: Words = ['SVL-0002', 'ERROR', 'The parameter "{0}" is missing.']
  if (reason === 'input.invalid' && facts.why === 'unknown-name')
    return ['SVL-0010', 'ERROR', 'There is no setting "{0}".']
  if (reason === 'input.invalid' && facts.why === 'in-query')
    return ['SVL-0010', 'ERROR', 'The parameter "{0}" belongs into the form, not into the query.']
  if (reason === 'rate.exceeded' && facts.retryAfter !== undefined) {
    const [code, category, , status] = wordsOf(reason)
    return [code, category, `Too many requests. Please try again in ${span(facts.retryAfter)}.`, status]
  }
  if (reason === 'key.password-missing') {
    const [code, category, says] = wordsOf(reason)
    return [code, category, missingPasswords[String(facts.params?.[0])] ?? says]
  }
  if (reason === 'endpoint.unknown' && facts.params?.[0] === 'action')
    return url.searchParams.has('action') ? ['SVL-0001', 'ERROR', 'There is no action "{0}".'] : missing
  return reason === 'input.invalid' && params.length === 1 ? missing : wordsOf(reason)
}

const errorId = (): string => {
  occurrences += 1
  return `${instance}-${occurrences}`
}

const errorBody = (words: Words, params: readonly (string | number)[], what: string) => {
  const [code, category, says] = words
  const value = (index: string) => String(params[Number(index)] ?? '')
  return {
    error: says.replace(/\{(\d)\}/g, (_, index: string) => value(index)),
    error_params: params,
    error_id: errorId(),
    error_desc: what,
    code,
    categories: category,
    category: categories[category],
  }
}

/** A refusal as an error object; `more` members stand beside it. Almost all travel with status 200. */
export function refuse(
  refusal: Refusal,
  incoming: Incoming,
  ctx: Context,
  more: Record<string, unknown> = {},
): Response {
  const params = paramsOf(refusal, incoming)
  const words = wordsFor(refusal, incoming, params)
  const body = errorBody(words, params, refusal.reason)
  ctx.log.debug('guard.refused', { request: incoming.requestId, error: body.error_id, reason: refusal.reason })
  const { retryAfter, why } = refusal.facts
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }
  return jsonAnswer(
    { ...body, ...(why === undefined ? {} : { reason: why }), ...more },
    { status: words[3] ?? 200, headers },
  )
}

/** An internal error: nothing of it travels but the id of the request, in its header. */
export const fault = (): Response =>
  jsonAnswer(errorBody(['SVL-0011', 'ERROR', 'An unexpected error occurred.'], [], 'internal error'), {
    status: 500,
  })
