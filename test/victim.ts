import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A process that is started to be killed. */
export interface Victim {
  pid: number
  /** the lines that it printed so far */
  lines(): string[]
  /** Kills it, unless it is gone; with `group`, and everything else in its process group. Resolves once it is gone. */
  kill(what: 'process' | 'group'): Promise<void>
  /** Asks it to end; its exit code. */
  stop(): Promise<number | null>
}

const READY_WITHIN = 30_000

/**
 * Starts a module as a process, in a process group of its own, and waits for its first line; `given` goes to it on its
 * command line as JSON.
 */
export async function startVictim(module: URL, given: unknown, env: Record<string, string> = {}): Promise<Victim> {
  const { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env
  const child: ChildProcess = spawn(process.execPath, [module.pathname, JSON.stringify(given)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE, ...env },
  })
  const gone = once(child, 'exit')
  let printed = ''
  let complaints = ''
  child.stderr!.on('data', (chunk) => {
    complaints += chunk
  })
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it did not begin in time:\n${complaints}`)), READY_WITHIN)
    child.stdout!.on('data', (chunk) => {
      printed += chunk
      clearTimeout(timer)
      resolve()
    })
    void gone.then(() => reject(new Error(`it ended before it began:\n${complaints}`)))
  })
  return {
    pid: child.pid!,
    // The last one may be a part of a line.
    lines: () => printed.split('\n').slice(0, -1),
    async kill(what) {
      if (child.exitCode !== null || child.signalCode !== null) return
      process.kill(what === 'group' ? -child.pid! : child.pid!, 'SIGKILL')
      await gone
    },
    async stop() {
      child.kill('SIGTERM')
      const [code] = (await gone) as [number | null]
      return code
    },
  }
}

/**
 * Starts a process again and again and kills it at a random moment, every other time with its whole process group. The
 * next one has begun by then, and for at most `after` milliseconds: two of them work beside each other. Calls `killed`
 * after each. Answers the lines of all that were killed, and the last one, which lives.
 */
export async function killAgainAndAgain(
  start: (round: number) => Promise<Victim>,
  { times, after, killed }: { times: number; after: number; killed?(): Promise<void> },
): Promise<{ lines: string[]; last: Victim }> {
  const lines: string[] = []
  let victim = await start(0)
  for (let round = 1; round <= times; round++) {
    const next = await start(round)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * after))
    await victim.kill(round % 2 === 0 ? 'group' : 'process')
    await killed?.()
    lines.push(...victim.lines())
    victim = next
  }
  return { lines, last: victim }
}
