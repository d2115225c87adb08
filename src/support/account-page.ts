import type { AccountFile } from '#src/domain/supporting/supporting.ts'
import { policyLines } from './policy-page.ts'
import { counted, plain, type Row, rowsOf, shownTime } from './text.ts'

const titled = (title: string, lines: readonly string[]): string[] => ['', title, ...lines]

const none = ['  none']

function standing({ isSuspended, isBlackListed, awaitsConfirmation, password }: AccountFile): string {
  const faults = [
    isSuspended && 'suspended',
    isBlackListed && 'black-listed',
    awaitsConfirmation && 'waits for its mailbox to be confirmed',
    password.mustChange && 'must change the password',
  ].filter((fault) => fault !== false)
  return faults.join(', ') || 'in order'
}

function passwordAge({ isSet, changed, ageDays, expires }: AccountFile['password']): string {
  if (!isSet) return 'none'
  const age = ageDays === null ? '' : ` (${counted(ageDays, 'day')} ago)`
  return `changed ${shownTime(changed)}${age}${expires ? `, expires ${shownTime(expires)}` : ''}`
}

function person(file: AccountFile): string[] {
  const rows: Row[] = [
    ['addresses', [file.address, ...file.otherAddresses].map(plain).join(', ')],
    ['name', plain(file.name) || '–'],
    ['account', file.id],
    ['what', `${file.population}, role ${file.role}, made ${shownTime(file.created)}`],
    ['state', standing(file)],
    ['last sign-in', shownTime(file.lastSignIn)],
    ['password', passwordAge(file.password)],
  ]
  return [plain(file.address), ...rowsOf(rows)]
}

const used = ({ created, lastUsed }: { created: string | null; lastUsed: string | null }): string =>
  `made ${shownTime(created)}, used ${shownTime(lastUsed)}`

function secondStep({ isOn, ...step }: AccountFile['twoStep']): string[] {
  const rows: Row[] = [
    ['2-step verification', isOn ? 'on' : 'off'],
    ...step.methods.map((one): Row => {
      const what = [plain(one.name), one.target].filter((part) => part !== '').join(' ')
      return [one.method, `${what ? `${what}, ` : ''}${used(one)}${one.isSecondStep ? '' : ', no second step for now'}`]
    }),
    ...step.passkeys.map((one): Row => ['passkey', `${plain(one.name) || '–'}, ${used(one)}`]),
    ['recovery codes', `${step.recoveryCodesLeft} left`],
    ...step.trustedDevices.map(
      (one): Row => ['trusted device', `${plain(one.name) || '–'}, ${used(one)}, until ${shownTime(one.expires)}`],
    ),
  ]
  const due: Row[] = step.removalDue ? [['removal of all', `due ${shownTime(step.removalDue)}`]] : []
  return rowsOf([...rows, ...due])
}

const appPasswords = ({ appPasswords }: AccountFile): string[] =>
  appPasswords.length === 0
    ? none
    : rowsOf(appPasswords.map((one): Row => [plain(one.name), `${one.scopes.join(' ')}, ${used(one)}`]))

const sessions = ({ sessions }: AccountFile): string[] => {
  const rows = Object.entries(sessions).map(([protocol, count]): Row => [protocol, String(count)])
  return rows.length === 0 ? none : rowsOf(rows)
}

/** What is counted, in words; a kind that is not here is shown by its name. */
const kindsOfTry: Record<string, string> = {
  pair: 'password, from one network',
  account: 'password, from networks it never signed in from',
  captcha: 'password, until a captcha is asked for',
  'second-step': 'second step',
  'password-change': 'change of the password',
  key: 'key password',
}

const tries = ({ failedTries }: AccountFile): string[] =>
  failedTries.length === 0
    ? none
    : rowsOf(
        failedTries.map(({ kind, failures, waitSeconds }): Row => {
          const wait = waitSeconds > 0 ? `next try in ${waitSeconds} s` : 'no wait'
          return [kindsOfTry[kind] ?? kind, `${counted(failures, 'failure')}, ${wait}`]
        }),
      )

const events = ({ events }: AccountFile): string[] =>
  rowsOf(
    events.map(({ at, event, protocol, network, actor, actorAddress, detail }): Row => {
      const facts = Object.entries(detail)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => `${name}=${plain(String(value))}`)
      const who = actor === null ? [] : [`by ${plain(actorAddress ?? actor)}`]
      return [shownTime(at), [event, protocol, network, ...who, ...facts].join('  ')]
    }),
  )

/** The file of an account for people. */
export const accountPage = (file: AccountFile): string =>
  [
    ...person(file),
    ...titled('Second step', secondStep(file.twoStep)),
    ...titled('App passwords', appPasswords(file)),
    ...titled('Sessions', sessions(file)),
    ...titled('Failed tries', tries(file)),
    ...titled('Policy', policyLines(file.policy)),
    ...titled('Last events', events(file)),
  ].join('\n')
