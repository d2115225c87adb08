import { accountFile } from '#src/domain/supporting/supporting.ts'
import { accountPage } from './account-page.ts'
import { accountAt } from './finding.ts'
import { policyByKey } from './policy-page.ts'
import type { Verb } from './verb.ts'

export const accountShow: Verb = {
  takes: 'ADDRESS [--json]',
  what: 'everything there is to know about an account, and no secret',
  more: [
    'Addresses, state, second step with its methods (masked), passkeys, recovery codes left, trusted devices,',
    'app passwords, sessions by protocol, failed tries with the waits in force, the policy and who said each value,',
    'and the last ten events. Times are UTC. Nothing is changed, nor written into the record.',
  ],
  examples: ['account show ann@example.org', 'account show ann@example.org --json | jq .failedTries'],
  options: ['json'],
  plan:
    ({ subject, options }) =>
    async ({ ctx, say }) => {
      const file = await accountFile(ctx, await accountAt(ctx, subject))
      say(options.json ? JSON.stringify({ ...file, policy: policyByKey(file.policy) }, null, 2) : accountPage(file))
    },
}
