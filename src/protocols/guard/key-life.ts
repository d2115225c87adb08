import { z } from 'zod'
import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import {
  backUpRing,
  deleteRing,
  endAfter,
  findRing,
  type KeyRing,
  meansKey,
  readRevocation,
  revokeRing,
  rotateSubkey,
  setExpiry,
  showRing,
} from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { enveloped, keyFile, nothing } from './answers.ts'
import { backupPage } from './backup-page.ts'
import { languageOf } from './backup-words.ts'
import { keyQuery, numberIn, oneOf, passwordFields, passwordIn, proofFields, proofIn, truth, wordIn } from './inputs.ts'
import { neededKeyIds, readKeyIds } from './key-id.ts'
import { wireRing } from './ring.ts'

const proven = z.looseObject(proofFields)

/** The key that an id means, in one of the account's own rings; an id there must be. */
async function keyMeant(
  ctx: Context,
  account: Account,
  keyid: string | undefined,
): Promise<{ ring: KeyRing; subkey: string | undefined }> {
  const ids = neededKeyIds(keyid)
  const ring = await findRing(ctx, account, ids)
  const key = ring.info.keys.find(({ fingerprint }) => ids.some((id) => meansKey(id, fingerprint)))
  return { ring, subkey: key && !key.primary ? key.fingerprint : undefined }
}

const remove = endpoint({
  at: 'POST /oxguard/keys?action=delete',
  what: 'Deletes a key ring for good, by the id of its master key',
  who: 'a full session',
  takes: 'json or form',
  in: { query: keyQuery, body: proven },
  async does(ctx, { query, body }, signed, { origin }) {
    const { ring, subkey } = await keyMeant(ctx, signed.account, query.keyid)
    // Whoever means a subkey does not mean all of it.
    if (subkey) throw new Refusal('key.unknown')
    await deleteRing(ctx, { signed, ring, proof: await proofIn(ctx, body), origin })
    return nothing
  },
})

const reasons = {
  no_reason: 'none',
  key_superseded: 'superseded',
  key_compromised: 'compromised',
  key_retired: 'retired',
  user_no_longer_valid: 'user-id-invalid',
} as const
const reasonNames = Object.keys(reasons) as (keyof typeof reasons)[]

const revoke = endpoint({
  at: 'POST /oxguard/keys?action=revoke',
  what: 'Revokes a key ring, or a subkey of it, by its id; with the sign-in password where the key password is forgotten',
  who: 'a full session',
  takes: 'json or form',
  in: { query: keyQuery, body: z.looseObject({ ...proofFields, reason: oneOf(reasonNames).nullish() }) },
  async does(ctx, { query, body }, signed, { origin }) {
    const meant = await keyMeant(ctx, signed.account, query.keyid)
    const reason = reasons[wordIn('reason', body.reason, reasonNames) ?? 'no_reason']
    await revokeRing(ctx, { signed, ...meant, reason, proof: await proofIn(ctx, body), origin })
    return nothing
  },
})

/** The ring as it is after a change. */
const shown = async (ctx: Context, account: Account, { info }: KeyRing) =>
  enveloped(wireRing(account, await findRing(ctx, account, [info.keyId])))

const figure = z.union([z.string(), z.number()])

const renew = endpoint({
  at: 'PUT /oxguard/keys?action=renew',
  what: 'Lets a key ring live on from now, for so many days or as long as a new one',
  who: 'a full session',
  takes: 'json or form',
  in: { query: keyQuery, body: z.looseObject({ ...proofFields, validDays: figure.nullish() }) },
  async does(ctx, { query, body }, signed, { origin }) {
    const ring = await findRing(ctx, signed.account, readKeyIds(query.keyid))
    const until = endAfter(ctx, numberIn('validDays', body.validDays))
    await setExpiry(ctx, { signed, ring, until, proof: await proofIn(ctx, body), origin })
    return shown(ctx, signed.account, ring)
  },
})

const changeExpiry = endpoint({
  at: 'PUT /oxguard/keys?action=setExpiry',
  what: 'Sets when a key ring ends: milliseconds since the epoch, or "never"',
  who: 'a full session',
  takes: 'json or form',
  in: { query: keyQuery, body: z.looseObject({ ...proofFields, expires: figure }) },
  async does(ctx, { query, body }, signed, { origin }) {
    const ring = await findRing(ctx, signed.account, readKeyIds(query.keyid))
    const until = body.expires === 'never' ? null : (numberIn('expires', body.expires) ?? Number.NaN)
    await setExpiry(ctx, { signed, ring, until, proof: await proofIn(ctx, body), origin })
    return shown(ctx, signed.account, ring)
  },
})

const rotate = endpoint({
  at: 'PUT /oxguard/keys?action=rotate',
  what: 'Gives a key ring a new subkey to encrypt to; with retire=true the old ones are revoked as superseded',
  who: 'a full session',
  takes: 'json or form',
  in: { query: keyQuery.extend({ retire: truth.default(false) }), body: proven },
  async does(ctx, { query, body }, signed, { origin }) {
    const ring = await findRing(ctx, signed.account, readKeyIds(query.keyid))
    await rotateSubkey(ctx, { signed, ring, retire: query.retire, proof: await proofIn(ctx, body), origin })
    return shown(ctx, signed.account, ring)
  },
})

const publish = endpoint({
  at: 'PUT /oxguard/keys?action=publish',
  what: 'Says whether the world may find a key ring',
  who: 'a full session',
  takes: 'none',
  in: { query: keyQuery.extend({ publish: truth }) },
  async does(ctx, { query }, { account }, { origin }) {
    const { ring } = await keyMeant(ctx, account, query.keyid)
    await showRing(ctx, { account, ring, isShown: query.publish, origin })
    return nothing
  },
})

const getRevocationCertificate = endpoint({
  at: 'POST /oxguard/keys?action=getRevocationCertificate',
  what: 'The armor with which a key ring can be revoked, by anybody who has it; for the password of the key or the account',
  who: 'a full session',
  takes: 'json or form',
  in: { query: keyQuery, body: proven },
  async does(ctx, { query, body }, signed, { origin }) {
    const ring = await findRing(ctx, signed.account, readKeyIds(query.keyid))
    const armor = await readRevocation(ctx, { signed, ring, proof: await proofIn(ctx, body), origin })
    return keyFile(armor, 'revocation.asc')
  },
})

const backup = endpoint({
  at: 'POST /oxguard/keys?action=backup',
  what: 'A page to be printed: the secret key, locked with its password, as text and as QR codes',
  who: 'a full session',
  takes: 'json or form',
  in: { query: keyQuery, body: z.looseObject(passwordFields) },
  async does(ctx, { query, body }, { account }, { origin }) {
    const ring = await findRing(ctx, account, readKeyIds(query.keyid))
    const armor = await backUpRing(ctx, { account, ring, password: await passwordIn(ctx, body), origin })
    return backupPage(ring, { armor, language: languageOf(account.locale || ctx.config.locale) })
  },
})

export const keyLifeEndpoints: Endpoint[] = [
  remove,
  revoke,
  renew,
  changeExpiry,
  rotate,
  publish,
  getRevocationCertificate,
  backup,
]
