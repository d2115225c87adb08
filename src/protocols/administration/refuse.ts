import { mailRefusals, say } from '#src/http/mail-refusals.ts'

/** The words of the mail API, and those for what only happens here. */
export const refuse = mailRefusals({
  'account.unknown': say(404, 'NOT_FOUND', 'There is no such account'),
  'resource.unknown': say(404, 'NOT_FOUND', 'There is no such thing'),
  'sms.off': say(503, 'SMS_OFF', 'This server sends no SMS'),
  'message.in-hand': say(409, 'IN_HAND', 'It is being handed over at this moment'),
  'message.over': say(409, 'OVER', 'It has come to its end: sent, given up, or too old to be of use'),
  'elevation.missing': say(403, 'SECURITY_TOKEN_REQUIRED', 'A securityToken is required: check the password first'),
  'elevation.invalid': say(
    403,
    'SECURITY_TOKEN_INVALID',
    'The securityToken is unknown, too old or of another session: check the password again',
  ),
})
