import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Context, Secrets } from './context.ts'
import { derivedKey, type Sealer, sealer } from './lib/sealing.ts'

interface KeyFile {
  /** the first one seals; the others still open */
  keys: { name: string; key: string }[]
  pepper: string
}

const freshKeyFile = (): KeyFile => ({
  keys: [{ name: 'k1', key: randomBytes(32).toString('base64') }],
  pepper: randomBytes(32).toString('base64'),
})

function make(path: string, text: string): void {
  // Whole or not at all: written aside first, and put in its place in one step.
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(aside, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
    linkSync(aside, path)
  } catch (error) {
    // Another process of the same house made it at the same moment.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    closeSync(file)
    rmSync(aside)
  }
}

function read(path: string): KeyFile {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as KeyFile
  } catch (error) {
    // The message of a JSON error quotes what it read.
    const { code } = error as NodeJS.ErrnoException
    throw new Error(code ? `${path} cannot be read (${code})` : `${path} is damaged: put it back from your backup`)
  }
}

/** The key of sibling services: as given, else random, kept beside the key file. */
function internalKey(folder: string, given: string | undefined): string {
  if (given) return given
  const path = join(folder, 'internal.key')
  if (!existsSync(path)) make(path, `${randomBytes(32).toString('hex')}\n`)
  const key = readFileSync(path, 'utf8').trim()
  if (key.length < 32) throw new Error(`${path} is damaged: put it back from your backup, or delete it for a new one`)
  return key
}

/** Reads the key files of a data folder, and makes them, readable by their owner only, when there are none. */
export function openKeyFile(folder: string, given?: string): { secrets: Secrets; warning: string | null } {
  const path = join(folder, 'chatelaine.key')
  if (!existsSync(path)) make(path, `${JSON.stringify(freshKeyFile(), null, 2)}\n`)
  const file = read(path)
  const keys = file.keys.map(({ name, key }) => ({ name, key: Buffer.from(key, 'base64') }))
  if (keys.some(({ key }) => key.length !== 32)) throw new Error(`${path} is damaged: a key must have 32 bytes`)
  const isOpen = (statSync(path).mode & 0o077) !== 0
  return {
    secrets: {
      sealer: sealer(keys),
      pepper: derivedKey(Buffer.from(file.pepper, 'base64'), 'chatelaine pepper'),
      internalKey: internalKey(folder, given),
    },
    warning: isOpen ? `${path} can be read by others: chmod 600 it` : null,
  }
}

/** The row of `server_secret` by which a database knows its key file. */
export const CANARY = 'key file canary'

/** Throws where the canary of a database was sealed under another key file. */
export function judgeCanary(sealer: Sealer, value: string, folder: string): void {
  try {
    sealer.open(value, CANARY)
  } catch {
    throw new Error(
      `this database was sealed under another key file. Put the right chatelaine.key into ${folder}: without it second factors, queued mail and stored tokens cannot be opened`,
    )
  }
}

/** Refuses to go on with a key file that is not the one this database was sealed under: nothing would open. */
export async function judgeKeyFile(ctx: Context): Promise<void> {
  const { sealer } = ctx.secrets
  await ctx.db
    .insertInto('server_secret')
    .values({ name: CANARY, created: ctx.clock.now(), value: sealer.seal(CANARY, CANARY) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const { value } = await ctx.db
    .selectFrom('server_secret')
    .select('value')
    .where('name', '=', CANARY)
    .executeTakeFirstOrThrow()
  judgeCanary(sealer, value, ctx.config.data)
}
