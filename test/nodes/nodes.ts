import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { globSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { freePort, type ServerProcess, startProcess } from '../../demo/server-process.ts'

const here = import.meta.dirname
const root = join(here, '../..')

/** A node of a house: at the same address whenever it runs, in a data folder of its own. */
export interface Node {
  name: string
  url: string
  /** null while it does not run */
  process: ServerProcess | null
  /** Starts it; `program`: that of another version. */
  start(program?: string): Promise<void>
  /** Ends it; its exit code, null when it was killed. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

const key = () => randomBytes(32).toString('base64')

/** Three nodes that have a database, a mail server and a key file in common; none of them runs yet. */
export async function threeNodes(folder: string, settings: Record<string, string>): Promise<Node[]> {
  const keyFile = JSON.stringify({ keys: [{ name: 'k1', key: key() }], pepper: key() })
  const nodes: Node[] = []
  for (const name of ['one', 'two', 'three']) {
    const data = join(folder, name)
    mkdirSync(data, { recursive: true, mode: 0o700 })
    writeFileSync(join(data, 'chatelaine.key'), keyFile, { mode: 0o600 })
    const port = await freePort()
    const own = { ...settings, CHATELAINE_LISTEN: `127.0.0.1:${port}`, CHATELAINE_DATA: data }
    nodes.push({
      name,
      url: `http://127.0.0.1:${port}`,
      process: null,
      async start(program) {
        this.process = await startProcess(own, program === undefined ? {} : { program })
      },
      async end(signal) {
        const code = await this.process?.end(signal)
        this.process = null
        return code ?? null
      },
    })
  }
  return nodes
}

/**
 * Unpacks the version before (scripts/previous.ts makes the archive anew after a release); the path of its program. It
 * runs with today's packages: one that has changed so much that the old sources do not start with it needs the old one
 * beside it, in the node_modules of this folder.
 */
export function unpackPrevious(folder: string): { program: string; version: string } {
  const [archive] = globSync('previous-*.tar.gz', { cwd: here })
  if (!archive) throw new Error('there is no previous version to upgrade from: node scripts/previous.ts <commit>')
  const place = join(folder, 'previous')
  mkdirSync(place)
  execFileSync('tar', ['-xzf', join(here, archive), '-C', place])
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  return { program: join(place, 'src/main.ts'), version: basename(archive, '.tar.gz').replace('previous-', '') }
}
