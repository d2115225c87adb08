import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const src = dirname(fileURLToPath(import.meta.url))
const files = globSync('**/*.ts', { cwd: src }).map((file) => file.replaceAll('\\', '/'))
const code = files.filter((file) => !file.endsWith('.test.ts') && !file.endsWith('testing.ts'))
const textOf = (file: string): string => readFileSync(join(src, file), 'utf8')

/** What each floor may look into: itself, and what is named here. The ground plan, as data. */
const floors: Record<string, readonly string[]> = {
  lib: [],
  db: ['lib'],
  drivers: ['lib'],
  config: [],
  context: ['config', 'db', 'drivers', 'lib'],
  domain: ['context', 'lib', 'db', 'drivers/outcome'],
  http: ['context', 'domain', 'lib'],
  protocols: ['context', 'domain', 'http', 'lib'],
  top: ['config', 'context', 'db', 'domain', 'drivers', 'http', 'lib', 'protocols', 'top'],
}

/** Rooms look only downward: each may open the ones before it, and those that stand beside it. */
const rooms: readonly (readonly string[])[] = [
  ['audit', 'throttles', 'messages', 'policy', 'bodies'],
  ['deliveries'],
  ['accounts'],
  ['programs', 'devices', 'passkeys'],
  ['factors'],
  ['sessions'],
  ['recovery', 'services'],
  ['keys'],
  ['correspondents', 'contacts', 'publishing'],
  ['discovery'],
  ['mail'],
  ['guests'],
  ['outgoing'],
  ['gateway', 'supporting', 'house'],
]

/** Packages that exactly one place may import. */
const soleImporters: Record<string, RegExp> = {
  hono: /^http\/mount\.ts$/,
  '@hono/node-server': /^http\/mount\.ts$/,
  openpgp: /^lib\/openpgp\//,
  '@node-rs/argon2': /^lib\/passwords\.ts$/,
  nodemailer: /^(drivers\/(smtp|smtp-hand-over)|lib\/mime\/[\w-]+)\.ts$/,
  ws: /^protocols\/openwifi\/log-socket\.ts$/,
  '@opentelemetry/sdk-trace': /^lib\/otel-/,
  '@opentelemetry/api': /^lib\/otel-/,
  '@platformatic/kafka': /^drivers\/kafka\.ts$/,
  '@simplewebauthn/server': /^domain\/passkeys\//,
  'image-size': /^lib\/image-kind\.ts$/,
  pg: /^db\/(postgres|change-poll|foreign|target-server)\.ts$/,
  kysely: /^(db\/|domain\/\w+\/(([\w-]+-)?store|throttles)\.ts$)/,
  zod: /^(config(-[a-z]+)?\.ts$|http\/|protocols\/)/,
  'prom-client': /^(metrics|watching\/kinds|crew\/sums)\.ts$/,
  'node:sqlite': /^db\//,
  tsdav: /^drivers\/carddav\.ts$/,
  'ical.js': /^lib\/vcard\.ts$/,
  'dns-packet': /^drivers\/dane\.ts$/,
  'ipaddr.js': /^(drivers|lib)\//,
  'smtp-server': /^drivers\/(smtp-listener|gateway-listener)\.ts$/,
  'sanitize-html': /^lib\/mime\//,
}

const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!)

const localTarget = (file: string, specifier: string): string | null => {
  if (specifier.startsWith('#src/')) return specifier.slice('#src/'.length)
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)).replaceAll('\\', '/') : null
}

const floorOf = (file: string): string => {
  const first = file.split('/')[0]!
  // What the command line does at length, and the server in several processes.
  if (['crew', 'import', 'moving', 'preview', 'support', 'watching'].includes(first)) return 'top'
  if (file.includes('/')) return first
  if (/^config-(?!text)[a-z]+\.ts$/.test(file)) return 'config'
  return ['config.ts', 'context.ts'].includes(file) ? file.replace('.ts', '') : 'top'
}

const roomOf = (file: string): string | null => /^domain\/(\w+)\//.exec(file)?.[1] ?? null
/** Where a room has its statements; a large one has more of them, each for one subject. */
const isCupboard = (file: string): boolean => /\/([\w-]+-)?store\.ts$/.test(file)
const heightOf = (room: string): number => rooms.findIndex((level) => level.includes(room))
const protocolOf = (file: string): string | null => /^protocols\/(\w+)\//.exec(file)?.[1] ?? null

const edges = code.flatMap((file) =>
  importsOf(file).flatMap((specifier) => {
    const target = localTarget(file, specifier)
    return target && !target.startsWith('..') ? [{ file, target }] : []
  }),
)

describe('the ground plan', () => {
  it('lets each floor look only where it may', () => {
    const wrong = edges.filter(({ file, target }) => {
      const [from, to] = [floorOf(file), floorOf(target)]
      return from !== to && !floors[from]!.some((allowed) => to === allowed || target.startsWith(allowed))
    })
    assert.deepEqual(wrong, [])
  })

  it('lets rooms look only downward', () => {
    const wrong = edges.filter(({ file, target }) => {
      const [from, to] = [roomOf(file), roomOf(target)]
      return from !== null && to !== null && from !== to && heightOf(to) > heightOf(from)
    })
    assert.deepEqual(wrong, [])
    for (const room of new Set(code.map(roomOf))) if (room) assert.ok(heightOf(room) >= 0, `${room} is on no level`)
  })

  it('keeps each cupboard to its own room', () => {
    const wrong = edges.filter(({ file, target }) => isCupboard(target) && roomOf(file) !== roomOf(target))
    assert.deepEqual(wrong, [])
  })

  it('lets no protocol know another', () => {
    const wrong = edges.filter(({ file, target }) => {
      const [from, to] = [protocolOf(file), protocolOf(target)]
      return from !== null && to !== null && from !== to
    })
    assert.deepEqual(wrong, [])
  })

  it('opens no table outside the cupboards', () => {
    const reaches = code.filter(
      (file) => /^(domain|protocols)\//.test(file) && /ctx\.db\b|database\.query/.test(textOf(file)),
    )
    const wrong = reaches.filter((file) => !isCupboard(file) && !/^domain\/(audit|throttles)\//.test(file))
    assert.deepEqual(wrong, [])
  })

  it('gives each outside package to one place', () => {
    const wrong = code.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => soleImporters[specifier] && !soleImporters[specifier].test(file))
        .map((specifier) => `${file} imports ${specifier}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('takes time and chance from the context', () => {
    const wrong = code
      .filter((file) => /^(domain|protocols|http)\//.test(file))
      .filter((file) => /Date\.now\(|new Date\(\)|Math\.random|randomBytes|randomUUID/.test(textOf(file)))
    assert.deepEqual(wrong, [])
  })

  it('keeps files short enough to read', () => {
    const long = code
      .filter((file) => !/tables\.ts$|\/migrations\//.test(file))
      .filter((file) => textOf(file).split('\n').length > 301)
    assert.deepEqual(long, [])
  })
})
