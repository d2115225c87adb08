import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { armor } from '../src/lib/openpgp/armor.ts'
import { engine } from '../src/lib/openpgp/engine.ts'
import type { GeneratedKey } from '../src/lib/openpgp/types.ts'

/** Another program at the same work. Answers the CPU milliseconds that its process took, start included. */
export interface Peer {
  name: string
  /** seals and signs `size` bytes for the first `readers` keys */
  seal(size: number, readers: number): number
  /** opens what `seal` wrote last and verifies it */
  open(): number
  end(): void
}

export interface Keys {
  signer: GeneratedKey
  readers: GeneratedKey[]
}

export const has = (program: string): boolean =>
  ['--version', 'version'].some((how) => spawnSync(program, [how]).status === 0)

/**
 * CPU of a child by bash's `time`, which asks the kernel for what an ended child used (getrusage). gpg has its agent do
 * what needs a secret key, less than a millisecond of it, which is not counted.
 */
function cpuOf(command: string[], output: string, env: NodeJS.ProcessEnv = process.env): number {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's own
  const script = 'TIMEFORMAT="cpu %3U %3S"; time "${@:2}" > "$1"'
  const done = spawnSync('bash', ['-c', script, 'bash', output, ...command], { env, encoding: 'utf8' })
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(done.stderr) ?? []
  if (done.status !== 0 || !user) throw new Error(`${command.join(' ')}: ${done.stderr}`)
  return (Number(user) + Number(system)) * 1000
}

function folder() {
  const home = mkdtempSync(join(tmpdir(), 'chatelaine-peer-'))
  const file = (name: string, data: Uint8Array | string) => {
    writeFileSync(join(home, name), data)
    return join(home, name)
  }
  const document = (size: number) =>
    file(`document-${size}`, Buffer.alloc(size, 'Twenty-six letters and a few more of them.\r\n'))
  return { home, file, document, sealed: join(home, 'sealed'), opened: join(home, 'opened') }
}

async function gpg({ signer, readers }: Keys): Promise<Peer> {
  const { home, document, sealed, opened } = folder()
  mkdirSync(join(home, 'ring'), { mode: 0o700 })
  const env = { ...process.env, GNUPGHOME: join(home, 'ring'), LC_ALL: 'C' }
  const always = ['gpg', '--batch', '--yes', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', 'pw']
  const load = (input: Uint8Array | string) => spawnSync(always[0]!, [...always.slice(1), '--import'], { env, input })
  for (const { secret } of [signer, readers[0]!]) load(await engine.exportLocked({ secret, password: 'pw' }))
  for (const { certificate } of readers) load(certificate)
  const how = [...always, '--trust-model', 'always', '--compress-algo', 'none']
  const to = (count: number) => readers.slice(0, count).flatMap(({ info }) => ['-r', info.fingerprint])
  return {
    name: 'gpg',
    seal: (size, count) =>
      cpuOf([...how, '-u', signer.info.fingerprint, ...to(count), '-o', '-', '-se', document(size)], sealed, env),
    open: () => cpuOf([...how, '-o', '-', '-d', sealed], opened, env),
    end() {
      spawnSync('gpgconf', ['--kill', 'all'], { env })
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** A program of the Stateless OpenPGP command line. */
const sop =
  (name: string) =>
  async ({ signer, readers }: Keys): Promise<Peer> => {
    const { home, file, document, sealed, opened } = folder()
    const certificates = readers.map(({ certificate }, n) =>
      file(`reader-${n}`, armor('PUBLIC KEY BLOCK', certificate)),
    )
    const signing = file('signer-key', armor('PRIVATE KEY BLOCK', signer.secret))
    const signed = file('signer', armor('PUBLIC KEY BLOCK', signer.certificate))
    const reading = file('reader-key', armor('PRIVATE KEY BLOCK', readers[0]!.secret))
    const help = String(spawnSync(name, ['decrypt', '--help']).stdout)
    const option = /verify-out/.test(help) ? 'verify-out' : 'verifications-out'
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's own
    const fed = (command: string[], input: string) => ['bash', '-c', 'exec "${@:2}" < "$1"', 'bash', input, ...command]
    let verdicts = 0
    return {
      name,
      seal: (size, count) =>
        cpuOf(
          fed(
            [name, 'encrypt', '--no-armor', `--sign-with=${signing}`, ...certificates.slice(0, count)],
            document(size),
          ),
          sealed,
        ),
      open: () =>
        cpuOf(
          fed(
            [
              name,
              'decrypt',
              `--${option}=${join(home, `verdicts-${verdicts++}`)}`,
              `--verify-with=${signed}`,
              reading,
            ],
            sealed,
          ),
          opened,
        ),
      end: () => rmSync(home, { recursive: true, force: true }),
    }
  }

async function rnp({ signer, readers }: Keys): Promise<Peer> {
  const { home, file, document, sealed, opened } = folder()
  const load = (name: string, data: Uint8Array | string) =>
    spawnSync('rnpkeys', ['--homedir', home, '--import', file(name, data)])
  for (const [n, { secret }] of [signer, readers[0]!].entries())
    load(`secret-${n}`, await engine.exportLocked({ secret, password: 'pw' }))
  for (const [n, { certificate }] of readers.entries()) load(`reader-${n}`, certificate)
  const how = ['rnp', '--homedir', home, '--password', 'pw', '--output', '-']
  const to = (count: number) => readers.slice(0, count).flatMap(({ info }) => ['-r', info.fingerprint])
  return {
    name: 'rnp',
    seal: (size, count) =>
      cpuOf([...how, '-z', '0', '-e', '-s', '-u', signer.info.fingerprint, ...to(count), document(size)], sealed),
    open: () => cpuOf([...how, '-d', sealed], opened),
    end: () => rmSync(home, { recursive: true, force: true }),
  }
}

const all = { gpg, sqop: sop('sqop'), rsop: sop('rsop'), gosop: sop('gosop'), rnp }
export const programs = Object.keys(all)

/** Those of the programs that are installed and can do it with these keys. */
export async function peersFor(keys: Keys): Promise<Peer[]> {
  const peers: Peer[] = []
  for (const [name, make] of Object.entries(all)) {
    if (!has(name)) continue
    const peer = await make(keys)
    try {
      peer.seal(1000, 1)
      peer.open()
      peers.push(peer)
    } catch {
      // Keys of version 6 mean nothing to older ones.
      peer.end()
    }
  }
  return peers
}

/** What a program says its version is. */
export function versionOf(name: string): string {
  const said = ['--version', 'version'].map((how) => String(spawnSync(name, [how]).stdout).split('\n')[0])
  return said.find((line) => /\d/.test(line ?? '')) ?? name
}
