import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fingerprintOf, framesOf, tag } from '../src/lib/openpgp/packets.ts'
import { type OpenPgpPool, openPgpPool } from '../src/lib/openpgp/pool.ts'
import { OpenPgpRefusal } from '../src/lib/openpgp/refusals.ts'

// Feeds every certificate of Debian's keyring to the OpenPGP engine, one by one: thirty years of everybody's software.
// With --server, also to a whole house, as keys of correspondents; with --fetch, those that apt has rather than those
// that are installed. Fails on a crash, on an answer without a reason, and on anything that holds the event loop up.

const INSTALLED = '/usr/share/keyrings'
const NAMES = /^debian-(keyring|maintainers|nonupload|role-keys)\.(gpg|pgp)$/
const BLOCK_AT_MOST = 50
const AT_ONCE = 2

/** The keyrings of Debian in a folder, by their paths. */
const keyringsIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => NAMES.test(name))
        .map((name) => join(folder, name))
    : []

/** The keyrings of the installed package; none where it is not. */
export const installedKeyrings = (): string[] => keyringsIn(INSTALLED)

/** The same of the package as apt has it, unpacked into `folder`. */
function fetchedKeyrings(folder: string): string[] {
  execFileSync('apt-get', ['download', 'debian-keyring'], { cwd: folder, stdio: 'inherit' })
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.deb'))
  execFileSync('dpkg-deb', ['-x', archive!, 'package'], { cwd: folder })
  return keyringsIn(join(folder, 'package', INSTALLED))
}

/** The certificates of a keyring: each begins with its primary key. Copies, or each would take the whole with it to the engine. */
export function certificatesIn(keyring: Uint8Array): Uint8Array[] {
  const frames = framesOf(keyring, Number.POSITIVE_INFINITY)
  if (!frames) throw new Error('this is no keyring')
  const starts = frames.filter((frame) => frame.tag === tag.publicKey).map(({ start }) => start)
  return starts.map((start, index) => new Uint8Array(keyring.subarray(start, starts[index + 1] ?? keyring.length)))
}

export interface Tally {
  certificates: number
  /** understood, and one can encrypt to them */
  usable: number
  /** understood, but by reason of no use now */
  unusable: Record<string, number>
  /** not understood, by reason */
  refused: Record<string, number>
  /** neither: crashes, answers without a reason, jobs that had to be ended */
  faults: string[]
  /** milliseconds and which, the slowest first */
  slowest: { milliseconds: number; fingerprint: string; size: number }[]
  /** milliseconds that the event loop was held up: at the worst, and at the worst by work of its own */
  delay: number
  busy: number
  /** seconds */
  cpu: number
  took: number
}

/** What to call a certificate, even one that nobody understands. */
const nameOf = (certificate: Uint8Array): string => fingerprintOf(certificate) ?? 'one without a fingerprint'

const emptyTally = (): Tally => ({
  certificates: 0,
  usable: 0,
  unusable: {},
  refused: {},
  faults: [],
  slowest: [],
  delay: 0,
  busy: 0,
  cpu: 0,
  took: 0,
})

const count = (counts: Record<string, number>, reason: string): void => {
  counts[reason] = (counts[reason] ?? 0) + 1
}

/**
 * Watches the event loop of this thread. Where other programs want the processors too, it is late without doing
 * anything: so what counts is how long it was late and at work.
 */
function watchLoop(): () => Pick<Tally, 'delay' | 'busy'> {
  const resolution = 5
  const histogram = monitorEventLoopDelay({ resolution })
  histogram.enable()
  const used = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let before = { at: performance.now(), cpu: used() }
  let busy = 0
  const timer = setInterval(() => {
    const now = { at: performance.now(), cpu: used() }
    busy = Math.max(busy, Math.min(now.at - before.at - resolution, now.cpu - before.cpu))
    before = now
  }, resolution)
  return () => {
    clearInterval(timer)
    histogram.disable()
    return { delay: histogram.max / 1e6 - resolution, busy }
  }
}

