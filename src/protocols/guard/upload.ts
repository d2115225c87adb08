import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { importRings } from '#src/domain/keys/keys.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import type { Part } from '#src/http/multipart.ts'
import { newPasswordIn, passwordIn, sessionQuery } from './inputs.ts'
import { wireRing } from './ring.ts'

const part = z.custom<Part>((value) => value !== null && typeof value === 'object' && 'data' in value)
const textOf = (given: Part | undefined): string | undefined => given?.data.toString('utf8') || undefined

// What one file of keys may weigh, and what a form around it may.
const UPLOAD_LIMIT = 1024 * 1024 + 16 * 1024

const form = z.looseObject({
  key: part,
  keyPassword: part.optional(),
  e_keyPassword: part.optional(),
  newPassword: part.optional(),
  e_newPassword: part.optional(),
})

async function passwordsIn(ctx: Context, body: z.output<typeof form>) {
  const oldOne = { password: textOf(body.keyPassword), e_password: textOf(body.e_keyPassword) }
  const newOne = { password: textOf(body.newPassword), e_password: textOf(body.e_newPassword) }
  return {
    keyPassword: await passwordIn(ctx, oldOne),
    newPassword: newOne.password || newOne.e_password ? await newPasswordIn(ctx, newOne) : undefined,
  }
}

const upload = endpoint({
  at: 'POST /oxguard/keys?action=upload',
  what: 'Takes a file of own keys in, public or private; known ones learn what is new',
  who: 'a full session',
  takes: 'multipart',
  in: { query: z.object(sessionQuery), body: form },
  out: z.object({ data: z.unknown(), warnings: z.array(z.unknown()).optional() }),
  limits: { body: UPLOAD_LIMIT },
  async does(ctx, { body }, { account }, { origin }) {
    const passwords = await passwordsIn(ctx, body)
    const { rings, refused } = await importRings(ctx, { account, file: body.key.data, ...passwords, origin })
    const data = { keyRings: rings.map((ring) => wireRing(account, ring)) }
    // What could not be read among what could.
    const warnings = refused.map(({ fingerprint, reason }) => ({
      code: 'GRD-KEY-0003',
      categories: 'WARNING',
      category: 13,
      error: 'A key in this file could not be read.',
      error_params: fingerprint ? [fingerprint] : [],
      reason: reason.replace(/^\w+\./, ''),
    }))
    return warnings.length > 0 ? { data, warnings } : { data }
  },
})

export const uploadEndpoints: Endpoint[] = [upload]
