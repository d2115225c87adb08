import { hash, hashRaw, verify } from '@node-rs/argon2'
import { boundedQueue } from './queue.ts'
import { type Tell, timed } from './watch.ts'

// The library's enum exists for the type checker only; this is its member Argon2id.
const ARGON2ID = 2

export interface PasswordFigures {
  /** KiB */
  memory: number
  passes: number
  lanes: number
  /** how many hashes run at once; below libuv's pool size, so that files and DNS are not starved */
  width: number
  /** how many more may wait */
  bound: number
}

/** argon2id, off the event loop, never more at once than the machine should bear. */
export interface Passwords {
  hash(password: string): Promise<string>
  /** False for a wrong password and for `null`, an account without one: both cost the same as a right one. */
  verify(stored: string | null, password: string): Promise<boolean>
  /** 32 bytes from a password and a salt made by `saltOf`, for keys and for look-up secrets. */
  derive(password: string, salt: string): Promise<Buffer>
  /** Writes a salt of 16 bytes or more down with today's figures: other figures later would make another key of it. */
  saltOf(bytes: Uint8Array): string
  /** Makes ready what the first sign-in would wait for. */
  warm(): Promise<void>
  /** how many hashes wait, and how many run */
  readonly depth: number
  readonly active: number
  /** how many may run at once */
  readonly width: number
}

/** `tell` hears how long each hash waited and took. */
export function passwords(figures: PasswordFigures, tell?: Tell): Passwords {
  const queue = boundedQueue(figures.width, figures.bound)
  const run = <T>(name: string, task: () => Promise<T>): Promise<T> => {
    if (!tell) return queue.run(task)
    const told = (begin: () => void) =>
      queue.run(() => {
        begin()
        return task()
      })
    return timed(tell, { of: 'argon2', name }, told)
  }
  const options = {
    algorithm: ARGON2ID,
    memoryCost: figures.memory,
    timeCost: figures.passes,
    parallelism: figures.lanes,
  }
  // What an account without a password is compared with: made once, from random bytes that nobody keeps.
  let decoy: Promise<string> | undefined
  const decoyHash = () => {
    decoy ??= run('hash', () => hash(crypto.getRandomValues(new Uint8Array(32)), options))
    return decoy
  }
  return {
    hash: (password) => run('hash', () => hash(password, options)),
    async verify(stored, password) {
      const against = stored ?? (await decoyHash())
      const holds = await run('verify', () => verify(against, password).catch(() => false))
      return holds && stored !== null
    },
    derive(password, written) {
      const [memoryCost, timeCost, parallelism, hex = ''] = written.split('.')
      const own = { memoryCost: Number(memoryCost), timeCost: Number(timeCost), parallelism: Number(parallelism) }
      const salt = Buffer.from(hex, 'hex')
      return run('derive', () => hashRaw(password, { ...options, ...own, salt, outputLen: 32 }))
    },
    saltOf: (bytes) => [figures.memory, figures.passes, figures.lanes, Buffer.from(bytes).toString('hex')].join('.'),
    async warm() {
      await decoyHash()
    },
    get depth() {
      return queue.depth
    },
    get active() {
      return queue.active
    },
    width: figures.width,
  }
}
