import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { importRings } from '#src/domain/keys/keys.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import type { Part } from '#src/http/multipart.ts'
import { warned } from './answers.ts'
import { FORM_LIMIT, filePart, newPasswordIn, passwordIn, sessionQuery } from './inputs.ts'
import { wireRings, wireUnread } from './ring.ts'

const textOf = (given: Part | undefined): string | undefined => given?.data.toString('utf8') || undefined

const form = z.looseObject({
  key: filePart,
  keyPassword: filePart.optional(),
  e_keyPassword: filePart.optional(),
  newPassword: filePart.optional(),
  e_newPassword: filePart.optional(),
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
  limits: { body: FORM_LIMIT },
  async does(ctx, { body }, { account }, { origin }) {
    const passwords = await passwordsIn(ctx, body)
    const { rings, refused } = await importRings(ctx, { account, file: body.key.data, ...passwords, origin })
    return warned({ keyRings: await wireRings(account, rings) }, refused.map(wireUnread))
  },
})

export const uploadEndpoints: Endpoint[] = [upload]
