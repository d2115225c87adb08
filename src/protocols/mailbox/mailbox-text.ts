import { told } from '#src/domain/audit/audit.ts'
import { type Hurdle, hurdles, passedByPasskey, type State } from '#src/domain/sessions/sessions.ts'
import { admissions, type Endpoint, type Who } from '#src/http/endpoint.ts'
import { schemaOf } from '#src/http/openapi.ts'
import { endpoints as ownEndpoints } from './mailbox.ts'
import { everyAnswer } from './refuse.ts'
import { signIns, steps } from './states.ts'
import { verify } from './verify.ts'
import { versionEndpoints } from './version.ts'

// What docs/mailbox.md says by itself: drawn and listed from the tables that the server runs on.

const endpoints: readonly Endpoint[] = [...ownEndpoints, verify, ...versionEndpoints]

/** The calls of the published API; every other one is ours. */
const published: ReadonlySet<string> = new Set([
  'POST /account/security/check',
  'GET /account/security/methods',
  'POST /account/security/methods',
  'GET /account/security/methods/{id}/qr',
  'POST /account/security/methods/{id}/sendtoken',
  'POST /account/security/methods/{id}/activate',
  'DELETE /account/security/methods/{id}',
  'DELETE /account/security/methods',
  'POST /account/security/2fa',
  'DELETE /account/security/2fa',
  'POST /account/security/2fa/recoverycodes',
  'POST /recover/username',
  'GET /recover/password/methods',
  'POST /recover/password/sendtoken',
  'POST /recover/password/validatetoken',
  'POST /recover/password/reset',
  'POST /login',
  'POST /login/cookie',
  'POST /login/2fa',
  'GET /captha/status',
  'GET /captha',
  'GET /account/info',
  'POST /account/password/set',
  'POST /account/password/reset',
  'GET /api/',
])

/** When a hurdle stands, as states.ts of the domain judges it. */
const reasons: Record<Hurdle, string> = {
  required: '2-step verification is on, and this browser is not trusted',
  setup: 'it is off, the policy is mandatory, and no days of grace are left',
  change: 'the password was given by somebody else, or is too old',
}

const ARM = 46

function drawnHurdle(hurdle: Hurdle): string[] {
  const { header, passedBy } = steps[hurdle]
  const edge = `  |${' '.repeat(ARM)}+${'-'.repeat(hurdle.length + 2)}+`
  const last = passedBy.length - 1
  return [
    `  |  ${reasons[hurdle]}:`,
    edge,
    `  |${'-'.repeat(ARM - 1)}>| ${hurdle} |${header === null ? '' : `  X-Axigen-2FA: ${header}`}`,
    edge,
    ...passedBy.map((at, index) => {
      const arrow = `<--- ${at} `
      return `  |${arrow}${'-'.repeat(ARM + 2 - arrow.length)}${index === last ? "'" : '|'}`
    }),
    '  |',
  ]
}

const diagram = (): string =>
  [
    '```',
    '  the password was right',
    '  |',
    ...hurdles.flatMap(drawnHurdle),
    '  v',
    '+------+',
    '| full |',
    '+------+',
    '',
    '  POST /login with an access token or an app password',
    '  |',
    '  v',
    '+-----------+',
    '| delegated |',
    '+-----------+',
    '```',
  ].join('\n')

const code = (text: string): string => `\`${text}\``

