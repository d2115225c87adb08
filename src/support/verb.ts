import type { Context } from '#src/context.ts'
import type { Actor } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'

/** What an act works with, and whom it talks to. */
export interface Desk {
  ctx: Context
  /** who does it, as the record will have it */
  operator: Actor
  origin: Origin
  say(line: string): void
  /** Asks a person for a yes; throws `Misuse` where there is none to be asked. */
  confirm(question: string): Promise<boolean>
}

export interface Options {
  by?: string | undefined
  yes?: boolean | undefined
  json?: boolean | undefined
}

/** What was typed after the name of the verb. */
export interface Wish {
  /** the address or domain; empty where it needs none */
  subject: string
  values: readonly string[]
  options: Options
}

export interface Verb {
  /** what is typed after its name */
  takes: string
  what: string
  /** what there is to know about it, line by line */
  more: readonly string[]
  examples: readonly string[]
  options: readonly (keyof Options)[]
  /** does it need nothing of that kind? */
  subject?: 'none'
  /** are there words after the address or domain? */
  values?: 'many'
  /** Reads the wish, before anything is opened: throws `Misuse` for a wrong one. */
  plan(wish: Wish): (desk: Desk) => Promise<void>
}

/** The command was called in a wrong way; nothing was looked at. */
export class Misuse extends Error {}

/** It was called rightly and cannot be done; nothing was changed. */
export class NotDone extends Error {}
