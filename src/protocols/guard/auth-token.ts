import { z } from 'zod'
import { dropStoredAuth, findStoredAuth, openStoredAuth, type StoredAuth, storeAuth } from '#src/domain/keys/keys.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { enveloped, nothing } from './answers.ts'
import { neededPasswordIn, numberIn, passwordFields, sessionQuery } from './inputs.ts'

const query = z.object(sessionQuery)
const duration = { minutesValid: z.union([z.string(), z.number()]).nullish() }
const out = z.object({ data: z.object({ auth: z.string().optional(), minutesValid: z.int().optional() }) })

/** Left out, it means a single use: the least that can be asked for. */
const minutesIn = ({ minutesValid }: { minutesValid?: string | number | null | undefined }): number =>
  numberIn('minutesValid', minutesValid) ?? -1

const wire = ({ token, minutes }: StoredAuth) => enveloped({ auth: token, minutesValid: minutes })

const find = endpoint({
  at: 'GET /guard-json?action=auth-token',
  what: 'The auth that is left with the session, if there is any; looking does not use it up',
  who: 'a full session',
  in: { query },
  out,
  async does(ctx, _input, signed) {
    const stored = await findStoredAuth(ctx, signed)
    return stored ? wire(stored) : enveloped(nothing)
  },
})

const open = endpoint({
  at: 'POST /guard-json?action=auth-token',
  what: 'Opens a key session with the key password and leaves its token with the session',
  who: 'a full session',
  takes: 'json or form',
  in: { query, body: z.looseObject({ ...passwordFields, ...duration }) },
  out,
  async does(ctx, { body }, signed, { origin }) {
    const password = await neededPasswordIn(ctx, body)
    return wire(await openStoredAuth(ctx, { signed, password, minutes: minutesIn(body), origin }))
  },
})

const leave = endpoint({
  at: 'PUT /guard-json?action=auth-token',
  what: 'Leaves a token with the session; an empty one takes away what is there',
  who: 'a full session',
  takes: 'json or form',
  in: { query, body: z.looseObject({ auth: z.string().nullish(), ...duration }) },
  out,
  async does(ctx, { body }, signed) {
    if (body.auth) return wire(await storeAuth(ctx, signed, { token: body.auth, minutes: minutesIn(body) }))
    await dropStoredAuth(ctx, signed)
    return enveloped(nothing)
  },
})

export const authTokenEndpoints: Endpoint[] = [find, open, leave]
