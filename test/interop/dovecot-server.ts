import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../demo/server-process.ts'

const found = (...paths: string[]): string | undefined => paths.find((path) => existsSync(path))

const DOVECOT = found('/usr/sbin/dovecot', '/usr/local/sbin/dovecot')
const LUA = found('/usr/lib/dovecot/modules/auth/libauthdb_lua.so', '/usr/lib64/dovecot/auth/libauthdb_lua.so')

/** Why there is no Dovecot to test with; false when there is. */
export const noDovecot: string | false =
  DOVECOT === undefined || LUA === undefined
    ? 'dovecot with dovecot-auth-lua is not installed'
    : process.getuid?.() !== 0 && 'dovecot has to be started by root'

const shipped = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../docs/mail-servers/${name}`, import.meta.url)), 'utf8')

/** Resolves once something greets at a port; fails after ten seconds. */
export async function greets(port: number): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await Promise.race([
      once(socket, 'data').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1000)),
    ]).catch(() => false)
    socket.destroy()
    if (isThere) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing greets at port ${port}`)
}

// Nobody's mail: what the mailboxes of the test belong to.
const OWNER = 65_534

/** The set-up of docs/mail-servers, with the paths, ports and waits of a test. */
function configured(folder: string, imap: number, trust: string): string {
  const ours = shipped('dovecot.conf')
    .replace('/etc/dovecot/chatelaine.lua', join(folder, 'chatelaine.lua'))
    .replace('/var/spool/postfix/private/auth', join(folder, 'auth'))
    .replace(/user = postfix\n\s*group = postfix/, '')
    .replace('mode = 0660', 'mode = 0666')
    .replace(/args = uid=.*/, `args = uid=${OWNER} gid=${OWNER} home=${folder}/mail/%u`)
  return `${ours}
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
auth_verbose = yes
protocols = imap
listen = 127.0.0.1
ssl = no
${trust}
disable_plaintext_auth = no
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:${folder}/mail/%u
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = 0
  }
}
`
}

export interface Dovecot {
  imap: number
  /** where Postfix asks */
  authSocket: string
  log(): string
  stop(): Promise<void>
}

/** A Dovecot that asks at `url`; `ca`: the certificate that it trusts there. */
export async function startDovecot({ url, key, ca }: { url: string; key: string; ca?: string }): Promise<Dovecot> {
  const folder = mkdtempSync(join(tmpdir(), 'dovecot-'))
  // Its processes are other users than we are.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'mail'))
  chownSync(join(folder, 'mail'), OWNER, OWNER)
  const imap = await freePort()
  const conf = join(folder, 'dovecot.conf')
  writeFileSync(join(folder, 'ca.pem'), ca ?? '')
  writeFileSync(conf, configured(folder, imap, ca ? `ssl_client_ca_file = ${folder}/ca.pem` : ''))
  const settings = join(folder, 'chatelaine.conf')
  writeFileSync(
    join(folder, 'chatelaine.lua'),
    shipped('chatelaine.lua').replace('/etc/dovecot/chatelaine.conf', settings),
  )
  writeFileSync(settings, `url = ${url}/api/v1/auth/verify\nkey = ${key}\n`, { mode: 0o600 })
  const child = spawn(DOVECOT!, ['-F', '-c', conf], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const log = () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '')
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  await greets(imap).catch(async (error: unknown) => {
    const said = log()
    await stop()
    throw new Error(`dovecot does not start: ${said}`, { cause: error })
  })
  return { imap, authSocket: join(folder, 'auth'), log, stop }
}
