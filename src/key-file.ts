import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context, Secrets } from './context.ts'
import { seats } from './domain/seats.ts'
import { seconds } from './lib/clock.ts'
import { sha256 } from './lib/digests.ts'
import { derivedKey, type Sealer, type SealingKey, sealer } from './lib/sealing.ts'
import { syncFolder } from './lib/sync-folder.ts'

export interface KeyFile {
  /** the first one seals; the others still open. `made`, `used`: ISO 8601, when it came, and began to seal; the first start's has neither */
  keys: { name: string; key: string; made?: string; used?: string }[]
  pepper: string
  /** the highest number that a key was ever named by, once one was dropped */
  named?: number
}

export const freshKey = (): string => randomBytes(32).toString('base64')

const freshKeyFile = (): KeyFile => ({ keys: [{ name: 'k1', key: freshKey() }], pepper: freshKey() })

export const keyFileIn = (folder: string): string => join(folder, 'chatelaine.key')

const written = (file: KeyFile): string => `${JSON.stringify(file, null, 2)}\n`

/** Whole or not at all: written aside first, and put in its place in one step. */
function placed(path: string, text: string, place: (aside: string, file: number) => void): void {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(aside, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
    place(aside, file)
    syncFolder(dirname(path))
  } finally {
    closeSync(file)
    rmSync(aside, { force: true })
  }
}

function make(path: string, text: string): void {
  try {
    placed(path, text, (aside) => linkSync(aside, path))
  } catch (error) {
    // Another process of the same house made it at the same moment.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Puts another key file in the place of the one that is there, wherever a link leads to it; it belongs to the same user: a
 * server could not read what root has written for himself.
 */
export function replaceKeyFile(path: string, file: KeyFile): void {
  const real = realpathSync(path)
  const { uid, gid } = statSync(real)
  placed(real, written(file), (aside, opened) => {
    if (uid !== process.getuid?.()) fchownSync(opened, uid, gid)
    renameSync(aside, real)
  })
}

/** Throws in plain words, without quoting the file. */
export function readKeyFile(path: string): KeyFile {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as KeyFile
  } catch (error) {
    // The message of a JSON error quotes what it read.
    const { code } = error as NodeJS.ErrnoException
    throw new Error(code ? `${path} cannot be read (${code})` : `${path} is damaged: put it back from your backup`)
  }
}

/**
 * The key of sibling services: as given, else kept beside the key file, and derived from it at first, so that every node
 * of a house has the same.
 */
function internalKey(folder: string, given: string | undefined, pepper: Buffer): string {
  if (given) return given
  const path = join(folder, 'internal.key')
  if (!existsSync(path)) make(path, `${derivedKey(pepper, 'chatelaine internal key').toString('hex')}\n`)
  const key = readFileSync(path, 'utf8').trim()
  if (key.length < 32) throw new Error(`${path} is damaged: put it back from your backup, or delete it to have it made`)
  return key
}

function keysIn(path: string, file: KeyFile): SealingKey[] {
  const keys = file.keys.map(({ name, key }) => ({ name, key: Buffer.from(key, 'base64') }))
  if (keys.length === 0 || keys.some(({ key }) => key.length !== 32))
    throw new Error(`${path} is damaged: it needs keys of 32 bytes`)
  return keys
}

/** Whether a file was changed: another one has taken its place, or it was written to. */
function stampOf(path: string): string {
  const { ino, size, mtimeMs } = statSync(path)
  return `${ino} ${size} ${mtimeMs}`
}

/** Reads the key files of a data folder, and makes them, readable by their owner only, when there are none. */
export function openKeyFile(folder: string, given?: string): { secrets: Secrets; warning: string | null } {
  const path = keyFileIn(folder)
  if (!existsSync(path)) make(path, written(freshKeyFile()))
  let stamp = stampOf(path)
  const file = readKeyFile(path)
  const pepper = Buffer.from(file.pepper, 'base64')
  const box = sealer(keysIn(path, file))
  const isOpen = (statSync(path).mode & 0o077) !== 0
  return {
    secrets: {
      sealer: box,
      pepper: derivedKey(pepper, 'chatelaine pepper'),
      internalKey: internalKey(folder, given, pepper),
      renew() {
        const now = stampOf(path)
        if (now === stamp) return false
        const changed = readKeyFile(path)
        if (changed.pepper !== file.pepper) throw new Error(`${path} is the key file of another house`)
        box.change(keysIn(path, changed))
        stamp = now
        return true
      },
    },
    warning: isOpen ? `${path} can be read by others: chmod 600 it` : null,
  }
}

/** Servers take over a changed key file by themselves: looked for this often, in milliseconds. */
export const KEY_FILE_EVERY = seconds(10)

/** Takes over a key file that was changed; what cannot be used is logged, and the old keys stay in force. */
export function followKeyFile({ secrets, log }: Pick<Context, 'secrets' | 'log'>): void {
  try {
    if (secrets.renew()) log.info('key-file.renewed', { sealing: secrets.sealer.current })
  } catch (error) {
    log.error('key-file.unusable', { advice: 'the keys that were read before stay in force', error })
  }
}

/** The row of `server_secret` by which a database knows its key file. */
export const CANARY = 'key file canary'

/** Does a sealer open what a database keeps to know its key file by? */
export function opensCanary(sealer: Sealer, value: string): boolean {
  try {
    return sealer.open(value, seats.serverSecret(CANARY)).toString() === CANARY
  } catch {
    return false
  }
}

/** Throws where the canary of a database was sealed under another key file than that of a folder. */
export function judgeCanary(sealer: Sealer, value: string, folder: string): void {
  if (opensCanary(sealer, value)) return
  throw new Error(
    `this database was sealed under another key file. Put the right chatelaine.key into ${folder}: without it second factors, queued mail and stored tokens cannot be opened`,
  )
}

/** Refuses to go on with a key file that is not the one this database was sealed under: nothing would open. */
export async function judgeKeyFile(ctx: Context): Promise<void> {
  const { sealer } = ctx.secrets
  await ctx.db
    .insertInto('server_secret')
    .values({ name: CANARY, created: ctx.clock.now(), value: sealer.seal(CANARY, seats.serverSecret(CANARY)) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const { value } = await ctx.db
    .selectFrom('server_secret')
    .select('value')
    .where('name', '=', CANARY)
    .executeTakeFirstOrThrow()
  judgeCanary(sealer, value, ctx.config.data)
}

const LAST_START = 'internal key at the last start'

/** Says so when this process has another internal key than the one that was started before it on the same database. */
export async function compareInternalKey(ctx: Context): Promise<void> {
  const { sealer, internalKey } = ctx.secrets
  const name = LAST_START
  const kept = await ctx.db.selectFrom('server_secret').select('value').where('name', '=', name).executeTakeFirst()
  const before = kept && sealer.open(kept.value, seats.serverSecret(name)).toString()
  const digest = sha256(internalKey)
  if (before === digest) return
  if (before !== undefined)
    ctx.log.warn('internal-key.changed', {
      advice:
        'unless you changed it on purpose: every node needs the same CHATELAINE_INTERNAL_KEY, or the same internal.key in its data folder, or siblings are answered by some nodes only',
    })
  const row = { name, created: ctx.clock.now(), value: sealer.seal(digest, seats.serverSecret(name)) }
  await ctx.db
    .insertInto('server_secret')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute()
}
