import type { Connection, Submittable } from 'pg'

export type Text = string | null

/** A PostgreSQL database over a single connection, where every value is read as PostgreSQL writes it. */
export interface TargetServer {
  query(sql: string, values?: readonly (string | readonly string[] | null)[]): Promise<Text[][]>
  /** All that `work` does, or nothing. */
  atOnce(work: () => Promise<void>): Promise<void>
  /** Adds rows; `lines` is in the text format of COPY. */
  copyIn(table: string, columns: readonly string[], lines: string): Promise<void>
  close(): Promise<void>
}

/** A name as it may stand in a statement of either engine. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

type CopyConnection = Connection & {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** One COPY of one piece of text, as `pg` lets be submitted what it does not know itself. */
class CopyIn implements Submittable {
  readonly done: Promise<void>
  readonly #text: string
  readonly #lines: string
  #resolve!: () => void
  #reject!: (error: Error) => void
  #fault: Error | null = null
  // `pg` sets it where it finds none.
  callback = () => {}

  constructor(text: string, lines: string) {
    this.#text = text
    this.#lines = lines
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }
  submit(connection: Connection): void {
    ;(connection as CopyConnection).query(this.#text)
  }
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.#lines))
    connection.endCopyFrom()
  }
  handleCommandComplete(): void {}
  handleError(error: Error): void {
    this.#fault = error
    // A connection that is gone says nothing any more.
    this.#reject(error)
  }
  handleReadyForQuery(): void {
    if (!this.#fault) this.#resolve()
  }
}

// The server is told of a connection whose other end is gone within half a minute, and lets go of its lock.
const session = `set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set bytea_output = hex;
  set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3`

/** Opens a PostgreSQL database by its URL. */
export async function openTargetServer(url: string): Promise<TargetServer> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    connectionString: url,
    application_name: 'chatelaine move',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser: () => (value: string) => value },
  } as never)
  // Without a listener a connection that dies would end the process; the next query tells.
  client.on('error', () => {})
  await client.connect()
  await client.query(session)
  return {
    async query(sql, values = []) {
      const { rows } = await client.query({ text: sql, values: [...values], rowMode: 'array' })
      return rows as Text[][]
    },
    async atOnce(work) {
      await client.query('begin')
      try {
        await work()
        await client.query('commit')
      } catch (error) {
        // Where the connection is gone, so is the transaction.
        await client.query('rollback').catch(() => {})
        throw error
      }
    },
    copyIn(table, columns, lines) {
      const copy = new CopyIn(`copy ${quoted(table)} (${columns.map(quoted).join(', ')}) from stdin`, lines)
      client.query(copy)
      return copy.done
    },
    close: () => client.end(),
  }
}
