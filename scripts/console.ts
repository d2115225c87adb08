import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** Builds the web console, unless what was built is what its sources make. `npm start` and the tests call it. */
const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'console', 'dist')
const stamp = join(dist, 'stamp')

/** A digest of everything that a build depends on. */
function digestOfSources(): string {
  const sources = globSync(['console/index.html', 'console/*.ts', 'console/src/**/*.*'], { cwd: root }).toSorted()
  const digest = createHash('sha256')
  for (const file of [...sources, 'package-lock.json', 'scripts/console.ts'])
    digest
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  return digest.digest('hex')
}

/** So that the server has nothing to compress. */
function compress(): void {
  for (const name of globSync('console/*', { cwd: dist })) {
    if (!['.js', '.css', '.svg'].includes(extname(name))) continue
    const path = join(dist, name)
    const bytes = readFileSync(path)
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }))
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  }
}

const digest = digestOfSources()
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  console.error('Chatelaine: building the web console (some seconds, once after each change) …')
  const { build } = await import('vite')
  await build({ configFile: join(root, 'console', 'vite.config.ts'), logLevel: 'warn' })
  compress()
  writeFileSync(stamp, digest)
}
