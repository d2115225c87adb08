import { execFileSync } from 'node:child_process'
import { globSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

// What tests upgrade from: the sources of a released version, as much of them as its server needs to run.
//   node scripts/previous.ts <commit or tag of the release>

const folder = join(import.meta.dirname, '../test/nodes')
const left = ['*.test.ts', 'src/**/*testing.ts']
// The server takes the addresses of the console's pages from there.
const CONSOLE = 'console/src/places.ts'
const parts = [
  'package.json',
  CONSOLE,
  'src',
  ...left.map((pattern) => `:(exclude,glob)${pattern.replace(/^\*/, '**/*')}`),
]

const [commit] = process.argv.slice(2)
if (!commit) throw new Error('name the commit of the release: node scripts/previous.ts v0.1.0')
const git = (...words: string[]): Buffer => execFileSync('git', words, { maxBuffer: 64 * 1024 * 1024 })
const { version } = JSON.parse(git('show', `${commit}:package.json`).toString()) as { version: string }
const tar = git('archive', '--format=tar', commit, '--', ...parts)
for (const old of globSync('previous-*.tar.gz', { cwd: folder })) rmSync(join(folder, old))
const name = `previous-${version}.tar.gz`
writeFileSync(join(folder, name), gzipSync(tar, { level: 9 }))
console.log(`test/nodes/${name}`)
