import type { z } from 'zod'
import type { Context } from '#src/context.ts'
import type { Account, Actor } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import type { Refusal } from '#src/domain/refusals.ts'
import type { Session, State } from '#src/domain/sessions/sessions.ts'
import type { MakeRoom } from './room.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'

/** Who may call: checked once, in mount.ts, by the table below. */
export type Who =
  | 'anyone'
  | 'a full session'
  | 'a full, elevated session'
  | 'full or change'
  | 'full or guest'
  | 'a guest'
  | 'full or setup'
  | 'full or setup, elevated'
  | 'full, setup or required'
  | 'a session before its second step'
  | 'all but required'
  | 'any session'
  | 'a session or key'
  | 'a session, key or service'
  | 'a service'

/** How somebody came who has no session: with an API key of his own, or as a sibling service. */
export type Without = 'key' | 'service'

interface Admission {
  states: readonly State[]
  /** must the session have been elevated lately? One in setup needs not. */
  elevated: boolean
  /** who else may come, without a session */
  others?: readonly Without[]
}

export const admissions: Record<Exclude<Who, 'anyone'>, Admission> = {
  'a full session': { states: ['full'], elevated: false },
  'a full, elevated session': { states: ['full'], elevated: true },
  'full or setup': { states: ['full', 'setup'], elevated: false },
  'full or setup, elevated': { states: ['full', 'setup'], elevated: true },
  'full or change': { states: ['full', 'change'], elevated: false },
  'full or guest': { states: ['full', 'guest'], elevated: false },
  'a guest': { states: ['guest'], elevated: false },
  'full, setup or required': { states: ['full', 'setup', 'required'], elevated: false },
  'a session before its second step': { states: ['required'], elevated: false },
  'all but required': { states: ['full', 'setup', 'change', 'delegated'], elevated: false },
  'any session': { states: ['full', 'setup', 'required', 'change', 'delegated'], elevated: false },
  'a session or key': { states: ['full'], elevated: false, others: ['key'] },
  'a session, key or service': { states: ['full'], elevated: false, others: ['key', 'service'] },
  'a service': { states: [], elevated: false, others: ['service'] },
}

/** How a body is read before zod sees it. `bytes`: as it is, a Uint8Array. */
export type BodyKind =
  | 'none'
  | 'json'
  | 'form'
  | 'json or form'
  | 'json or list'
  | 'form or multipart'
  | 'multipart'
  | 'bytes'
  | 'multipart or bytes'

/** The caller of an endpoint: a session and its owner. */
export interface Caller {
  account: Account
  session: Session
}

/** A caller who may have come without a session. */
export interface Holder {
  account: Account
  session: Session | null
  /** absent for a session */
  without?: Without
  /** when an API key ends, epoch milliseconds */
  until?: number
}

/** A caller who may be a sibling service, which has no account either. */
export interface Asker extends Omit<Holder, 'account'> {
  account: Actor
}

/** A request, read: everything `caller`, `does` and `refuse` may need besides the parsed input. */
export interface Incoming {
  method: string
  url: URL
  headers: Headers
  origin: Origin
  requestId: string
  /** headers to be added to the answer, cookies above all */
  answer: Headers
  /** for an answer that is much larger than its request; see `roomForMore` */
  makeRoom: MakeRoom
}

export interface Shape {
  path?: z.ZodType
  query?: z.ZodType
  body?: z.ZodType
}

type Part<S extends Shape, K extends keyof Shape> = S[K] extends z.ZodType ? z.output<S[K]> : undefined
export interface Input<S extends Shape> {
  path: Part<S, 'path'>
  query: Part<S, 'query'>
  body: Part<S, 'body'>
}

/**
 * An endpoint is a value: routes, checks and OpenAPI are derived from it. `at` is a method and a path, `{name}` for
 * path parameters, and `?action=name` for protocols that dispatch by it.
 */
export interface Endpoint {
  at: string
  what: string
  who: Who
  takes: BodyKind
  in: Shape
  /** the JSON of a plain answer, for OpenAPI and tests; absent where the answer is not JSON */
  out?: z.ZodType
  limits?: Limits
  does(ctx: Context, input: never, caller: Asker | null, incoming: Incoming): Promise<unknown>
}

export interface Limits {
  /** bytes; the setting bodyLimit where absent */
  body?: number
  /** calls per second, path and client address; or the setting that says it */
  perSecond?: number | 'signInRate'
  /** on: answered however much there is to do, because whoever asks wants to know just that */
  always?: true
}

type Known<W extends Who> = W extends 'anyone'
  ? null
  : W extends 'a session or key'
    ? Holder
    : W extends 'a session, key or service' | 'a service'
      ? Asker
      : Caller

/** Writes an endpoint down with the types of its input and caller tied together. */
export function endpoint<const W extends Who, const S extends Shape>(value: {
  at: `${Method} /${string}`
  what: string
  who: W
  takes?: BodyKind
  in?: S
  out?: z.ZodType
  limits?: Limits
  does(ctx: Context, input: Input<S>, caller: Known<W>, incoming: Incoming): Promise<unknown>
}): Endpoint {
  return { takes: value.in?.body ? 'json' : 'none', in: {}, ...value } as unknown as Endpoint
}

/** A wire protocol: its endpoints, and everything in which it differs from the others. */
export interface Protocol {
  name: string
  title: string
  /** where the endpoints hang; one list can hang on several bases */
  bases: readonly string[]
  endpoints(ctx: Context): readonly Endpoint[]
  /** The caller behind a request, or null when it brings no credentials. Throws a Refusal for bad ones. */
  caller(ctx: Context, incoming: Incoming): Promise<Asker | null>
  /** The token that elevates the session, where the protocol has one. */
  elevation?(incoming: Incoming): string | null
  /** What its description by OpenAPI has besides: headers that calls bring, and what a refusal looks like. */
  described?: { session: string; elevation: string; refusal: z.ZodType }
  /** May a JSON body be missing, or be read only under a JSON content type? */
  json: { requiresType: boolean }
  /** Writes a plain answer: JSON by default in all protocols, each in its own way. */
  reply(result: unknown, incoming: Incoming): Response
  refuse(refusal: Refusal, incoming: Incoming, ctx: Context): Response
  /** An internal error: nothing of it travels but the request id. */
  fault(incoming: Incoming): Response
  /** Headers on every answer, CORS above all. */
  headers(incoming: Incoming, ctx: Context): Record<string, string>
  /** The answer to OPTIONS. */
  preflight?(incoming: Incoming, methods: readonly string[], ctx: Context): Response
}
