import { type Answer, mailRefusals, say } from '#src/http/mail-refusals.ts'

const locked = say(403, 'KEY_PASSWORD_REQUIRED', 'The key is locked: send the key password or an auth token')
const mailed = say(
  403,
  'KEY_PASSWORD_REQUIRED',
  'A first password was mailed: sign in with it (login?action=guest), then choose another one',
)
const pinAnswers: Record<string, Answer> = {
  missing: say(403, 'PIN_REQUIRED', 'A PIN is needed besides, which the sender knows'),
  locked: say(403, 'PIN_LOCKED', 'The PIN is locked after too many wrong ones: the sender has to write again'),
}
const pinWrong = say(403, 'PIN_WRONG', 'The PIN is wrong')

/** He has one password for all, chooses it here, and knows nothing of what his answer becomes. */
export const refuse = mailRefusals({
  'input.too-large': say(413, 'PAYLOAD_TOO_LARGE', 'This is too large'),
  'key.password-wrong': say(403, 'KEY_PASSWORD_WRONG', 'The password is wrong'),
  'key.password-short': ({ params: [least] = [] }) =>
    say(400, 'PASSWORD_SHORT', `The password is too short: it needs ${least} characters at least`),
  'key.password-missing': ({ why }) => (why === 'mailed' ? mailed : locked),
  'guest.pin-wrong': ({ why = '' }) => pinAnswers[why] ?? pinWrong,
  'key.recovery-off': say(403, 'RECOVERY_OFF', 'There is no second copy of the key: nobody can give it a new password'),
  'mail.sent-already': say(409, 'ALREADY_SENT', 'This answer was sent already'),
})
