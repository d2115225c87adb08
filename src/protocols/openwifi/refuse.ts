import { type About, type Reason, Refusal } from '#src/domain/refusals.ts'
import type { Incoming } from '#src/http/endpoint.ts'
import { json } from './reply.ts'

/** Why somebody is turned away: the number is the ErrorCode of a 403, and clients decide by it. */
const denials = {
  1: 'Password change required',
  2: 'Invalid credentials.',
  3: 'Password already used.',
  4: 'Username pending verification.',
  5: 'Password is invalid',
  7: 'Access denied.',
  8: 'Invalid token.',
  9: 'Expired token.',
  10: 'Rate limit exceeded.',
  11: 'Bad MFA transaction.',
  12: 'MFA failure.',
  14: 'Cannot refresh token.',
  15: 'Account has been suspended.',
} as const

/** What is wrong with a request: the number is only a part of the text of a 400, which people get to read. */
const complaints = {
  1002: 'Internal error. Please try later.',
  1003: 'Invalid JSON document.',
  1004: 'Unsupported HTTP Method',
  1018: 'Invalid or missing parameters.',
  1031: 'Invalid command.',
  1037: 'Missing user ID.',
  1038: 'To create a user, you must set the ID to 0',
  1039: 'Invalid userRole.',
  1040: 'Invalid email address.',
  1041: 'Password was rejected. This maybe an old password.',
  1044: 'You must provide at least one validated phone number.',
  1045: 'MFA only supports sms or email.',
  1047: 'Password does not conform to basic password rules.',
  1050: 'Ill-formed request. Please consult documentation.',
  1055: 'Authenticator validation is not complete.',
  1056: 'SMS could not be sent to validate device, try later or change the phone number.',
  1057: 'Code and number could not be validated',
  1061: 'Username already exists.',
  1062: 'Function not implemented.',
  1084: 'SMS is not enabled in the security service.',
  1085: 'email is not enabled in the security service.',
  1086: 'Invalid code.',
  1087: 'Invalid index.',
  1088: 'Code is repeated. Must be new code.',
  1089: 'Invalid protocol sequence.',
  1090: 'No validation session present.',
  1091: 'This address has signed up already.',
  1092: 'Waiting for email check completion.',
  1093: 'Waiting for device.',
  1094: 'Missing phone number',
  1095: 'SMS could not be sent. Verify the number or try again later.',
  1096: "Missing 'challengeCode'",
  1147: 'API Key name must be unique.',
  1148: 'Too many API Keys have already been created.',
  1149: 'User must exist.',
  1150: 'API Key does not exist.',
} as const

export type Complaint = keyof typeof complaints

/** A fault of the request for which this protocol has a number of its own. */
export const complaint = (number: Complaint): Refusal => new Refusal('input.invalid', { params: [number] })

interface Words {
  status: number
  code: number
  text: string
}

const denied = (code: keyof typeof denials): Words => ({ status: 403, code, text: `${code}: ${denials[code]}` })
const bad = (number: Complaint): Words => ({ status: 400, code: 400, text: `${number}: ${complaints[number]}` })
const plain = (status: number, text: string): Words => ({ status, code: status, text: `${status}: ${text}` })

const missing = plain(404, 'Resource does not exist.')

/** What no endpoint of this protocol has to do with. */
type Unspoken =
  | About<
      | 'recovery'
      | 'passkey'
      | 'app-password'
      | 'device'
      | 'policy'
      | 'key'
      | 'autocrypt'
      | 'contact'
      | 'guest'
      | 'support'
    >
  | Exclude<About<'mail'>, 'mail.off'>
  | 'password.not-due'
  | 'message.in-hand'
  | 'message.over'

