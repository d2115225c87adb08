import { randomBytes } from 'node:crypto'
import pg from 'pg'

/**
 * A database of the demo's own: none on SQLite (its file is in the temporary folder), a fresh one beside the named
 * one on PostgreSQL. Where the user may not create one, the named one is used, and has to be empty.
 */
export async function ownDatabase(url: string | undefined): Promise<{ url?: string; remove(): Promise<void> }> {
  if (!url) return { remove: async () => {} }
  const name = `chatelaine_demo_${randomBytes(4).toString('hex')}`
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return await client.query(sql)
    } finally {
      await client.end()
    }
  }
  try {
    await run(`create database ${name}`)
  } catch (error) {
    // 42501: this user may not create databases
    if ((error as { code?: string }).code !== '42501') throw error
    return { url, remove: async () => {} }
  }
  const own = new URL(url)
  own.pathname = `/${name}`
  return {
    url: own.href,
    remove: async () => {
      await run(`drop database if exists ${name} with (force)`)
    },
  }
}
