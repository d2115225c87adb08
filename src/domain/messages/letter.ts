import type { Context } from '#src/context.ts'

/** As much of a context as a letter needs to be written. */
export type Writer = Pick<Context, 'config' | 'log' | 'clock'>

export interface Letter {
  subject: string
  text: string
  /** the same for readers of HTML; an SMS has none */
  html?: string
  /** further fields of a mail's header */
  headers?: Record<string, string>
  /** the sender of a mail that somebody wrote by hand; the house's own when absent */
  from?: string
  /** a mail that is there as a whole already, header and all: it is sent as it is, instead of all else */
  raw?: string
}

/** Whom a letter is for. */
export interface Reader {
  email: string
  name: string
  /** such as `de`, `de_CH` or `de-CH`; empty for the house's own */
  locale: string
  population: string
}

/** What a sentence of sentences.txt names. */
export interface Facts {
  /** a kind of second factor */
  method?: string
  /** what a person called it */
  name?: string
  /** the address of whoever was the reason for it */
  who?: string
  /** several things, each of a kind; what tells it from others of its kind may be empty */
  list?: readonly { method: string; name: string }[]
  /** epoch milliseconds */
  until?: number
}

/** What a letter is about. */
export interface Values extends Facts {
  link?: string
  code?: string
  /** seconds that the link or code lives */
  lifetime?: number
  /** a mail address that the letter is about, where it is not that of its account */
  address?: string
  /** the user names of accounts */
  names?: readonly string[]
  /** key of a sentence in sentences.txt */
  change?: string
  /** who does not get a mail, and why: key of a sentence `returned.…`, and what a mail server said of it */
  returned?: readonly { address: string; reason: string; words?: string }[]
  /** who wrote the encrypted mail that the letter tells of; the name is what he calls himself */
  sender?: { name: string; address: string }
  /** what he says in the clear */
  greeting?: string
  /** where the reader says that he wants no such mail */
  unsubscribe?: string
}
