import { z } from 'zod'
import { addressesOfContact, keysOfContact } from '#src/domain/contacts/contacts.ts'
import { findKeys } from '#src/domain/discovery/discovery.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { enveloped } from './answers.ts'
import { needed, sessionQuery } from './inputs.ts'
import { wirePublicRing } from './ring.ts'

// A list of a hundred members is no reason to ask the world a hundred times.
const ADDRESSES_AT_MOST = 20

const getContactKeys = endpoint({
  at: 'GET /oxguard/keys?action=getContactKeys',
  what: 'The public keys of a contact: those on its card, and the one that is found for each of its addresses',
  who: 'a full session',
  in: { query: z.object({ ...sessionQuery, contactFolder: z.string().optional(), contactID: z.string().optional() }) },
  out: z.object({ data: z.object({ keyRings: z.array(z.unknown()) }) }),
  async does(ctx, { query }, { account }) {
    const folder = needed(query.contactFolder, 'contactFolder')
    const id = needed(query.contactID, 'contactID')
    const addresses = (await addressesOfContact(ctx, { account, folder, id })).slice(0, ADDRESSES_AT_MOST)
    const rings = new Map<string, { certificate: Uint8Array; info: CertificateInfo }>()
    for (const key of await keysOfContact(ctx, { account, folder, id })) rings.set(key.fingerprint, key)
    for (const key of (await findKeys(ctx, { account, addresses })).values())
      if (key && !rings.has(key.fingerprint)) rings.set(key.fingerprint, key)
    return enveloped({
      keyRings: [...rings.values()].map(({ certificate, info }) => wirePublicRing(certificate, info)),
    })
  },
})

export const contactKeyEndpoints: Endpoint[] = [getContactKeys]
