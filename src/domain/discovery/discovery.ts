/** Finding the key of a correspondent: at home first, then in the world. */
export { findKeys, isLookedFor } from './finding.ts'
export type { FoundKey } from './found.ts'
export { judged as seenKey } from './judging.ts'
export { findKeyById } from './known.ts'
export { accountLines } from './lines.ts'
export { keyForRecipient, type RecipientKey, wouldGet } from './on-demand.ts'
export { refreshKeys, sweepFoundKeys } from './refreshing.ts'
export { findSigner, type SigningKey, signersKnown } from './signers.ts'
