import type { Context } from '#src/context.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { resetSecondStep } from '#src/domain/sessions/sessions.ts'
import { type AccountFile, accountFile } from '#src/domain/supporting/supporting.ts'
import { accountAt } from './finding.ts'
import { counted } from './text.ts'
import { NotDone, type Verb } from './verb.ts'

/** What goes with a reset, in words. */
function lostIn({ twoStep, appPasswords, sessions }: AccountFile): string {
  const open = Object.values(sessions).reduce((sum, count) => sum + count, 0)
  const kinds = [
    [twoStep.methods.length, 'method'],
    [twoStep.passkeys.length, 'passkey'],
    [twoStep.recoveryCodesLeft, 'recovery code'],
    [twoStep.trustedDevices.length, 'trusted device'],
    [appPasswords.length, 'app password'],
    [open, 'session'],
  ] as const
  const some = kinds.filter(([count]) => count > 0).map(([count, kind]) => counted(count, kind))
  return some.join(', ') || 'nothing, for there was nothing'
}

const noticeLine = ({ carriers }: Context): string =>
  carriers.mailer
    ? 'A notice to the mailbox is queued. The running server sends it; while none runs, it waits, two days at the most.'
    : 'A notice to the mailbox is queued, but these settings name no SMTP server (CHATELAINE_SMTP_URL).'

export const accountResetMfa: Verb = {
  takes: 'ADDRESS [--yes] [--by NAME]',
  what: 'take all second factors from an account whose owner lost them',
  more: [
    'Removes methods, passkeys, recovery codes, trusted devices and app passwords, turns 2-step verification off and',
    'ends every session. From then on the password alone opens the account: be sure who asks. Where the policy makes',
    'a second step mandatory, a new one has to be set up. The mailbox is told. On a terminal it asks first;',
    '--yes answers for you, and is needed where nobody can be asked.',
  ],
  examples: ['account reset-mfa ann@example.org', 'account reset-mfa ann@example.org --yes --by "Ben, ticket 4711"'],
  options: ['by', 'yes'],
  plan:
    ({ subject, options }) =>
    async ({ ctx, operator, origin, say, confirm }) => {
      const account = await accountAt(ctx, subject)
      const lost = lostIn(await accountFile(ctx, account))
      const question = `${account.email} loses ${lost}, and its password alone will open it. Do it?`
      if (!options.yes && !(await confirm(question))) throw new NotDone('Nothing was changed.')
      const note = `MFA Reset by ${operator.email}`
      await resetSecondStep(ctx, { caller: operator, id: account.id, note, origin })
      say(`${account.email}: 2-step verification is off. Gone: ${lost}.`)
      const { twoStep, twoStepGraceDays: days } = await policyOf(ctx, account)
      const until =
        days === 0 ? 'at the next sign-in' : `within ${counted(days, 'day')} of the sign-in that first met it`
      if (twoStep === 'mandatory') say(`The policy makes a second step mandatory: a new one has to be set up ${until}.`)
      say(noticeLine(ctx))
    },
}
