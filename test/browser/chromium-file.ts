import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const PATIENCE = 240_000
const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))
const folder = join(cache, 'chatelaine-chromium')
const lock = `${folder}.lock`

/** Where the browser is, and what it needs of its surroundings. */
interface Chromium {
  file: string
  env: Record<string, string>
}

/** Has the package unpack its Chromium, with the libraries that it wants and a system may not have, into a folder. */
async function unpackTo(target: string): Promise<void> {
  mkdirSync(target, { recursive: true })
  const unpack = "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath()"
  const child = spawn(process.execPath, ['--input-type=module', '-e', unpack], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
    // It unpacks to the folder for temporary files; the libraries only for where it was made to run.
    env: { ...process.env, TMPDIR: target, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error('the Chromium among our packages could not be unpacked')
}

/** Unpacks it once, for all test files and all runs. */
async function unpacked(): Promise<Chromium> {
  mkdirSync(cache, { recursive: true })
  for (const end = Date.now() + PATIENCE; !existsSync(folder); ) {
    try {
      mkdirSync(lock)
    } catch {
      if (Date.now() > end) throw new Error(`${lock} is in the way, though nobody seems to unpack Chromium`)
      await sleep(200)
      continue
    }
    try {
      if (existsSync(folder)) break
      const part = `${folder}.part`
      await unpackTo(part)
      writeFileSync(join(part, 'fonts.conf'), `<fontconfig><dir>${join(folder, 'fonts')}</dir></fontconfig>`)
      renameSync(part, folder)
    } finally {
      rmdirSync(lock)
    }
  }
  // A system without any fonts would show nothing.
  const fonts: Record<string, string> = existsSync('/etc/fonts') ? {} : { FONTCONFIG_FILE: join(folder, 'fonts.conf') }
  return { file: join(folder, 'chromium'), env: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), ...fonts } }
}

/**
 * The Chromium that the tests look with: what CHATELAINE_TEST_CHROMIUM names, else the one among our packages, which is
 * for Linux on x64. Null where there is none.
 */
async function findChromium(): Promise<Chromium | null> {
  const { CHATELAINE_TEST_CHROMIUM: file } = process.env
  if (file) return { file, env: {} }
  return platform() === 'linux' && arch() === 'x64' ? unpacked() : null
}

/** How Playwright starts it; null where there is none. */
export async function launching() {
  const found = await findChromium()
  return (
    found && {
      executablePath: found.file,
      // Without a language of the system, names of files with other than plain letters would be lost.
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...found.env } as Record<string, string>,
      // No sandbox: tests often run as root, and it meets nothing but our own pages.
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'],
    }
  )
}
