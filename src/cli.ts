import { BadSettings, readConfig, unknownSettings } from './config.ts'
import { printedConfig } from './config-text.ts'
import { environment } from './environment.ts'
import { serve } from './serve.ts'

interface Verb {
  what: string
  does(): Promise<void> | void
}

async function support(noun: 'account' | 'domain'): Promise<void> {
  const { supportCommand } = await import('./support/command.ts')
  const { ownTerminal } = await import('./support/terminal.ts')
  const call = { args: process.argv.slice(3), environment: environment(), terminal: ownTerminal() }
  process.exitCode = await supportCommand(noun, call)
}

const verbs: Record<string, Verb> = {
  serve: { what: 'run the server, as npm start does', does: () => serve(environment()) },
  config: {
    what: 'print the settings in force, secrets masked',
    does() {
      console.log(printedConfig(readConfig(environment())))
      for (const setting of unknownSettings(environment())) console.error(`${setting}: there is no such setting`)
    },
  },
  gateway: {
    what: 'run the mail gateway in a process of its own: docs/gateway.md',
    async does() {
      const { serveGateway } = await import('./serve-gateway.ts')
      await serveGateway(environment())
    },
  },
  mail: {
    what: 'look at the mails that people get, by your templates: mail preview [NAME] [--open] (mail help)',
    async does() {
      const { mailCommand } = await import('./preview/command.ts')
      const { ownTerminal } = await import('./support/terminal.ts')
      const call = { args: process.argv.slice(3), environment: environment(), terminal: ownTerminal() }
      process.exitCode = await mailCommand(call)
    },
  },
  import: {
    what: 'take over accounts: import openwifi <SQLite file or postgres URL> [--dry-run]',
    async does() {
      const { importCommand } = await import('./import/command.ts')
      process.exitCode = await importCommand(process.argv.slice(3), environment())
    },
  },
  account: {
    what: 'help people with their accounts: show|unlock|reset-mfa|sign-out|add-address|remove-address|set-policy ADDRESS (account help)',
    does: () => support('account'),
  },
  domain: {
    what: 'decide for a whole domain: show|set-policy DOMAIN (domain help)',
    does: () => support('domain'),
  },
  help: {
    what: 'print this',
    does() {
      console.log('chatelaine <verb>\n')
      for (const [name, { what }] of Object.entries(verbs)) console.log(`  ${name.padEnd(10)}${what}`)
      console.log('\nSettings are environment variables: docs/settings.md.')
    },
  },
}

const [name = 'help'] = process.argv.slice(2)
const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
if (!verb) {
  console.error(`There is no verb "${name}". \`chatelaine help\` lists them.`)
  process.exit(2)
}
try {
  await verb.does()
} catch (error) {
  console.error(error instanceof BadSettings ? `These settings cannot be used:\n${error.message}` : error)
  process.exit(1)
}
