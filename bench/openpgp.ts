import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { engine } from '../src/lib/openpgp/engine.ts'
import type { GeneratedKey, KeyAlgorithm } from '../src/lib/openpgp/types.ts'
import { cpuOf, median } from './load.ts'
import type { Ready, Strain } from './mail-house.ts'
import type { Costs, Work } from './openpgp-own.ts'
import { has, type Keys, type Peer, peersFor, programs, versionOf } from './openpgp-peers.ts'

type Report = (what: string, value: number, target: string, holds: boolean, beside: string) => void

const KIB = 1024
const MIB = 1024 * KIB
const READERS = 50
const ROUNDS = 5
const IDLE_MS = 700
const KEY_PASSWORD = 'Schlüssel: 100% & „more“'
const now = Date.now() - 60_000

const newKey = (name: string, algorithm: KeyAlgorithm): Promise<GeneratedKey> =>
  engine.generate({ userIds: [{ name, email: `${name}@x.test` }], algorithm, validSeconds: 0, now })

const program = (name: string): ChildProcess =>
  fork(fileURLToPath(new URL(name, import.meta.url)), { execArgv: ['--expose-gc'], serialization: 'advanced' })

/** The next thing that a child says; it must not end instead. */
async function saidBy<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController()
  const end = () => ended.abort(new Error('the process that was measured ended'))
  child.once('exit', end)
  try {
    return (await once(child, 'message', { signal: ended.signal }))[0] as T
  } finally {
    child.off('exit', end)
  }
}

function ask<T>(child: ChildProcess, question: unknown): Promise<T> {
  child.send(question as object)
  return saidBy<T>(child)
}

const line = (cells: string[]) => console.log(`  | ${cells.join(' | ')} |`)
const speed = (bytes: number, ms: number) => (bytes / 1000 / ms).toFixed(0)

async function benchKeys(): Promise<void> {
  line(['a new key, unlocking', 'CPU ms'])
  line(['---', '--:'])
  const runs = { curve25519: 20, v6: 20, rsa2048: 3, rsa3072: 2, rsa4096: 1 } satisfies Record<KeyAlgorithm, number>
  for (const [algorithm, count] of Object.entries(runs) as [KeyAlgorithm, number][])
    line([`new ${algorithm}`, (await cpuOf(() => newKey('new', algorithm), count)).toFixed(1)])
  const { secret } = await newKey('locked', 'curve25519')
  const locked = Buffer.from(await engine.exportLocked({ secret, password: 'pw' }))
  const unlocking = () => engine.unlock({ secret: locked, password: 'pw' })
  line(['unlock, iterated S2K of 16 MiB, two packets', (await cpuOf(unlocking, 2)).toFixed(1)])
}

interface Case {
  form: 'CFB' | 'AEAD'
  size: number
  readers: number
}

interface Measured extends Case {
  seal: number
  open: number
  /** the same by gpg, where it can */
  gpg: { seal: number; open: number } | null
}

async function measure(keys: Keys, peers: Peer[], engineAlone: ChildProcess, one: Case): Promise<Measured> {
  const { form, size, readers: count } = one
  const { signer, readers } = keys
  const recipients = readers.slice(0, count).map(({ certificate }) => certificate)
  const theirs = peers.map((peer) => {
    const [seals, opens] = [0, 1, 2]
      .map(() => [peer.seal(size, count), peer.open()])
      .reduce(
        ([seals, opens], [seal, open]) => [
          [...seals!, seal!],
          [...opens!, open!],
        ],
        [[], []] as [number[], number[]],
      ) as [number[], number[]]
    return { name: peer.name, seal: median(seals), open: median(opens) }
  })
  const own = {
    name: 'this server',
    ...(await ask<Costs>(engineAlone, { size, recipients, signer, reader: readers[0]! } satisfies Work)),
  }
  const what = `${size >= MIB ? `${size / MIB} MiB` : `${size / KIB} KiB`}, ${count} ${count === 1 ? 'reader' : 'readers'}, ${form}`
  for (const { name, seal, open } of [own, ...theirs])
    line([what, name, seal.toFixed(2), speed(size, seal), open.toFixed(2), speed(size, open)])
  return { ...one, ...own, gpg: theirs.find(({ name }) => name === 'gpg') ?? null }
}

async function benchMessages(report: Report): Promise<void> {
  const cases = [10 * KIB, MIB, 50 * MIB].flatMap((size) => [1, READERS].map((readers) => ({ size, readers })))
  const found: Measured[] = []
  const engineAlone = program('./openpgp-own.ts')
  line(['what', 'who', 'seal + sign, CPU ms', 'MB/s', 'open + verify, CPU ms', 'MB/s'])
  line(['---', '---', '--:', '--:', '--:', '--:'])
  for (const [form, algorithm] of [
    ['CFB', 'curve25519'],
    ['AEAD', 'v6'],
  ] as const) {
    const names = Array.from({ length: READERS }, (_, n) => `reader-${n}`)
    const readers = await Promise.all(names.map((name) => newKey(name, algorithm)))
    const keys = { signer: await newKey('signer', algorithm), readers }
    const peers = await peersFor(keys)
    for (const one of cases) found.push(await measure(keys, peers, engineAlone, { form, ...one }))
    for (const peer of peers) peer.end()
  }
  engineAlone.kill()
  judge(report, found)
}