const words = {
  'input.invalid': bad(1003),
  'input.unreadable': bad(1002),
  'input.too-large': plain(413, 'The request is too large.'),
  'input.slow': plain(408, 'The request took too long.'),
  'endpoint.unknown': missing,
  'method.unsupported': bad(1004),
  'feature.missing': bad(1062),
  'rate.exceeded': denied(10),
  'server.busy': plain(503, 'The server is busy, try again in a moment.'),
  'session.missing': denied(8),
  'session.invalid': denied(8),
  'session.expired': denied(9),
  'session.unproven': denied(8),
  'session.partial': denied(12),
  'session.setup': denied(12),
  'session.delegated': denied(7),
  'session.unknown': missing,
  // Met by sessions of the mailbox protocol alone, whose clients know these words.
  'elevation.missing': { ...denied(7), text: 'SECURITY_TOKEN_REQUIRED' },
  'elevation.invalid': { ...denied(7), text: 'SECURITY_TOKEN_INVALID' },
  'elevation.step-missing': denied(12),
  'access.denied': denied(7),
  'credentials.invalid': denied(2),
  'credentials.delayed': denied(10),
  'account.suspended': denied(15),
  'account.unconfirmed': denied(4),
  'password.wrong': denied(2),
  'password.change-required': denied(1),
  'password.weak': bad(1047),
  'password.reused': bad(1041),
  'password.too-young': bad(1047),
  'password.fixed': denied(7),
  'refresh.invalid': denied(14),
  'challenge.invalid': denied(11),
  'challenge.failed': denied(12),
  'factor.required': denied(12),
  'captcha.required': denied(2),
  'account.unknown': missing,
  'account.exists': bad(1061),
  'account.email-invalid': bad(1040),
  'account.role-invalid': bad(1039),
  'resource.unknown': missing,
  'picture.unusable': bad(1018),
  'signup.done': bad(1091),
  'signup.awaiting-mail': bad(1092),
  'signup.awaiting-device': bad(1093),
  'api-key.unknown': bad(1150),
  'api-key.foreign': bad(1037),
  'api-key.exists': bad(1147),
  'api-key.limit': bad(1148),
  'mail.off': plain(503, 'email is not enabled in the security service.'),
  'sms.off': bad(1084),
  'message.refused': plain(500, 'The message was refused by its carrier.'),
  'link.invalid': missing,
  'factor.unknown': bad(1018),
  'factor.kind-off': bad(1045),
  'factor.kind-unfit': bad(1045),
  'factor.target-invalid': bad(1018),
  'factor.exists': bad(1018),
  'factor.limit': bad(1018),
  'factor.in-use': bad(1018),
  'factor.unfinished': bad(1055),
  'enrolment.none': bad(1090),
  'enrolment.order': bad(1089),
  'code.invalid': bad(1086),
  'code.used': bad(1088),
  'code.too-soon': denied(10),
  'code.too-many': denied(10),
  'code.unsendable': bad(1056),
  'two-step.off': bad(1018),
  'two-step.mandatory': denied(7),
} satisfies Record<Exclude<Reason, Unspoken>, Words>

// A new password is turned down with other numbers while signing in than in the record of a user.
const wordsAtSignIn: Partial<Record<Reason, Words>> = { 'password.weak': denied(5), 'password.reused': denied(3) }

/** A carrier's final no: a number of this protocol where there is one, and what the carrier said. */
function carrierSaid([first, ...more]: readonly (string | number)[]): Words {
  const number = typeof first === 'number' && first in complaints ? (first as Complaint) : null
  const { text } = number === null ? words['message.refused'] : bad(number)
  const said = (number === null && first !== undefined ? [first, ...more] : more).join('; ')
  return { status: 500, code: 500, text: said === '' ? text : `${text} (${said})` }
}

function wordsFor({ reason, facts }: Refusal, incoming: Incoming): Words {
  const [first] = facts.params ?? []
  if (reason === 'message.refused') return carrierSaid(facts.params ?? [])
  if (reason === 'input.invalid' && typeof first === 'number' && first in complaints) return bad(first as Complaint)
  // Well-formed, but no object.
  if (reason === 'input.unreadable' && first === 'body') return bad(1003)
  const isSignIn = /\/(sub)?oauth2$/.test(incoming.url.pathname)
  return (isSignIn && wordsAtSignIn[reason]) || (words as Partial<Record<Reason, Words>>)[reason] || bad(1018)
}

const spoken = ({ status, code, text }: Words, incoming: Incoming, headers: Record<string, string> = {}): Response =>
  json({ ErrorCode: code, ErrorDescription: text, ErrorDetails: incoming.method }, { status, headers })

export function refuse(refusal: Refusal, incoming: Incoming): Response {
  const { retryAfter } = refusal.facts
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }
  return spoken(wordsFor(refusal, incoming), incoming, headers)
}

export const fault = (incoming: Incoming): Response =>
  spoken({ status: 500, code: 500, text: `1002: ${complaints[1002]}` }, incoming)