/** Hands each certificate to `feed`, a few at a time, and counts what comes of it. */
export async function feedAll(
  certificates: readonly Uint8Array[],
  feed: (certificate: Uint8Array, tally: Tally) => Promise<string>,
): Promise<Tally> {
  const tally = emptyTally()
  const stop = watchLoop()
  const [started, cpu] = [performance.now(), process.cpuUsage()]
  const left = certificates.values()
  const work = async () => {
    for (const certificate of left) {
      const began = performance.now()
      let fingerprint = nameOf(certificate)
      try {
        fingerprint = await feed(certificate, tally)
      } catch (error) {
        tally.faults.push(`${fingerprint}: ${(error as Error).message}`)
      }
      tally.certificates++
      tally.slowest.push({ milliseconds: performance.now() - began, fingerprint, size: certificate.length })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const { user, system } = process.cpuUsage(cpu)
  tally.slowest.sort((a, b) => b.milliseconds - a.milliseconds).splice(5)
  return Object.assign(tally, stop(), { cpu: (user + system) / 1e6, took: (performance.now() - started) / 1000 })
}

/** A feeder for the engine's pool. */
export const toPool =
  (pool: OpenPgpPool, now: number) =>
  async (certificate: Uint8Array, tally: Tally): Promise<string> => {
    try {
      const { rings } = await pool.inspect({ bytes: certificate, now })
      const [ring] = rings
      if (!ring) throw new Error('no certificate, and no reason')
      if (ring.info.canEncrypt === true) tally.usable++
      else count(tally.unusable, ring.info.canEncrypt)
      return ring.info.fingerprint
    } catch (error) {
      if (!(error instanceof OpenPgpRefusal)) throw error
      count(tally.refused, error.reason)
      return nameOf(certificate)
    }
  }

/** A feeder for a whole server, as keys of correspondents. Nobody may have so many, so many people upload them. */
async function toServer(): Promise<{ feed: ReturnType<typeof toPool>; stop(): Promise<void> }> {
  const { startHouse } = await import('../src/testing.ts')
  const { newPerson } = await import('../test/conformance/guard/person.ts')
  const house = await startHouse({ at: Date.now() })
  const EACH = 100
  let fed = 0
  let person = newPerson(house, 'person0@example.org')
  return {
    stop: () => house.stop(),
    async feed(certificate, tally) {
      fed++
      if (fed % EACH === 0) person = newPerson(house, `person${fed}@example.org`)
      const body = new FormData()
      body.set('key', new Blob([Buffer.from(certificate)]), 'key.pgp')
      const path = '/oxguard/keys?action=uploadExternalPublicKey'
      const reply = await (await person).call('POST', path, { body })
      const { json } = reply
      if (json.error !== undefined) {
        if (reply.status >= 500 || !json.code) throw new Error(reply.text.slice(0, 200))
        count(tally.refused, `${json.code} ${json.error_desc}`)
        return nameOf(certificate)
      }
      const [{ publicRing }] = json.data.externalPublicKeyRings
      tally.usable++
      return publicRing.keys[0].fingerprint
    },
  }
}

const byReason = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, number]) => `${number} ${reason}`)
    .join(', ') || 'none'

/** What is wrong with a tally; none when all is well. */
export const complaints = ({ faults, busy }: Tally): string[] => [
  ...faults,
  ...(busy > BLOCK_AT_MOST ? [`the event loop was held up for ${busy.toFixed(0)} ms`] : []),
]

function show(title: string, tally: Tally): void {
  const each = (tally.cpu * 1000) / Math.max(1, tally.certificates)
  console.log(`${title}: ${tally.certificates} certificates in ${tally.took.toFixed(1)} s`)
  console.log(`  taken: ${tally.usable}; understood but of no use now: ${byReason(tally.unusable)}`)
  console.log(`  refused: ${byReason(tally.refused)}`)
  console.log(`  processor: ${tally.cpu.toFixed(1)} s together, ${each.toFixed(1)} ms each`)
  console.log(
    `  event loop: late by ${tally.delay.toFixed(0)} ms at the worst, ${tally.busy.toFixed(0)} of them at work`,
  )
  for (const { milliseconds, fingerprint, size } of tally.slowest)
    console.log(`  slow: ${milliseconds.toFixed(0)} ms for ${fingerprint} (${size} bytes)`)
  for (const complaint of complaints(tally).slice(0, 20)) console.log(`  FAILED: ${complaint}`)
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-keyring-'))
  try {
    const installed = process.argv.includes('--fetch') ? [] : installedKeyrings()
    const files = installed.length > 0 ? installed : fetchedKeyrings(folder)
    if (files.length === 0) throw new Error('there is no keyring in the package')
    const certificates = files.flatMap((file) => certificatesIn(readFileSync(file)))
    console.log(`${files.join(', ')}`)
    const pool = openPgpPool({ size: AT_ONCE, queueLimit: 64 })
    await pool.warm()
    const tallies = [await feedAll(certificates, toPool(pool, Date.now()))]
    show('engine', tallies[0]!)
    await pool.close()
    if (process.argv.includes('--server')) {
      const { feed, stop } = await toServer()
      tallies.push(await feedAll(certificates, feed))
      show('server', tallies[1]!)
      await stop()
    }
    process.exitCode = tallies.some((tally) => complaints(tally).length > 0) ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) await main()
