import type { ColumnDefinitionBuilder } from 'kysely'

// What columns are like, in the words that every migration shares. A word never changes its meaning: what ran stays true.
type Column = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder

export const key: Column = (column) => column.primaryKey()
export const needed: Column = (column) => column.notNull()
/** 0 or 1, or a number that begins at 0 */
export const truth: Column = (column) => column.notNull().defaultTo(0)
/** a text that may be empty */
export const words: Column = (column) => column.notNull().defaultTo('')
export const ofAccount: Column = (column) => column.notNull().references('account.id').onDelete('cascade')
/** the account's only row of its kind */
export const accountKey: Column = (column) => column.primaryKey().references('account.id').onDelete('cascade')
export const ofSession: Column = (column) => column.notNull().references('session.id').onDelete('cascade')
