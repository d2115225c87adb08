import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** The server as an operator runs it: a process of its own. */
export interface ServerProcess {
  url: string
  pid: number
  /** milliseconds from its start to its ready line */
  readyAfter: number
  /** everything it printed */
  output(): string
  /** Sends a signal and waits for the end; returns the exit code, null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/**
 * A port on loopback that nobody uses at the moment; below those that systems hand out by themselves, or somebody else
 * could be given it before it is opened.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) return port
  }
}

const main = fileURLToPath(new URL('../src/main.mjs', import.meta.url))

const READY_WITHIN = 30_000

/** What the server inherits; none of our own settings but the number of its workers, so that all of this can be seen with several. */
function environment(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, NODE_OPTIONS, NODE_COMPILE_CACHE, CHATELAINE_TEST_WORKERS } = process.env
  return { PATH, HOME, TMPDIR, NODE_OPTIONS, NODE_COMPILE_CACHE, CHATELAINE_WORKERS: CHATELAINE_TEST_WORKERS }
}

/** The command that starts a program; with `files`, one that may have no more of them open. */
const commandFor = (program: string, files: number | undefined): [string, string[]] =>
  files === undefined
    ? [process.execPath, [program]]
    : ['sh', ['-c', `ulimit -n ${files} && exec "$0" "$@"`, process.execPath, program]]

/**
 * Starts src/main.mjs, or the `program` of another version, with the given settings and waits for its ready line. `files`:
 * how many it may have open.
 */
export async function startProcess(
  settings: Record<string, string | undefined>,
  { files, program = main }: { files?: number; program?: string } = {},
): Promise<ServerProcess> {
  const started = performance.now()
  const child: ChildProcess = spawn(...commandFor(program, files), {
    env: { ...environment(), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stderr!.on('data', (chunk) => {
    printed += chunk
  })
  const exited = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`the server was not ready in time:\n${printed}`))
    }, READY_WITHIN)
    child.stdout!.on('data', (chunk) => {
      printed += chunk
      const ready = /ready at (\S+)/.exec(printed)
      if (!ready) return
      clearTimeout(timer)
      resolve(ready[1]!)
    })
    void exited.then((code) => {
      clearTimeout(timer)
      reject(new Error(`the server ended with ${code}:\n${printed}`))
    })
  })
  return {
    url,
    pid: child.pid!,
    readyAfter: performance.now() - started,
    output: () => printed,
    async end(signal) {
      child.kill(signal)
      return exited
    },
  }
}
