import { z } from 'zod'
import type { About, PasswordFault, PasswordPolicy, Reason, Refusal } from '#src/domain/refusals.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { passwordFaults } from './password-words.ts'

type Answer = readonly [status: number, errorCode: string, errorMessage: string]

const badParameter = [400, 'BAD_PARAMETER', 'A parameter is invalid, missing or unexpected'] as const
const authRequired = [401, 'AUTH_REQUIRED', 'A session is required: sign in'] as const
// One answer for every failed sign-in: what was wrong is nobody's business.
const authFailed = [401, 'AUTH_FAILED', 'The sign-in failed'] as const
const tooManyRequests = [429, 'TOO_MANY_REQUESTS', 'Too many tries: wait a little'] as const
const notAllowed = [403, 'NOT_ALLOWED_BY_POLICY', 'The policy of this server does not allow it'] as const
const passwordPolicy = [400, 'PASSWORD_POLICY', 'The new password does not meet the policy'] as const

/** What no endpoint of this protocol has to do with. */
type Unspoken = About<
  | 'key'
  | 'autocrypt'
  | 'contact'
  | 'mail'
  | 'sms'
  | 'message'
  | 'link'
  | 'signup'
  | 'api-key'
  | 'enrolment'
  | 'policy'
  | 'picture'
  | 'resource'
  | 'guest'
  | 'support'
>

/**
 * 401 means one thing only, that no session can be used: real clients answer it by throwing theirs away and signing in
 * again. So a wrong password at the security check is a 403, and a wrong code a 400.
 */
const answers = {
  'input.invalid': badParameter,
  'input.unreadable': [400, 'BAD_PARAMETER', 'The request is not well-formed JSON in UTF-8'],
  'input.too-large': [413, 'PAYLOAD_TOO_LARGE', 'The request is too large'],
  'input.slow': [408, 'REQUEST_TIMEOUT', 'The request took too long to arrive'],
  'endpoint.unknown': [404, 'NOT_FOUND', 'There is nothing here'],
  'method.unsupported': [
    405,
    'METHOD_NOT_ALLOWED',
    'The method does not fit this path: the header Allow says which do',
  ],
  'feature.missing': [501, 'NOT_AVAILABLE', 'This server does not offer it'],
  'rate.exceeded': tooManyRequests,
  'server.busy': [503, 'SERVER_BUSY', 'The server is busy: try again'],

  'session.missing': authRequired,
  'session.invalid': authRequired,
  'session.expired': authRequired,
  'session.unproven': authRequired,
  'session.partial': [403, 'TWO_FACTOR_REQUIRED', 'The second step of the sign-in is still to come: POST /login/2fa'],
  'session.setup': [
    403,
    'TWO_FACTOR_SETUP_REQUIRED',
    '2-step verification must be set up first: add a method, then POST /account/security/2fa',
  ],
  'session.delegated': [
    403,
    'NOT_AVAILABLE_WITH_OAUTH',
    'A session that was opened with an access token or an app password cannot do this',
  ],
  'session.unknown': [404, 'NOT_FOUND', 'There is no such session'],
  'elevation.missing': [403, 'SECURITY_TOKEN_REQUIRED', 'A securityToken is required: check the password first'],
  'elevation.invalid': [
    403,
    'SECURITY_TOKEN_INVALID',
    'The securityToken is unknown, too old or of another session: check the password again',
  ],
  'elevation.step-missing': [
    403,
    'SECOND_STEP_REQUIRED',
    'The second step is needed too: send its token, a recovery code or a passkey’s answer along',
  ],
  'access.denied': [403, 'ACCESS_DENIED', 'This is not permitted'],

  'credentials.invalid': authFailed,
  'credentials.delayed': tooManyRequests,
  'account.suspended': authFailed,
  'account.unconfirmed': authFailed,
  'password.wrong': [403, 'INVALID_PASSWORD', 'The password is wrong'],
  'password.change-required': [
    403,
    'PASSWORD_CHANGE_REQUIRED',
    'The password must be changed first: POST /account/password/set',
  ],
  'password.weak': passwordPolicy,
  'password.reused': passwordPolicy,
  'password.too-young': passwordPolicy,
  'password.fixed': [403, 'NOT_ALLOWED_BY_POLICY', 'Only an administrator may change this password'],
  'password.not-due': [403, 'PASSWORD_CHANGE_NOT_DUE', 'The password need not be changed: use /account/password/reset'],
  'refresh.invalid': authFailed,
  'challenge.invalid': [403, 'NO_SECOND_STEP', 'This session does not wait for a second step'],
  'challenge.failed': authFailed,
  'factor.required': authFailed,
  'captcha.required': authFailed,

  'recovery.off': notAllowed,
  'recovery.token-invalid': [
    400,
    'INVALID_RECOVERY_TOKEN',
    'The recoveryToken is wrong, too old or was used: have a new one sent',
  ],
  'recovery.unneeded': [403, 'TWO_FACTOR_NOT_ACTIVE', 'There is no second step to recover'],

  'account.unknown': [404, 'NOT_FOUND', 'There is no such account'],
  'account.exists': badParameter,
  'account.email-invalid': badParameter,
  'account.role-invalid': badParameter,

  'factor.unknown': [404, 'NOT_FOUND', 'There is no such security method'],
  'factor.kind-off': notAllowed,
  'factor.kind-unfit': [400, 'BAD_PARAMETER', 'This kind of security method cannot do that'],
  'factor.target-invalid': [
    400,
    'BAD_PARAMETER',
    'The target does not fit the method: a mail address elsewhere, a number as +41446681800, or none',
  ],
  'factor.exists': [400, 'METHOD_EXISTS', 'There is an active security method with this target already'],
  'factor.limit': [403, 'TOO_MANY_METHODS', 'There are too many security methods: remove one first'],
  'factor.in-use': [
    403,
    'METHOD_IN_USE',
    '2-step verification needs this security method: add another first, or turn it off',
  ],
  'factor.unfinished': badParameter,
  'code.invalid': [
    400,
    'INVALID_TOKEN',
    'The totpToken is wrong or too old: enter the one shown now, or have a new one sent',
  ],
  'code.used': [400, 'TOKEN_ALREADY_USED', 'The totpToken was used before: wait for the next one'],
  'code.too-soon': tooManyRequests,
  'code.too-many': tooManyRequests,
  'code.unsendable': [503, 'DELIVERY_UNAVAILABLE', 'A token cannot be sent this way at the moment'],
  'two-step.off': [403, 'TWO_FACTOR_NOT_ACTIVE', '2-step verification is not active'],
  'two-step.mandatory': [403, 'TWO_FACTOR_MANDATORY', '2-step verification is mandatory here'],

  'passkey.off': notAllowed,
  'passkey.unknown': [404, 'NOT_FOUND', 'There is no such passkey'],
  'passkey.exists': [400, 'PASSKEY_EXISTS', 'This passkey is registered already'],
  'passkey.invalid': [
    400,
    'INVALID_PASSKEY',
    'The passkey’s answer is wrong, too old or was used: ask for options again',
  ],
  'passkey.limit': [403, 'TOO_MANY_PASSKEYS', 'There are too many passkeys: remove one first'],
  'app-password.off': notAllowed,
  'app-password.unknown': [404, 'NOT_FOUND', 'There is no such app password'],
  'app-password.limit': [403, 'TOO_MANY_APP_PASSWORDS', 'There are too many app passwords: remove one first'],
  'device.off': notAllowed,
  'device.unknown': [404, 'NOT_FOUND', 'There is no such trusted device'],
  'device.unproven': [
    403,
    'SECOND_STEP_REQUIRED',
    'Only a session that has just passed its second step can trust its device',
  ],
} satisfies Record<Exclude<Reason, Unspoken>, Answer>

