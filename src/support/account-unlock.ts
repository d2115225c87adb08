import { unlockAccount } from '#src/domain/accounts/accounts.ts'
import { accountAt } from './finding.ts'
import { counted } from './text.ts'
import type { Verb } from './verb.ts'

export const accountUnlock: Verb = {
  takes: 'ADDRESS [--by NAME]',
  what: 'let somebody try again who failed too often, or was suspended',
  more: [
    'Forgets the failed tries of all addresses of the account: passwords, second steps, changes of the password,',
    'key passwords. Lifts a suspension. A black-listing stays, and so does the wait of a whole client network that',
    'failed too often: it is not about this account.',
  ],
  examples: ['account unlock ann@example.org', 'account unlock ann@example.org --by "Ben, ticket 4711"'],
  options: ['by'],
  plan:
    ({ subject }) =>
    async ({ ctx, operator, origin, say }) => {
      const account = await accountAt(ctx, subject)
      const { forgotten, wasSuspended } = await unlockAccount(ctx, { caller: operator, id: account.id, origin })
      say(
        `${account.email}: ${forgotten === 0 ? 'no failed tries were counted' : `${counted(forgotten, 'count')} of failed tries forgotten`}.`,
      )
      say(wasSuspended ? 'The suspension is lifted.' : 'It was not suspended.')
      if (account.black_listed) say('It is black-listed, which this does not lift: nobody signs in to it.')
      if (account.awaiting_confirmation)
        say('It waits for its mailbox to be confirmed: nobody signs in to it before that.')
    },
}
