import { z } from 'zod'
import { createRing, exportRing, findRing, listRings, setCurrent, whatIsThere } from '#src/domain/keys/keys.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { enveloped, keyFile, nothing } from './answers.ts'
import {
  keyQuery,
  newPasswordIn,
  numberIn,
  oneOf,
  passwordFields,
  passwordIn,
  sessionQuery,
  truthIn,
  wordIn,
} from './inputs.ts'
import { neededKeyIds, readKeyIds } from './key-id.ts'
import { keyLifeEndpoints } from './key-life.ts'
import { wireRing, wireRings } from './ring.ts'
import { uploadEndpoints } from './upload.ts'
import { userIdEndpoints } from './user-ids.ts'

const session = z.object(sessionQuery)
const keyTypes = z.enum(['public', 'private', 'public_private']).default('public_private')
const oneKey = keyQuery.extend({ keyType: keyTypes })
const withPassword = z.looseObject(passwordFields)
const anyData = z.object({ data: z.unknown() })

const hasKey = endpoint({
  at: 'GET /oxguard/keys?action=hasKey',
  what: 'Has the user a public and a private key?',
  who: 'a full session',
  in: { query: session },
  out: z.object({ data: z.object({ hasPublicKey: z.boolean(), hasPrivateKey: z.boolean() }) }),
  async does(ctx, _input, { account }) {
    const { isAny, isSecret } = await whatIsThere(ctx, account)
    return enveloped({ hasPublicKey: isAny, hasPrivateKey: isSecret })
  },
})

const algorithms = ['curve25519', 'rsa2048', 'rsa3072', 'rsa4096', 'v6'] as const

const create = endpoint({
  at: 'POST /oxguard/keys?action=create',
  what: 'Makes a key for the primary address of the user; it becomes the current one',
  who: 'a full session',
  takes: 'json or form',
  in: {
    query: session,
    body: z.looseObject({
      ...passwordFields,
      name: z.string().trim().min(1),
      // Not the address of the key, but where a new password for it shall be mailed to.
      email: z.string().nullish(),
      algorithm: oneOf(algorithms).nullish(),
      validDays: z.union([z.string(), z.number()]).nullish(),
      // Ours. Deleted later, the second copy would be in the backups of the time between.
      recovery: z.union([z.boolean(), z.string()]).nullish(),
    }),
  },
  out: anyData,
  async does(ctx, { body }, { account }, { origin }) {
    const password = await newPasswordIn(ctx, body)
    const { name, email: secondary } = body
    const ring = await createRing(ctx, {
      account,
      name,
      password,
      secondary: secondary?.trim() || undefined,
      algorithm: wordIn('algorithm', body.algorithm, algorithms),
      validDays: numberIn('validDays', body.validDays),
      recovery: truthIn('recovery', body.recovery),
      origin,
    })
    return enveloped(wireRing(account, ring))
  },
})

const getKeys = endpoint({
  at: 'GET /oxguard/keys?action=getKeys',
  what: 'The key rings of the user, the current one first',
  who: 'a full session',
  in: { query: session },
  out: anyData,
  async does(ctx, _input, { account }) {
    return enveloped({ keyRings: await wireRings(account, await listRings(ctx, account)) })
  },
})

const getKey = endpoint({
  at: 'POST /oxguard/keys?action=getKey',
  what: 'One key ring of the user; the armor of its private part only with its password',
  who: 'a full session',
  takes: 'json or form',
  in: { query: oneKey, body: withPassword },
  out: anyData,
  async does(ctx, { query, body }, { account }, { origin }) {
    const ring = await findRing(ctx, account, readKeyIds(query.keyid))
    const password = await passwordIn(ctx, body)
    const wantsSecret = query.keyType === 'private' || (query.keyType === 'public_private' && ring.hasSecret)
    // Whoever asks for everything and brings no password gets everything but the private armor.
    const secret = wantsSecret && (query.keyType === 'private' || password !== undefined)
    const { privateArmor } = await exportRing(ctx, { account, ring, secret, password, origin })
    const shown = wireRing(account, ring, { withPublic: query.keyType !== 'private', privateArmor })
    if (query.keyType === 'public') delete shown.privateRing
    return enveloped(shown)
  },
})

const downloadKey = endpoint({
  at: 'POST /oxguard/keys?action=downloadKey',
  what: 'The armor of a key ring as a file; its private part stays locked with its password',
  who: 'a full session',
  takes: 'json or form',
  in: { query: oneKey, body: withPassword },
  async does(ctx, { query: { keyid, keyType }, body }, { account }, { origin }) {
    const ring = await findRing(ctx, account, readKeyIds(keyid))
    const password = await passwordIn(ctx, body)
    const secret = keyType === 'private' || (keyType === 'public_private' && ring.hasSecret)
    const { publicArmor, privateArmor } = await exportRing(ctx, { account, ring, secret, password, origin })
    const armor = (keyType === 'private' ? '' : publicArmor) + (privateArmor ?? '')
    return keyFile(armor, `${keyType}.asc`)
  },
})

const setCurrentKey = endpoint({
  at: 'PUT /oxguard/keys?action=setCurrentKey',
  what: 'Makes a key ring the current one',
  who: 'a full session',
  in: { query: keyQuery },
  async does(ctx, { query }, { account }, { origin }) {
    await setCurrent(ctx, { account, ring: await findRing(ctx, account, neededKeyIds(query.keyid)), origin })
    return nothing
  },
})

export const keyEndpoints: Endpoint[] = [
  hasKey,
  create,
  getKeys,
  getKey,
  downloadKey,
  setCurrentKey,
  ...uploadEndpoints,
  ...keyLifeEndpoints,
  ...userIdEndpoints,
]
