import type { About, Reason, Refusal, RefusalFacts } from '#src/domain/refusals.ts'
import { jsonAnswer } from '#src/http/json.ts'

export interface Answer {
  status: number
  code: string
  message: string
}

export const say = (status: number, code: string, message: string): Answer => ({ status, code, message })

const badParameter = say(400, 'BAD_PARAMETER', 'A parameter is invalid, missing or unexpected')
const authRequired = say(401, 'AUTH_REQUIRED', 'A session is required: sign in')
const accessDenied = say(403, 'ACCESS_DENIED', 'This is not permitted')
const tooManyRequests = say(429, 'TOO_MANY_REQUESTS', 'Too many tries: wait a little')
const keyPasswordRequired = say(
  403,
  'KEY_PASSWORD_REQUIRED',
  'The key is locked: send the key password or an auth token',
)
const KEY_PASSWORD_ONLY = 'Send the key password in X-Key-Password: nothing but the password itself does for this'
const FOR_NOBODY = 'The file would be for nobody: name people in "to", or leave "self" as it is'
const noKey = say(404, 'NO_KEY', 'You have no key of your own yet')

/** What no endpoint of these protocols has to do with: nobody's account is changed. */
type Unspoken =
  | About<
      'credentials' | 'account' | 'elevation' | 'refresh' | 'factor' | 'enrolment' | 'code' | 'two-step' | 'captcha'
    >
  | About<'recovery' | 'passkey' | 'app-password' | 'device' | 'link' | 'signup' | 'api-key' | 'sms' | 'message'>
  | About<'policy' | 'picture' | 'resource' | 'contact' | 'autocrypt' | 'support'>
  | 'key.fixed'
  | 'key.recovery-off'
  | 'key.recovery-fixed'
  | 'key.algorithm-off'
  | 'key.unconfirmed'
  | Exclude<About<'password'>, 'password.change-required'>
  | 'session.unknown'
  | 'challenge.failed'
  | 'key.unknown'
  | 'key.unreadable'
  | 'key.foreign'
  | 'key.password-short'