/** A table whose columns are of one width, so that a terminal shows it too. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((cells) => cells[column]!.length)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n')
}

const isPassed = (hurdle: Hurdle): boolean => hurdles.indexOf(hurdle) <= hurdles.indexOf(passedByPasskey)

const doors = (): string =>
  table(
    ['sign-in', ...hurdles],
    [
      ...Object.entries(signIns).map(([at, accepts]) => [
        code(at),
        ...hurdles.map((hurdle) => ((accepts as readonly Hurdle[]).includes(hurdle) ? 'asked for' : 'refused')),
      ]),
      [code('POST /login/passkey'), ...hurdles.map((hurdle) => (isPassed(hurdle) ? 'passed' : 'asked for'))],
    ],
  )

const states: readonly State[] = ['full', ...hurdles, 'delegated']

const hasScope = ({ in: { query } }: Endpoint): boolean =>
  query !== undefined && 'scope' in ((schemaOf(query) as Schema).properties ?? {})

function access(endpoint: Endpoint, who: Exclude<Who, 'anyone'>): string[] {
  const { states: admitted, elevated } = admissions[who]
  return states.map((state) => {
    if (!admitted.includes(state)) return ''
    const only = state in steps && hasScope(endpoint) ? steps[state as Hurdle].scope : null
    if (only) return `scope=${only}`
    return elevated && state !== 'setup' ? 'with securityToken' : 'yes'
  })
}

const matrix = (): string =>
  table(
    ['call', ...states],
    endpoints.flatMap((endpoint) => {
      const { at, who } = endpoint
      return who === 'anyone' || admissions[who].states.length === 0 ? [] : [[code(at), ...access(endpoint, who)]]
    }),
  )

const publicCalls = (): string =>
  endpoints
    .filter(({ who }) => who === 'anyone')
    .map(({ at }) => `* ${code(at)}`)
    .join('\n')

interface Schema {
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: unknown
  anyOf?: Schema[]
  items?: Schema
}

/** The members of a body, as people write them: `{method, target?}`. */
function members(schema: Schema): string {
  if (schema.anyOf) return schema.anyOf.map(members).join(' or ')
  if (!schema.properties) return ''
  const names = Object.entries(schema.properties).map(([name, own]) => {
    const inner = own.items ? `: [${members(own.items)}]` : ''
    return `${name}${schema.required?.includes(name) ? '' : '?'}${inner}`
  })
  const isOpen = typeof schema.additionalProperties === 'object'
  return `{${[...names, ...(isOpen ? ['…'] : [])].join(', ')}}`
}

const shape = (schema: Parameters<typeof schemaOf>[0] | undefined, io: 'input' | 'output'): string => {
  const text = schema ? members(schemaOf(schema, io) as Schema) : ''
  return ['', '{}'].includes(text) ? '' : code(text)
}

/** The query, but for the session id that every call of a cookie client carries. */
const asked = ({ at, in: { query } }: Endpoint): string => {
  const { properties = {} } = (query ? schemaOf(query, 'input') : {}) as Schema
  const names = Object.keys(properties).filter((name) => name !== '_h')
  return code(names.length === 0 ? at : `${at}?${names.map((name) => `${name}=`).join('&')}`)
}

const calls = (isPublished: boolean): string =>
  [
    '| call | takes | gives | |',
    '|---|---|---|---|',
    ...endpoints
      .filter(({ at }) => published.has(at) === isPublished)
      .map((endpoint) => {
        const { in: taken, out, what } = endpoint
        return `| ${asked(endpoint)} | ${shape(taken.body, 'input')} | ${shape(out, 'output')} | ${what} |`
      }),
  ].join('\n')

function errors(): string {
  const byCode = new Map<string, Set<string>>()
  for (const [status, errorCode, words] of [...everyAnswer].sort(([one], [other]) => one - other)) {
    const key = `${status} | ${code(errorCode)}`
    byCode.set(key, (byCode.get(key) ?? new Set()).add(words))
  }
  const rows = [...byCode].map(([key, words]) => `| ${key} | ${[...words].join('; ')} |`)
  return ['| status | errorCode | errorMessage |', '|---|---|---|', ...rows].join('\n')
}

/** What happens to accounts, by what it is about, each with what its `detail` may have. */
function events(): string {
  const about = new Map<string, string[]>()
  for (const [event, facts] of Object.entries(told)) {
    const subject = event.slice(0, event.indexOf('.'))
    const words = facts.length === 0 ? code(event) : `${code(event)} (${facts.join(', ')})`
    about.set(subject, [...(about.get(subject) ?? []), words])
  }
  return [...about.values()].map((some) => `* ${some.join(', ')}`).join('\n')
}

const parts: Record<string, () => string> = {
  diagram,
  'sign-ins': doors,
  states: matrix,
  'public calls': publicCalls,
  'published calls': () => calls(true),
  'further calls': () => calls(false),
  events,
  errors,
}

/** The page with its own parts made anew; all the rest of it stays as it is. Throws when it lacks one of them. */
export function mailboxPage(page: string): string {
  return Object.entries(parts).reduce((text, [name, made]) => {
    const [begin, end] = [`<!-- made: ${name} -->\n`, `\n<!-- end: ${name} -->`]
    const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
    if (from < begin.length || to < from) throw new Error(`docs/mailbox.md has no place for: ${name}`)
    return text.slice(0, from) + made() + text.slice(to)
  }, page)
}
