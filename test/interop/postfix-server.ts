import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../demo/server-process.ts'
import { greets } from './dovecot-server.ts'

const POSTFIX = '/usr/sbin/postfix'
const DAEMONS = ['/usr/lib/postfix/sbin', '/usr/libexec/postfix'].find((path) => existsSync(path))

/** Why there is no Postfix to test with; false when there is. */
export const noPostfix: string | false =
  !existsSync(POSTFIX) || DAEMONS === undefined
    ? 'postfix is not installed'
    : process.getuid?.() !== 0 && 'postfix has to be started by root'

const shipped = readFileSync(fileURLToPath(new URL('../../docs/mail-servers/postfix-main.cf', import.meta.url)), 'utf8')

const main = (folder: string, authSocket: string, relay: string): string => `compatibility_level = 3.6
${shipped
  .replace('private/auth', authSocket)
  .replace('/etc/postfix/sender-login', join(folder, 'sender-login'))
  .replace('smtpd_tls_auth_only = yes', '')}
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = ${DAEMONS}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.org
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = ${relay}
alias_maps =
alias_database =
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
smtp_tls_security_level = none
smtp_sasl_auth_enable = no
`

const entrance = (port: number): string => `127.0.0.1:${port} inet n - n - - smtpd\n`

const services = [
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'tlsmgr unix - - n 1000? 1 tlsmgr',
  'rewrite unix - - n - - trivial-rewrite',
  'bounce unix - - n - 0 bounce',
  'defer unix - - n - 0 bounce',
  'trace unix - - n - 0 bounce',
  'verify unix - - n - 1 verify',
  'proxymap unix - - n - - proxymap',
  'smtp unix - - n - - smtp',
  'relay unix - - n - - smtp',
  'error unix - - n - - error',
  'retry unix - - n - - error',
  'anvil unix - - n - 1 anvil',
  'postlog unix-dgram n - n - 1 postlogd',
  '',
].join('\n')

export interface Postfix {
  port: number
  log(): string
  stop(): Promise<void>
}

/** What a test has besides: lines of main.cf, and of master.cf in the place of the one that takes mail. */
interface Further {
  main: string
  master: string
}

/**
 * A Postfix that asks at a socket of Dovecot's who may hand in mail, and passes it on to `relay`. With `further` it takes
 * mail as that says; at `port`, then, it has to take some.
 */
export async function startPostfix({
  authSocket,
  relay,
  port: wanted,
  further,
}: {
  authSocket: string
  relay: string
  port?: number
  further?: Further
}): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'postfix-'))
  chmodSync(folder, 0o755)
  for (const name of ['queue', 'conf']) mkdirSync(join(folder, name))
  const port = wanted ?? (await freePort())
  const { host } = new URL(relay)
  const conf = join(folder, 'conf')
  const { main: more = '', master = entrance(port) } = further ?? {}
  writeFileSync(join(conf, 'main.cf'), main(folder, authSocket, host.replace(/^(.*):/, '[$1]:')) + more)
  writeFileSync(join(conf, 'master.cf'), services + master)
  // Who is signed in writes under that address.
  writeFileSync(join(folder, 'sender-login'), '/^(.+)$/ $1\n')
  const run = async (command: string) => {
    const [status] = await once(spawn(POSTFIX, ['-c', conf, command], { stdio: 'ignore' }), 'exit')
    if (status !== 0) throw new Error(`postfix ${command}: ${status} ${log()}`)
  }
  const log = () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '')
  const stop = async () => {
    await run('stop')
    rmSync(folder, { recursive: true, force: true })
  }
  await run('start')
  await greets(port).catch(async (error: unknown) => {
    const said = log()
    await stop()
    throw new Error(`postfix does not start: ${said}`, { cause: error })
  })
  return { port, log, stop }
}
