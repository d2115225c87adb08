import { BadSettings, readConfig, unknownSettings } from './config.ts'
import { printedConfig } from './config-text.ts'
import { environment } from './environment.mjs'
import { keepCompiled } from './lib/compile-cache.mjs'
import type { Noun } from './support/command.ts'

interface Verb {
  what: string
  /** what there is to know about a verb that takes nothing; the others read what is typed behind them themselves */
  more?: string
  does(args: readonly string[]): Promise<void> | void
}

async function support(noun: Noun, args: readonly string[]): Promise<void> {
  const { supportCommand } = await import('./support/command.ts')
  const { ownTerminal } = await import('./support/terminal.ts')
  const call = { args, environment: environment(), terminal: ownTerminal() }
  process.exitCode = await supportCommand(noun, call)
}

const verbs: Record<string, Verb> = {
  serve: {
    what: 'run the server, as npm start does',
    more: 'It makes the data folder where there is none, and ends in good order on SIGTERM.',
    async does() {
      keepCompiled(environment())
      const { serve } = await import('./serve.ts')
      await serve(environment())
    },
  },
  config: {
    what: 'print the settings in force, secrets masked',
    more: 'Settings that there are not are named, too.',
    does() {
      console.log(printedConfig(readConfig(environment())))
      for (const setting of unknownSettings(environment())) console.error(`${setting}: there is no such setting`)
    },
  },
  gateway: {
    what: 'run the mail gateway in a process of its own: docs/gateway.md',
    more: [
      'It works beside the server, with the settings of that server: CHATELAINE_DATA, CHATELAINE_DATABASE_URL and',
      'CHATELAINE_PUBLIC_URL above all. The server has to have started once. It ends in good order on SIGTERM.',
      '',
      '  CHATELAINE_GATEWAY_LISTEN           where mail on its way out is taken; 127.0.0.1:10025 when neither is set',
      '  CHATELAINE_GATEWAY_INCOMING_LISTEN  where mail on its way in is taken',
      '  CHATELAINE_GATEWAY_NEXT_HOP         the mail server that gets all of it; CHATELAINE_SMTP_URL when it is not set',
    ].join('\n'),
    async does() {
      keepCompiled(environment())
      const { serveGateway } = await import('./serve-gateway.ts')
      await serveGateway(environment())
    },
  },
  mail: {
    what: 'look at the mails that people get, by your templates: mail preview [NAME] [--open] (mail help)',
    async does(args) {
      const { mailCommand } = await import('./preview/command.ts')
      const { ownTerminal } = await import('./support/terminal.ts')
      const call = { args, environment: environment(), terminal: ownTerminal() }
      process.exitCode = await mailCommand(call)
    },
  },
  import: {
    what: 'take over accounts: import openwifi <SQLite file or postgres URL> [--dry-run]',
    async does(args) {
      const { importCommand } = await import('./import/command.ts')
      process.exitCode = await importCommand(args, environment())
    },
  },
  move: {
    what: 'move this house from SQLite to PostgreSQL: move --to postgres://user@host/name [--dry-run] (move help)',
    async does(args) {
      const { moveCommand } = await import('./moving/command.ts')
      const { ownTerminal } = await import('./support/terminal.ts')
      const call = { args, environment: environment(), terminal: ownTerminal(), screen: process.stderr }
      process.exitCode = await moveCommand(call)
    },
  },
  account: {
    what: 'help people with their accounts: show|unlock|reset-mfa|sign-out|add-address|remove-address|set-policy ADDRESS (account help)',
    does: (args) => support('account', args),
  },
  domain: {
    what: 'decide for a whole domain: show|set-policy DOMAIN (domain help)',
    does: (args) => support('domain', args),
  },
  backup: {
    what: 'make and check backups, say that one was made: backup make|check FILE, done database|key-file (backup help)',
    does: (args) => support('backup', args),
  },
  'key-file': {
    what: 'change the key that secrets are sealed under: list|add|use|rewrap|drop (key-file help)',
    does: (args) => support('key-file', args),
  },
  help: {
    what: 'print this, or what there is to know about a verb: help VERB',
    async does([of]) {
      if (of !== undefined) return run(of, ['--help'])
      console.log('chatelaine <verb>\n')
      for (const [name, { what }] of Object.entries(verbs)) console.log(`  ${name.padEnd(10)}${what}`)
      console.log('\nSettings are environment variables: docs/settings.md.')
    },
  },
}

/** A verb as it is typed, with what is behind it. */
async function run(name: string, args: readonly string[]): Promise<void> {
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (!verb) {
    console.error(`There is no verb "${name}". \`chatelaine help\` lists them.`)
    process.exit(2)
  }
  if (verb.more === undefined || args.length === 0) return verb.does(args)
  const [word = ''] = args
  if (['help', '--help', '-h'].includes(word)) {
    console.log(`chatelaine ${name}\n  ${verb.what}\n\n${verb.more}`)
    return
  }
  console.error(
    `"${word}" is one word too many: \`chatelaine ${name}\` takes none. Settings are environment variables.`,
  )
  process.exit(2)
}

const [name = 'help', ...args] = process.argv.slice(2)
try {
  await run(name, args)
} catch (error) {
  console.error(error instanceof BadSettings ? `These settings cannot be used:\n${error.message}` : error)
  process.exit(1)
}
