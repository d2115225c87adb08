import { mailRefusals, say } from '#src/http/mail-refusals.ts'

/** The words of the mail API, and those for what only happens here. */
export const refuse = mailRefusals({
  'account.unknown': say(404, 'NOT_FOUND', 'There is no such account'),
  'elevation.missing': say(403, 'SECURITY_TOKEN_REQUIRED', 'A securityToken is required: check the password first'),
  'elevation.invalid': say(
    403,
    'SECURITY_TOKEN_INVALID',
    'The securityToken is unknown, too old or of another session: check the password again',
  ),
})
