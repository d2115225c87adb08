import { mailRefusals, say } from '#src/http/mail-refusals.ts'

/** The words of the mail API, and those for what only happens here. */
export const refuse = mailRefusals({
  'account.unknown': say(404, 'NOT_FOUND', 'There is no such account'),
  'resource.unknown': say(404, 'NOT_FOUND', 'There is no such thing'),
  'sms.off': say(503, 'SMS_OFF', 'This server sends no SMS'),
  'message.in-hand': say(409, 'IN_HAND', 'It is being handed over at this moment'),
  'message.over': say(409, 'OVER', 'It has come to its end: sent, given up, or too old to be of use'),
  'account.exists': say(409, 'ADDRESS_TAKEN', 'This address leads to an account already'),
  'account.email-invalid': say(400, 'ADDRESS_INVALID', 'This is not a mail address'),
  'policy.contradictory': ({ params = [] }) =>
    say(409, 'POLICY_CONTRADICTORY', `Nobody could keep this policy: ${params.join('; ')}`),
  'key.none': say(409, 'NO_KEY', 'There is no key'),
  'key.public-only': say(409, 'NO_KEY', 'There is no secret key'),
  'key.recovery-off': say(409, 'NO_RECOVERY', 'There is no second copy of the key that could be opened'),
  'elevation.missing': say(403, 'SECURITY_TOKEN_REQUIRED', 'A securityToken is required: check the password first'),
  'elevation.invalid': say(
    403,
    'SECURITY_TOKEN_INVALID',
    'The securityToken is unknown, too old or of another session: check the password again',
  ),
})
