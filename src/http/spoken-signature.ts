import { z } from 'zod'
import type { MailSignature } from '#src/domain/mail/mail.ts'
import { explanationOf } from './explanations.ts'

/** A judged signature on the wire. */
export const signature = z.object({
  keyId: z.string(),
  fingerprint: z.string().nullable(),
  status: z.enum(['valid', 'invalid', 'unknown-key', 'key-expired', 'key-revoked']),
  signer: z.string().nullable(),
  created: z.string().nullable().describe('seconds since 1970, in decimal'),
  matchesSender: z.boolean().describe('valid, and made with the key of the address in From'),
  source: z.string().nullable().describe('where the key comes from, as in keySources; null for one that nobody has'),
  trusted: z.boolean().describe('that source counts as telling whose key it is'),
  keyExpired: z.string().nullable().describe('of a valid one: when its key expired since, in seconds since 1970'),
  explanation: z.string(),
})

const seconds = (time: number | null): string | null => (time === null ? null : String(Math.floor(time / 1000)))

/** A judged signature on the wire. */
export const spoken = ({ created, keyExpired, isForOthers, ...known }: MailSignature): z.infer<typeof signature> => ({
  ...known,
  created: seconds(created),
  keyExpired: seconds(keyExpired),
  explanation: explanationOf({ ...known, keyExpired, isForOthers }),
})
