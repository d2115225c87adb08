import { z } from 'zod'

const credential = { id: z.string(), rawId: z.string(), type: z.literal('public-key') }

// Browsers add what they like; what nobody looks at may be there.
/** The toJSON() of a passkey that was made. */
export const attestation = z.looseObject({
  ...credential,
  response: z.looseObject({
    clientDataJSON: z.string(),
    attestationObject: z.string(),
    transports: z.array(z.string()).optional(),
  }),
})

/** The toJSON() of a passkey that was used. */
export const assertion = z.looseObject({
  ...credential,
  response: z.looseObject({
    clientDataJSON: z.string(),
    authenticatorData: z.string(),
    signature: z.string(),
    userHandle: z.string().nullish(),
  }),
})

/** What a browser is asked for: the standard says what else there is. */
export const options = z.looseObject({ challenge: z.string() })

/** No honest answer is larger; keys and certificates of strangers are not read for long. */
export const largestAnswer = { body: 65_536 }
