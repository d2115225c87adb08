import { z } from 'zod'
import {
  type AutocryptKey,
  type ExternalKey,
  listAutocrypt,
  listExternal,
  markExternal,
  removeAutocrypt,
  removeExternal,
  type Uploaded,
  uploadExternal,
} from '#src/domain/correspondents/correspondents.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { enveloped, nothing, warned, warning } from './answers.ts'
import { FORM_LIMIT, filePart, sessionQuery, truth } from './inputs.ts'
import { readKeyIds, signedId } from './key-id.ts'
import { wirePublicRing, wireUnread } from './ring.ts'

const keyTypes = z.enum(['uploaded', 'autocrypt']).default('uploaded')
const collection = z.object({ data: z.object({ externalPublicKeyRings: z.array(z.unknown()) }) })

/** The `ids` of a ring as a client gives them back: ids of its keys, the primary one first, or a fingerprint. */
export const keyIdsIn = (keyids: string): string[] =>
  keyids.split(',', 500).flatMap((one) => readKeyIds(one, 'keyids') ?? [])

export const keyids = z.string().trim().min(1)

/** A key that was uploaded (docs/guard.md). */
const wireExternal = ({ certificate, info, shared, inline, owned }: ExternalKey) => ({
  ids: info.keys.map(({ keyId }) => signedId(keyId)).join(','),
  publicRing: wirePublicRing(certificate, info),
  share: shared,
  shared,
  inline,
  owned,
})

/** Whether somebody prefers encryption, in the word of the header. */
export const wirePreference = (prefersEncryption: boolean): string => (prefersEncryption ? 'mutual' : 'nopreference')

const wireAutocrypt = (key: AutocryptKey) => ({
  ids: key.fingerprint,
  publicRing: wirePublicRing(key.certificate, key.info),
  share: false,
  shared: false,
  inline: false,
  owned: true,
  verified: key.verified,
  email: key.address,
  preferEncrypt: wirePreference(key.prefersEncryption),
  lastSeen: key.lastSeen,
  gossip: key.gossip,
})

const warningsOf = ({ droppedSecrets, refused }: Uploaded) => [
  ...(droppedSecrets
    ? [warning('GRD-KEY-0010', 'The file has secret keys in it. Only their public parts were taken.')]
    : []),
  ...refused.map(wireUnread),
]

const upload = endpoint({
  at: 'POST /oxguard/keys?action=uploadExternalPublicKey',
  what: 'Takes public keys of others in; known ones learn what is new',
  who: 'a full session',
  takes: 'multipart',
  in: { query: z.object(sessionQuery), body: z.looseObject({ key: filePart }) },
  out: collection.extend({ warnings: z.array(z.unknown()).optional() }),
  limits: { body: FORM_LIMIT },
  async does(ctx, { body }, { account }, { origin }) {
    const uploaded = await uploadExternal(ctx, { account, file: body.key.data, origin })
    return warned({ externalPublicKeyRings: uploaded.keys.map(wireExternal) }, warningsOf(uploaded))
  },
})

const list = endpoint({
  at: 'GET /oxguard/keys?action=getExternalPublicKeys',
  what: 'Keys of others: uploaded by the user or shared by colleagues, or learnt by Autocrypt',
  who: 'a full session',
  in: { query: z.object({ ...sessionQuery, keyType: keyTypes }) },
  out: collection,
  async does(ctx, { query }, { account }) {
    const rings =
      query.keyType === 'autocrypt'
        ? (await listAutocrypt(ctx, account)).map(wireAutocrypt)
        : (await listExternal(ctx, account)).map(wireExternal)
    return enveloped({ externalPublicKeyRings: rings })
  },
})

const share = endpoint({
  at: 'PUT /oxguard/keys?action=shareExternalPublicKey',
  what: 'Shows an uploaded key to everybody of the tenant, or to nobody else any more',
  who: 'a full session',
  takes: 'none',
  in: { query: z.object({ ...sessionQuery, keyids, share: truth }) },
  async does(ctx, { query }, { account }, { origin }) {
    await markExternal(ctx, { account, ids: keyIdsIn(query.keyids), marks: { shared: query.share }, origin })
    return nothing
  },
})

const inline = endpoint({
  at: 'PUT /oxguard/keys?action=inlineExternalPublicKey',
  what: 'Says whether mails to the owner of an uploaded key are PGP/Inline by default',
  who: 'a full session',
  takes: 'none',
  in: { query: z.object({ ...sessionQuery, keyids, inline: truth }) },
  async does(ctx, { query }, { account }, { origin }) {
    await markExternal(ctx, { account, ids: keyIdsIn(query.keyids), marks: { inline: query.inline }, origin })
    return nothing
  },
})

const remove = endpoint({
  at: 'DELETE /oxguard/keys?action=deleteExternalPublicKey',
  what: 'Takes an uploaded key away, or forgets one learnt by Autocrypt',
  who: 'a full session',
  in: { query: z.object({ ...sessionQuery, keyids, keyType: keyTypes }) },
  async does(ctx, { query }, { account }, { origin }) {
    const removed = query.keyType === 'autocrypt' ? removeAutocrypt : removeExternal
    await removed(ctx, { account, ids: keyIdsIn(query.keyids), origin })
    return nothing
  },
})

export const externalKeyEndpoints: Endpoint[] = [upload, list, share, inline, remove]