const answerTo = (reason: Reason): Answer => (answers as Partial<Record<Reason, Answer>>)[reason] ?? badParameter

/** What may stand beside the words: what a new password must be like, and which of that this one was not. */
interface Beside {
  passwordPolicy?: PasswordPolicy
  passwordFault?: PasswordFault
}

/** How it looks to who writes a client. */
export const Refused = z.object({
  errorCode: z.string(),
  errorMessage: z.string(),
  passwordPolicy: z
    .object({
      minLength: z.number(),
      maxLength: z.number(),
      mustInclude: z.string(),
      historySize: z.number().optional(),
      renewalInterval: z.number().optional(),
    })
    .optional(),
  passwordFault: z.enum(Object.keys(passwordFaults) as [PasswordFault, ...PasswordFault[]]).optional(),
})

const spoken = (
  [status, errorCode, errorMessage]: Answer,
  beside: Beside = {},
  headers: Record<string, string> = {},
): Response => jsonAnswer({ errorCode, errorMessage, ...beside }, { status, headers })

/** What is to be mended, for whoever writes a client or chooses a password. */
function detail({ reason, facts: { params, newPassword } }: Refusal): string {
  if (newPassword) return `: ${passwordFaults[newPassword.fault](newPassword.policy)}`
  return reason === 'input.invalid' && params?.length ? `: ${params.join(', ')}` : ''
}

/** Speaks a refusal as this protocol does. */
export function refuse(refusal: Refusal): Response {
  const { retryAfter, newPassword } = refusal.facts
  const [status, code, words] = answerTo(refusal.reason)
  return spoken(
    [status, code, words + detail(refusal)],
    newPassword ? { passwordPolicy: newPassword.policy, passwordFault: newPassword.fault } : {},
    retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) },
  )
}

const internalError = [500, 'INTERNAL_ERROR', 'Something went wrong here'] as const

export const fault = (): Response => spoken(internalError)

/** Everything that this protocol says no with: its table in docs/mailbox.md is made of it. */
export const everyAnswer: readonly Answer[] = [...Object.values(answers), internalError]
