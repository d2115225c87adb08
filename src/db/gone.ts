import { type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

/** The database did not answer, or not in time; nothing was wrong with what it was asked. */
export class DatabaseGone extends Error {
  /** what the network, or the server as it went, said */
  readonly code: string
  constructor(cause: Error & { code?: string }) {
    super(cause.message, { cause })
    this.code = cause.code ?? ''
  }
}

/**
 * States of PostgreSQL that pass: a connection that failed, too few resources, an operator who steps in, a disk that
 * fails, a standby that was promoted elsewhere, a transaction that lost to another one.
 */
const passing = /^(08|53|57|58)|^(25006|40001|40P01|55P03)$/

const network =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOTFOUND|EAI_AGAIN|ENOENT)$/

// The driver has no codes for these.
const said =
  /^(Connection terminated|timeout exceeded|Query read timeout|Client (was closed|has encountered)|Cannot use a pool)/

/** Does the driver of PostgreSQL say that the server is gone, or cannot do it now? */
export function isPassing(error: unknown): error is Error & { code?: string } {
  if (!(error instanceof Error)) return false
  const { code = '' } = error as { code?: string }
  return passing.test(code) || network.test(code) || (code === '' && said.test(error.message))
}

/** Can the connection not be used any more? Of states of the server only those that it closes connections with. */
export const isBroken = (error: Error & { code?: string }): boolean => !/^(53|55|40|57014)/.test(error.code ?? '')

/** Did somebody else have what it needs: a lock in time, a row, a place in a circle of waiting? */
export const isInTheWay = (error: unknown): boolean =>
  ['55P03', '40P01', '40001'].includes((error as { code?: string }).code ?? '')

/** SQLITE_BUSY, whatever its finer shade: another process holds a lock, and the statement has done nothing. */
export const isBusy = (error: unknown): boolean => (((error as { errcode?: number }).errcode ?? 0) & 0xff) === 5

// SQLITE_BUSY, LOCKED, IOERR, FULL, CANTOPEN
const passingInSqlite = [5, 6, 10, 13, 14]

/** Could SQLite not write or read, for now, or the disk not take the write-ahead log? */
export function isPassingInSqlite(error: unknown): boolean {
  const { errcode, syscall, code } = error as { errcode?: number; syscall?: string; code?: string }
  if (code === 'ERR_SQLITE_ERROR' && errcode !== undefined) return passingInSqlite.includes(errcode & 0xff)
  return syscall === 'fdatasync'
}

/** Does a database answer the simplest question? */
export const answers = (query: Kysely<Tables>): Promise<boolean> =>
  sql`select 1`.execute(query).then(
    () => true,
    () => false,
  )