/** 401 means one thing only, that no session can be used: clients throw theirs away then. */
const answers = {
  'input.invalid': badParameter,
  'input.unreadable': badParameter,
  'input.too-large': say(413, 'PAYLOAD_TOO_LARGE', 'The message is too large'),
  'input.slow': say(408, 'REQUEST_TIMEOUT', 'The request took too long to arrive'),
  'endpoint.unknown': say(404, 'NOT_FOUND', 'There is nothing here'),
  'method.unsupported': say(
    405,
    'METHOD_NOT_ALLOWED',
    'The method does not fit this path: the header Allow says which do',
  ),
  'feature.missing': say(501, 'NOT_AVAILABLE', 'This server does not offer it'),
  'rate.exceeded': tooManyRequests,
  'server.busy': say(503, 'SERVER_BUSY', 'The server is busy: try again'),

  'session.missing': authRequired,
  'session.invalid': authRequired,
  'session.expired': authRequired,
  'session.unproven': authRequired,
  'session.partial': say(403, 'TWO_FACTOR_REQUIRED', 'The second step of the sign-in is still to come'),
  'session.setup': say(403, 'TWO_FACTOR_SETUP_REQUIRED', '2-step verification must be set up first'),
  'session.delegated': accessDenied,
  'password.change-required': accessDenied,
  'challenge.invalid': accessDenied,
  'access.denied': accessDenied,

  'key.none': noKey,
  'key.public-only': noKey,
  'key.unusable': say(409, 'KEY_UNUSABLE', 'Your key cannot be used: it has expired, was revoked or cannot sign'),
  'key.password-wrong': say(403, 'KEY_PASSWORD_WRONG', 'The key password is wrong'),
  'key.password-missing': keyPasswordRequired,
  'key.delayed': say(429, 'TOO_MANY_REQUESTS', 'Too many wrong key passwords: wait a little'),
  'key.token-invalid': say(
    403,
    'KEY_TOKEN_INVALID',
    'The auth token is unknown, used up, too old or of another session',
  ),

  'mail.unreadable': say(400, 'MESSAGE_UNREADABLE', 'This is not a message that can be read'),
  'mail.no-recipient': say(400, 'NO_RECIPIENT', 'The message names no recipient in To, Cc or Bcc'),
  'mail.recipient-without-key': say(400, 'RECIPIENT_WITHOUT_KEY', 'There is no usable key for'),
  'mail.not-encrypted': say(400, 'NOT_ENCRYPTED', 'The message is neither encrypted nor signed with OpenPGP'),
  'mail.not-for-us': say(403, 'NOT_FOR_YOU', 'The message is encrypted, but for none of your keys'),
  'mail.tampered': say(400, 'MESSAGE_TAMPERED', 'The message was changed on its way, or is not protected against it'),
  'mail.sender-foreign': say(403, 'SENDER_FOREIGN', 'The address in From is not one of yours'),
  'mail.not-signed': say(400, 'NOT_SIGNED', 'There is no OpenPGP signature'),
  'mail.sent-already': say(409, 'ALREADY_SENT', 'A message with this Message-ID was sent within the hour'),
  'mail.off': say(503, 'MAIL_OFF', 'This server sends no mail'),

  'guest.off': say(403, 'GUESTS_OFF', 'This server has no guests'),
  'guest.unknown': say(404, 'GUEST_UNKNOWN', 'There is no such guest'),
  'guest.refuses': say(409, 'GUEST_REFUSES', 'This person wants no encrypted mail from here'),
  'guest.item-unknown': say(404, 'ITEM_UNKNOWN', 'There is no such mail, or its time is over'),
  'guest.pin-wrong': say(403, 'PIN_WRONG', 'The PIN is wrong'),
  'guest.has-password': say(409, 'PASSWORD_EXISTS', 'A password was chosen already'),
  'guest.answer-wrong': say(403, 'ANSWER_WRONG', 'The answer is wrong'),
  'guest.reset-invalid': say(403, 'RESET_INVALID', 'This link is over: ask for another one'),
} satisfies Record<Exclude<Reason, Unspoken>, Answer>

const spoken = ({ status, code, message }: Answer, more: object = {}, headers: Record<string, string> = {}): Response =>
  jsonAnswer({ errorCode: code, errorMessage: message, ...more }, { status, headers })

/** Some reasons have other words where it is not about a message, or where a call takes no token. */
function otherWords({ reason, facts }: Pick<Refusal, 'reason' | 'facts'>): string | null {
  if (reason === 'key.password-missing' && facts.params) return KEY_PASSWORD_ONLY
  return reason === 'mail.no-recipient' && facts.why === 'file' ? FOR_NOBODY : null
}

const named = new Set<Reason>(['input.invalid', 'mail.recipient-without-key', 'mail.sender-foreign'])

/**
 * How a protocol about mail speaks refusals: `own` goes before what they all say, and may depend on the facts. What the
 * caller wrote himself is named: faulty parameters, addresses without a key.
 */
export const mailRefusals = (own: Partial<Record<Reason, Answer | ((facts: RefusalFacts) => Answer)>> = {}) => {
  const all: typeof own = { ...answers, ...own }
  return ({ reason, facts }: Refusal): Response => {
    const answer = all[reason] ?? badParameter
    const { status, code, message: usual } = typeof answer === 'function' ? answer(facts) : answer
    const message = otherWords({ reason, facts }) ?? usual
    const names = named.has(reason) ? (facts.params ?? []) : []
    const words = names.length > 0 ? `${message}: ${names.join(', ')}` : message
    const more = reason === 'mail.recipient-without-key' ? { recipients: names, reasons: facts.reasons } : {}
    const wait = facts.retryAfter === undefined ? {} : { 'Retry-After': String(facts.retryAfter) }
    return spoken({ status, code, message: words }, more, wait as Record<string, string>)
  }
}

export const fault = (): Response => spoken(say(500, 'INTERNAL_ERROR', 'Something went wrong here'))
