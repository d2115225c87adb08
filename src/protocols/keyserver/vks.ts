import { z } from 'zod'
import { keysAt, keysWith } from '#src/domain/publishing/publishing.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { asciiAddress, isAddress } from '#src/lib/mail-address.ts'
import { armored } from './answers.ts'
import { askedAt } from './asking.ts'

const fingerprint = z.object({ fingerprint: z.string() })
const keyId = z.object({ keyId: z.string() })
const address = z.object({ address: z.string() })

const bad = (why: string): Refusal => new Refusal('input.invalid', { why })

/** The Verifying Keyserver interface of keys.openpgp.org, as far as it reads. Of several keys it gives the first. */
export const vksEndpoints = [
  ...askedAt(['/vks/v1/by-fingerprint/{fingerprint}'], {
    what: 'A key by the fingerprint of its primary key or of a subkey',
    in: { path: fingerprint },
    async answers(ctx, { path }, incoming) {
      const wanted = path.fingerprint.toUpperCase()
      if (!/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(wanted)) throw bad('a fingerprint has 40 or 64 hexadecimal digits')
      return armored(incoming, (await keysWith(ctx, wanted)).slice(0, 1))
    },
  }),
  ...askedAt(['/vks/v1/by-keyid/{keyId}'], {
    what: 'A key by the 64-bit id of its primary key or of a subkey',
    in: { path: keyId },
    async answers(ctx, { path }, incoming) {
      const wanted = path.keyId.toUpperCase()
      if (!/^[0-9A-F]{16}$/.test(wanted)) throw bad('a key id has 16 hexadecimal digits')
      return armored(incoming, (await keysWith(ctx, wanted)).slice(0, 1))
    },
  }),
  ...askedAt(['/vks/v1/by-email/{address}'], {
    what: 'The key of an address',
    in: { path: address },
    async answers(ctx, { path }, incoming) {
      const wanted = asciiAddress(path.address)
      if (!isAddress(wanted)) throw bad('that is no mail address')
      return armored(incoming, (await keysAt(ctx, wanted)).slice(0, 1))
    },
  }),
]
