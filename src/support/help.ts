import { policyKeyLines } from './policy-changes.ts'
import type { Verb } from './verb.ts'

const common = [
  'The command works beside a running server, with the settings of that server, and what it does holds at once.',
  'The record has who did it: --by NAME, else the user of this machine (before sudo).',
  '',
  'Exit codes: 0 it is done; 1 it cannot be done (no such account, a refused policy, a database that does not answer),',
  'and nothing was changed; 2 it was called in a wrong way, and nothing was looked at.',
]

/** What `chatelaine account help` says. */
export const helpOf = (noun: string, verbs: Readonly<Record<string, Verb>>): string =>
  [
    ...Object.entries(verbs).flatMap(([name, verb]) => [
      `chatelaine ${noun} ${name} ${verb.takes}`.trimEnd(),
      `  ${verb.what}`,
      '',
      ...verb.more.map((line) => `    ${line}`),
      '',
      ...verb.examples.map((example) => `    chatelaine ${example}`),
      '',
    ]),
    ...('set-policy' in verbs ? ['Policy keys', ...policyKeyLines(), ''] : []),
    ...common,
  ].join('\n')
