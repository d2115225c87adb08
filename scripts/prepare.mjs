// Runs before every npm script, on whatever Node the machine has (18 or newer): installs what the lock file
// names when that has not been done yet, or was done for an older lock file. Plain JavaScript on purpose.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const lock = join(root, 'package-lock.json')
const installed = join(root, 'node_modules', '.package-lock.json')
const runtime = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

const isCurrent = existsSync(installed) && existsSync(runtime) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs
if (!isCurrent) {
  console.error('Chatelaine: installing its packages from the lock file (once, up to a minute or two) …')
  const npm = process.env.npm_execpath
  const [command, before] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  // Errors only: npm would warn of the Node that runs it, package by package, while the right one is among them.
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const result = spawnSync(command, [...before, 'ci', ...flags], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: command === 'npm' && process.platform === 'win32',
  })
  if (result.status !== 0) {
    console.error('Chatelaine: the packages could not be installed. Check the lines above, then run `npm ci` by hand.')
    process.exit(result.status ?? 1)
  }
}