const targets = [
  { form: 'AEAD', part: 'seal', least: 450 },
  { form: 'CFB', part: 'seal', least: 230 },
  { form: 'AEAD', part: 'open', least: 300 },
  { form: 'CFB', part: 'open', least: 180 },
] as const

function judge(report: Report, found: Measured[]): void {
  const of = (form: Case['form'], size: number, readers: number) =>
    found.find((one) => one.form === form && one.size === size && one.readers === readers)!
  const words = { seal: 'sealed and signed', open: 'opened and verified' }
  const beside = (ms: number, one: Measured, part: 'seal' | 'open') =>
    one.gpg ? `${ms.toFixed(1)} ms CPU; gpg ${one.gpg[part].toFixed(1)} ms` : `${ms.toFixed(1)} ms CPU`
  for (const { form, part, least } of targets) {
    const one = of(form, 50 * MIB, 1)
    const value = one.size / 1000 / one[part]
    report(`50 MiB ${words[part]}, ${form}, MB/s`, value, `≥ ${least}`, value >= least, beside(one[part], one, part))
  }
  for (const [readers, most] of [
    [1, 1.2],
    [READERS, 12],
  ] as const)
    for (const form of ['CFB', 'AEAD'] as const) {
      const one = of(form, 10 * KIB, readers)
      const what = `10 KiB ${words.seal} for ${readers}, ${form}, CPU ms`
      report(what, one.seal, `≤ ${most}`, one.seal <= most, beside(one.seal, one, 'seal'))
    }
}

/** A client in this process, the whole server in another. */
async function benchStrain(report: Report): Promise<void> {
  const child = program('./mail-house.ts')
  const { url, sessid, cookie, email } = await saidBy<Ready>(child)
  async function post(path: string, body: Uint8Array): Promise<Buffer> {
    const headers = {
      'Content-Type': 'message/rfc822',
      Cookie: cookie,
      'X-Key-Password': encodeURIComponent(KEY_PASSWORD),
    }
    const answer = await fetch(`${url}/api/v1${path}_h=${sessid}`, {
      method: 'POST',
      headers,
      body: body as RequestInit['body'],
    })
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${(await answer.text()).slice(0, 200)}`)
    return Buffer.from(await answer.arrayBuffer())
  }
  async function strainOf(path: string, body: Uint8Array): Promise<{ strain: Strain; answer: Buffer }> {
    await ask(child, 'begin')
    const answer = await post(path, body)
    return { strain: await ask<Strain>(child, 'tell'), answer }
  }
  const head = `From: ${email}\r\nTo: ${email}\r\nSubject: large\r\nContent-Type: application/octet-stream\r\n\r\n`
  const mailOf = (size: number) =>
    Buffer.concat([Buffer.from(head), Buffer.alloc(size, 'Twenty-six letters and more.\r\n')])
  // The first mail starts the worker and compiles what all others run.
  await post('/mail/decrypt?', await post('/mail/encrypt?sign=true&', mailOf(MIB)))
  const strains: Strain[] = []
  const idle: Strain[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await ask(child, 'begin')
    await setTimeout(IDLE_MS)
    idle.push(await ask<Strain>(child, 'tell'))
    const sealed = await strainOf('/mail/encrypt?sign=true&', mailOf(50 * MIB))
    const opened = await strainOf('/mail/decrypt?', sealed.answer)
    strains.push(sealed.strain, opened.strain)
  }
  child.send('end')
  await once(child, 'exit')
  const p99 = median(strains.map((one) => one.p99))
  const longest = Math.max(...strains.map((one) => one.longest))
  const memory = median(strains.map((one) => one.memory / 1e6))
  const worst = Math.max(...strains.map((one) => one.memory / 1e6))
  const beside = `idle in between ${median(idle.map((one) => one.p99)).toFixed(1)} ms; longest of all ${longest.toFixed(0)} ms`
  const what = 'while a mail of 50 MiB is sealed or opened over HTTP'
  report(`event loop, 99th percentile ${what}, ms`, p99, '< 20', p99 < 20, beside)
  report(`memory above idle ${what}, MB`, memory, '≤ 200', memory <= 200, `most ${worst.toFixed(0)} MB`)
}

/** Keys, messages of three sizes beside other programs, and what a large mail does to everybody else. */
export async function benchOpenPgp(report: Report): Promise<void> {
  const others = programs.filter(has).map(versionOf)
  console.log(
    `OpenPGP in CPU time of one core; beside ${others.join('; ') || 'nothing: no other program is installed'}`,
  )
  await benchKeys()
  await benchMessages(report)
  await benchStrain(report)
}
