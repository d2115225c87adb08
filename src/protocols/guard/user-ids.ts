import { z } from 'zod'
import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { listAutocrypt, listExternal } from '#src/domain/correspondents/correspondents.ts'
import { addUserId, findRing, listRings, meansKey, signaturesOf, type Vouching } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { enveloped, nothing } from './answers.ts'
import { keyQuery, proofFields, proofIn, truth } from './inputs.ts'
import { neededKeyIds, wireId } from './key-id.ts'

const add = endpoint({
  at: 'POST /oxguard/keys?action=addUserId',
  what: 'Adds a user ID to a key ring; an address that is not the account’s yet is asked by mail first',
  who: 'a full session',
  takes: 'json or form',
  in: {
    query: keyQuery,
    body: z.looseObject({
      ...proofFields,
      keyid: z.union([z.string(), z.number().transform(String)]).nullish(),
      name: z.string().trim().min(1),
      email: z.string().trim().min(1),
    }),
  },
  async does(ctx, { query, body }, signed, { origin }) {
    const ring = await findRing(ctx, signed.account, neededKeyIds(body.keyid ?? query.keyid))
    const { name, email } = body
    await addUserId(ctx, { signed, ring, name, email, proof: await proofIn(ctx, body), origin })
    return nothing
  },
})

/** RFC 9580, section 5.2.1, in words. */
const types: Record<number, string> = {
  16: 'generic',
  17: 'persona',
  18: 'casual',
  19: 'positive',
  24: 'subkey_binding',
  31: 'direct_key',
  32: 'revocation',
  40: 'subkey_revocation',
  48: 'certification_revocation',
}

const wireSignature = (one: Vouching) => ({
  userId: one.userId,
  image: one.image,
  issuerKeyId: wireId(one.issuerKeyId),
  issuerKeyIdHex: one.issuerKeyId,
  issuerUserId: one.issuerUserId,
  type: types[one.type] ?? `0x${one.type.toString(16)}`,
  created: one.created,
  expires: one.expires,
  verified: one.status === 'valid',
  issuerKnown: one.status !== 'unknown-key',
  ...(one.subkeyId === null ? {} : { subkeyId: one.subkeyId }),
})

interface Known {
  certificate: Uint8Array
  info: CertificateInfo
}

const withKey =
  (ids: readonly string[]) =>
  ({ info }: Known): boolean =>
    info.keys.some(({ fingerprint }) => ids.some((id) => meansKey(id, fingerprint)))

/** Keys of others that the user has, or may see. */
const ofOthers = async (ctx: Context, account: Account): Promise<Known[]> => [
  ...(await listExternal(ctx, account)),
  ...(await listAutocrypt(ctx, account)),
]

/** A certificate that the user may see: one of his own, or of those of others that he has. */
async function seenBy(
  ctx: Context,
  account: Account,
  ids: readonly string[],
): Promise<{ asked: Known; known: Known[] }> {
  const others = await ofOthers(ctx, account)
  try {
    return { asked: await findRing(ctx, account, ids), known: others }
  } catch (error) {
    const asked = isRefusal(error, 'key.unknown', 'key.none') ? others.find(withKey(ids)) : undefined
    if (!asked) throw error
    return { asked, known: [...(await listRings(ctx, account)), ...others.filter((one) => one !== asked)] }
  }
}

const getSignatures = endpoint({
  at: 'GET /oxguard/keys?action=getSignatures',
  what: 'The signatures of a key: who vouches for its user IDs; with subkeys=true those of its subkeys too',
  who: 'a full session',
  in: { query: keyQuery.extend({ subkeys: truth.default(false) }) },
  out: z.object({ data: z.object({ signatures: z.array(z.unknown()) }) }),
  async does(ctx, { query }, { account }) {
    const ids = neededKeyIds(query.keyid)
    const { asked, known } = await seenBy(ctx, account, ids)
    const certificates = known.map(({ certificate }) => certificate)
    const all = await signaturesOf(ctx, { account, certificate: asked.certificate, known: certificates })
    const meant = asked.info.keys.find(({ fingerprint }) => ids.some((id) => meansKey(id, fingerprint)))
    // Asked for a subkey, its own signatures are the answer; asked for the whole, its subkeys' are an addition.
    const suits = ({ subkeyId }: Vouching) =>
      meant && !meant.primary ? subkeyId === meant.keyId : subkeyId === null || query.subkeys
    return enveloped({ signatures: all.filter(suits).map(wireSignature) })
  },
})

export const userIdEndpoints: Endpoint[] = [add, getSignatures]
