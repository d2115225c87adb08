import { parseArgs } from 'node:util'
import { BadSettings } from '#src/config.ts'
import { accountAddAddress, accountRemoveAddress } from './account-addresses.ts'
import { accountResetMfa } from './account-reset-mfa.ts'
import { accountShow } from './account-show.ts'
import { accountSignOut } from './account-sign-out.ts'
import { accountUnlock } from './account-unlock.ts'
import { backupCheck } from './backup-check.ts'
import { backupDone } from './backup-done.ts'
import { backupMake } from './backup-make.ts'
import { helpOf } from './help.ts'
import { inHouse } from './house.ts'
import { keyFileAdd, keyFileDrop, keyFileList, keyFileRewrap, keyFileUse } from './key-file.ts'
import { operatorOf } from './operator.ts'
import { accountSetPolicy, domainSetPolicy, domainShow } from './set-policy.ts'
import type { Terminal } from './terminal.ts'
import { plain } from './text.ts'
import { Misuse, NotDone, type Options, type Verb } from './verb.ts'

const nouns = {
  account: {
    show: accountShow,
    unlock: accountUnlock,
    'reset-mfa': accountResetMfa,
    'sign-out': accountSignOut,
    'add-address': accountAddAddress,
    'remove-address': accountRemoveAddress,
    'set-policy': accountSetPolicy,
  },
  domain: { show: domainShow, 'set-policy': domainSetPolicy },
  backup: { make: backupMake, check: backupCheck, done: backupDone },
  'key-file': { list: keyFileList, add: keyFileAdd, use: keyFileUse, rewrap: keyFileRewrap, drop: keyFileDrop },
} as const satisfies Record<string, Record<string, Verb>>

export type Noun = keyof typeof nouns

/** Exit codes; what is not done has changed nothing. */
const DONE = 0
const NOT_DONE = 1
const MISUSED = 2

type Environment = Record<string, string | undefined>

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        by: { type: 'string' },
        yes: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new Misuse(plain((error as Error).message.split('.')[0]!))
  }
}

async function confirm({ ask }: Terminal, question: string): Promise<boolean> {
  if (!ask) throw new Misuse('There is nobody to be asked: say --yes if you mean it.')
  return /^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim())
}

function verbNamed(noun: Noun, name: string): Verb {
  const verbs: Record<string, Verb> = nouns[noun]
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (!verb) throw new Misuse(`There is no "${plain(`${noun} ${name}`)}".`)
  return verb
}

/** What was typed, read to the last word before anything is opened. Null when it asks how to ask. */
function planned(noun: Noun, args: readonly string[]) {
  const { positionals, values } = parsed(args)
  const [name, ...typed] = positionals
  const { help, ...options } = values
  if (help || name === 'help') return null
  if (name === undefined) throw new Misuse(`${noun} what? There are: ${Object.keys(nouns[noun]).join(', ')}.`)
  const verb = verbNamed(noun, name)
  const foreign = Object.keys(options).find((option) => !verb.options.includes(option as keyof Options))
  if (foreign) throw new Misuse(`${noun} ${name} takes no --${foreign}.`)
  const [subject = '', ...words] = verb.subject === 'none' ? ['', ...typed] : typed
  if (!subject && !verb.subject) throw new Misuse(`It is ${noun} ${name} ${verb.takes}.`)
  if (words.length > 0 && !verb.values) throw new Misuse(`"${plain(words[0]!)}" is one word too many.`)
  return { act: verb.plan({ subject, values: words, options }), by: options.by }
}

interface Call {
  args: readonly string[]
  environment: Environment
  terminal: Terminal
}

async function run(noun: Noun, { args, environment, terminal }: Call): Promise<void> {
  const plan = planned(noun, args)
  if (!plan) return terminal.say(helpOf(noun, nouns[noun]))
  const operator = operatorOf(plan.by, environment)
  const origin = { protocol: 'cli', network: 'local', agent: '' }
  const { say } = terminal
  await inHouse(environment, (ctx) =>
    plan.act({ ctx, operator, origin, say, confirm: (question) => confirm(terminal, question) }),
  )
}

/** Does what the support desk asks for; returns the exit code. Faults of the settings are thrown. */
export async function supportCommand(noun: Noun, call: Call): Promise<number> {
  try {
    await run(noun, call)
    return DONE
  } catch (error) {
    if (error instanceof BadSettings) throw error
    const { complain } = call.terminal
    if (error instanceof Misuse) {
      complain(`${error.message}\n\`chatelaine ${noun} help\` explains how it is called.`)
      return MISUSED
    }
    const { message, code, stack } = error as NodeJS.ErrnoException
    if (error instanceof NotDone) complain(message)
    else if (call.environment.CHATELAINE_LOG_LEVEL === 'debug') complain(`${stack}`)
    else complain(`It could not be done: ${message || code}`)
    return NOT_DONE
  }
}
