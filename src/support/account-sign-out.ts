import { listSessions, signOutEverywhere } from '#src/domain/sessions/sessions.ts'
import { accountAt } from './finding.ts'
import { counted } from './text.ts'
import type { Verb } from './verb.ts'

export const accountSignOut: Verb = {
  takes: 'ADDRESS [--by NAME]',
  what: 'end every session of an account, in every protocol, at once',
  more: [
    'Tokens and refresh tokens are void, trusted devices are trusted no more, and links in mails do not work any more.',
    'A removal of second factors that waits is stopped.',
    'Password, second factors, app passwords and API keys stay.',
  ],
  examples: ['account sign-out ann@example.org'],
  options: ['by'],
  plan:
    ({ subject }) =>
    async ({ ctx, operator, origin, say }) => {
      const account = await accountAt(ctx, subject)
      const { length } = await listSessions(ctx, { account })
      await signOutEverywhere(ctx, { account, actor: operator.id, origin })
      say(`${account.email}: ${counted(length, 'session')} ended.`)
    },
}
