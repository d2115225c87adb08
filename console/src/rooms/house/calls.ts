import { call, send } from '../../api/client.ts'
import { elevated } from '../../api/elevation.ts'

const API = '/api/v1/admin'

export type SetupState = 'ok' | 'advice' | 'missing'
type Fact = string | number | boolean | null

export interface SetupItem {
  code: string
  state: SetupState
  settings: string[]
  facts: Record<string, Fact>
}

export const readSetup = async (): Promise<SetupItem[]> =>
  (await call<{ items: SetupItem[] }>('GET', `${API}/setup`)).items
export const noteBackup = (of: 'database' | 'key-file') => call('POST', `${API}/backups`, { json: { of } })

export interface Sample {
  seq: number
  at: string
  signIns: { done: number; failed: number }
  requests: number
  refusals: Record<string, number>
  latency: { median: number; p95: number; p99: number } | null
  eventLoop: { median: number; p99: number }
  memory: { resident: number; heap: number }
  queues: {
    messages: number
    deliveries: number
    passwords: { waiting: number; running: number }
    openpgp: { waiting: number; running: number; size: number }
  }
}

export interface Measures {
  version: string
  node: string
  database: 'sqlite' | 'postgres'
  processors: number
  started: string
  now: string
  everySeconds: number
  /** of all processes together */
  samples: Sample[]
  /** which of them answered */
  process: string
  processes: Process[]
}

/** One of those that work on the database, here or on another machine. */
export interface Process {
  id: string
  host: string
  pid: number
  /** 0 where there is but one on its machine */
  worker: number
  version: string
  node: string
  started: string
  seen: string
  gone: boolean
  samples: Sample[]
}

const newestOf = ({ samples }: Process): number => samples.at(-1)?.seq ?? 0

/** What is new since `before`. */
export function readMeasures(before: Measures | undefined): Promise<Measures> {
  const known = before?.processes ?? []
  const own = known.find(({ id }) => id === before?.process)
  return call<Measures>('GET', `${API}/measures`, {
    query: {
      after: own ? newestOf(own) : 0,
      known: known.map((process) => `${process.id}:${newestOf(process)}`).join(','),
    },
  })
}

export type OutboxKind = 'message' | 'delivery'
export type OutboxState = 'queued' | 'sending' | 'sent' | 'failed' | 'dropped'

interface Fate {
  id: string
  state: OutboxState
  recipients: string[]
  created: string
  expires: string
  tries: number
  nextTry: string | null
  ended: string | null
  outcome: string
  mayRetry: boolean
  mayDrop: boolean
}

export type OutboxItem =
  | (Fate & { kind: 'message'; channel: string; letter: string })
  | (Fate & { kind: 'delivery'; sender: string; refused: Record<string, string> })

export interface PageOf<Item> {
  items: Item[]
  next: string | null
}

type Query = Record<string, string | undefined>

export const readOutbox = (query: Query, signal: AbortSignal) =>
  call<PageOf<OutboxItem>>('GET', `${API}/outbox`, { query, signal })
const pathOf = ({ kind, id }: OutboxItem) => `${API}/outbox/${kind}/${encodeURIComponent(id)}`
export const retryItem = (item: OutboxItem) => call<OutboxItem>('POST', `${pathOf(item)}/retry`)
export const dropItem = (item: OutboxItem) => elevated<OutboxItem>('DELETE', pathOf(item))

export interface RecordLine {
  id: string
  at: string
  event: string
  account: string | null
  accountAddress: string | null
  actor: string | null
  actorAddress: string | null
  protocol: string
  network: string
  detail: Record<string, unknown>
}

export const readRecord = (query: Query, signal: AbortSignal) =>
  call<PageOf<RecordLine>>('GET', `${API}/record`, { query, signal })

/** The file, and the name that the server gave it. */
export async function exportRecord(query: Query): Promise<{ name: string; file: Blob }> {
  const response = await send('GET', `${API}/record/export`, { query })
  const [, name = 'record'] = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '') ?? []
  return { name, file: await response.blob() }
}

export interface Services {
  ourselves: { type: string; publicUri: string; privateUri: string | null }
  siblings: {
    type: string
    publicUri: string
    privateUri: string
    source: 'named' | 'heartbeat' | 'kafka'
    version: string
    until: string | null
  }[]
  kafka: { brokers: number; topic: string } | null
  mailServers: { hasOwnKey: boolean }
  /** null for who may not know */
  secrets: string[] | null
}

export const readServices = () => call<Services>('GET', `${API}/services`)
export const keepSecret = (name: string, value: string) =>
  elevated('PUT', `${API}/secrets/${encodeURIComponent(name)}`, { json: { value } })
export const forgetSecret = (name: string) => elevated('DELETE', `${API}/secrets/${encodeURIComponent(name)}`)

// The commands of the OpenWiFi protocol, which has had them all along.
const command = <T>(json: object) => call<T>('POST', '/api/v1/system', { json })

export interface LevelOf {
  tag: string
  value: string
}

export const readLevels = async (): Promise<LevelOf[]> =>
  (await command<{ tagList: LevelOf[] }>({ command: 'getloglevels' })).tagList
export const setLevel = (tag: string, value: string) =>
  command({ command: 'setloglevel', subsystems: [{ tag, value }] })
export const reload = (part: 'certificate' | 'templates') =>
  command({ command: 'reload', subsystems: [part === 'certificate' ? 'RESTAPI_ExtServer' : 'SMTPMailer'] })
