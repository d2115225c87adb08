import { mailRefusals, say } from '#src/http/mail-refusals.ts'

const locked = say(403, 'KEY_PASSWORD_REQUIRED', 'The key is locked: send the key password or an auth token')
const mailed = say(
  403,
  'KEY_PASSWORD_REQUIRED',
  'A first password was mailed: sign in with it (login?action=guest), then choose another one',
)
const pinWords: Record<string, string> = {
  missing: 'A PIN is needed besides, which the sender knows',
  locked: 'The PIN is locked after too many wrong ones: the sender has to write again',
}

/** He has one password for all, chooses it here, and knows nothing of what his answer becomes. */
export const refuse = mailRefusals({
  'input.too-large': say(413, 'PAYLOAD_TOO_LARGE', 'This is too large'),
  'key.password-wrong': say(403, 'KEY_PASSWORD_WRONG', 'The password is wrong'),
  'key.password-short': ({ params: [least] = [] }) =>
    say(400, 'PASSWORD_SHORT', `The password is too short: it needs ${least} characters at least`),
  'key.password-missing': ({ why }) => (why === 'mailed' ? mailed : locked),
  'guest.pin-wrong': ({ why = '' }) => say(403, 'PIN_WRONG', pinWords[why] ?? 'The PIN is wrong'),
  'mail.sent-already': say(409, 'ALREADY_SENT', 'This answer was sent already'),
})
