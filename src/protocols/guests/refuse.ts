import { mailRefusals, say } from '#src/http/mail-refusals.ts'

/** He has one password for all, chooses it here, and knows nothing of what his answer becomes. */
export const refuse = mailRefusals({
  'input.too-large': say(413, 'PAYLOAD_TOO_LARGE', 'This is too large'),
  'key.password-wrong': say(403, 'KEY_PASSWORD_WRONG', 'The password is wrong'),
  'key.password-short': say(400, 'PASSWORD_SHORT', 'The password is too short'),
  'mail.sent-already': say(409, 'ALREADY_SENT', 'This answer was sent already'),
})
