import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'

const SOURCES = join(import.meta.dirname, '../../console/src')

/** A file that belongs to no folder is a layer by its own name. */
function layerOf(file: string): string {
  const [first = '', second] = file.split('/')
  return first === 'rooms' ? `rooms/${second}` : first
}

const imports = globSync('**/*.{ts,tsx}', { cwd: SOURCES }).flatMap((file) =>
  Array.from(
    readFileSync(join(SOURCES, file), 'utf8').matchAll(/(?:from|import)[ (]'(\.[^']+\.tsx?)'/g),
    ([, path]): [from: string, to: string] => [file, relative('.', join(dirname(file), path!))],
  ),
)

const looking = (from: RegExp) => imports.filter(([file]) => from.test(file))
const outside = (pairs: typeof imports, allowed: readonly string[]): string[] =>
  pairs
    .filter(([from, to]) => layerOf(from) !== layerOf(to) && !allowed.includes(layerOf(to)))
    .map(([from, to]) => `${from} looks into ${to}`)

describe('the layers of the console', () => {
  it('are read as they are written', () => {
    assert.ok(imports.length > 500)
    assert.ok(imports.some(([from, to]) => layerOf(from) === 'app.tsx' && layerOf(to).startsWith('rooms/')))
  })

  it('keep rooms apart: what two of them need is in parts, enrolment or api', () => {
    const shared = ['api', 'enrolment', 'parts', 'words', 'theme.ts', 'navigation.ts', 'places-of-session.ts']
    assert.deepEqual(outside(looking(/^rooms\//), shared), [])
  })

  it('know no room from below', () => {
    assert.deepEqual(outside(looking(/^api\//), []), [])
    assert.deepEqual(outside(looking(/^parts\//), ['api', 'words', 'navigation.ts', 'places-of-session.ts']), [])
    assert.deepEqual(outside(looking(/^enrolment\//), ['api', 'parts', 'words']), [])
  })
})
