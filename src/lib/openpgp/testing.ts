import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { engine } from './engine.ts'
import type { GeneratedKey, KeyAlgorithm } from './types.ts'

export const now = Date.parse('2026-03-01T12:00:00Z')
export const day = 86_400_000

export const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'))
export const text = (data: Uint8Array) => Buffer.from(data).toString('utf8')

export function newKey(name: string, algorithm: KeyAlgorithm = 'curve25519', validSeconds = 0): Promise<GeneratedKey> {
  return engine.generate({ userIds: [{ name, email: `${name}@x.test` }], algorithm, validSeconds, now })
}

export const hasGnuPg = spawnSync('gpg', ['--version']).status === 0

export type GnuPg = {
  /** Runs gpg; throws with its error output unless it ends well. Answers its standard output. */
  run(args: string[], input?: Uint8Array | string): Buffer
  /** The same, with the status lines of gpg. */
  status(args: string[], input?: Uint8Array | string): { out: Buffer; status: string }
  file(name: string, data: Uint8Array | string): string
}

/** A GnuPG of its own for one test, at the test's time; its agent ends with the test. */
export function gnuPg(t: TestContext, at: number = now): GnuPg {
  const home = mkdtempSync(join(tmpdir(), 'gpg-'))
  // Without this the agent measures for a second how many rounds of key derivation it can afford.
  writeFileSync(join(home, 'gpg-agent.conf'), 's2k-count 65536\n')
  const env = { ...process.env, GNUPGHOME: home, LC_ALL: 'C' }
  t.after(() => {
    spawnSync('gpgconf', ['--kill', 'all'], { env })
    rmSync(home, { recursive: true, force: true })
  })
  const always = ['--batch', '--yes', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', 'pw']
  const clock = ['--trust-model', 'always', '--faked-system-time', `${Math.floor(at / 1000)}!`]
  function status(args: string[], input: Uint8Array | string = '') {
    const done = spawnSync('gpg', [...always, ...clock, '--status-fd', '2', ...args], {
      env,
      input,
      maxBuffer: 1 << 28,
    })
    if (done.status !== 0) throw new Error(`gpg ${args.join(' ')}: ${done.stderr}`)
    return { out: done.stdout, status: done.stderr.toString() }
  }
  function file(name: string, data: Uint8Array | string): string {
    const path = join(home, name)
    writeFileSync(path, data)
    return path
  }
  return { run: (args, input) => status(args, input).out, status, file }
}
