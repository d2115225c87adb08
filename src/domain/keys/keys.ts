/** The OpenPGP key rings of accounts: made, brought, shown, locked and unlocked. */
export { chooseAtRest, isEncryptedAtRest } from './at-rest.ts'
export { tenantRingWith } from './by-id.ts'
export { hasSecretWith } from './by-id-store.ts'
export { currentCertificate, guestCertificates, tenantCertificate, verificationCertificates } from './certificates.ts'
export { signaturesOf, type Vouching } from './certifying.ts'
export { createRing, keepMadeRing, type MadeRing, makeRing } from './creating.ts'
export { type DeletedRings, deletedRings, ownersOfDeleted } from './deleted.ts'
export { deleteRing } from './deleting.ts'
export { deleteAllRings } from './deleting-all.ts'
export { described } from './described.ts'
export { sweepUnwantedEscrows } from './escrow.ts'
export { backUpRing, exportRing, type RingExport } from './exporting.ts'
export { importRings } from './importing.ts'
export { sweep as sweepKeySessions } from './key-session-store.ts'
export { dropStoredAuth, findStoredAuth, holderOfToken, type StoredAuth, storeAuth } from './key-sessions.ts'
export {
  type LastingRevocation,
  lastingRevocationsAt,
  lastingRevocationsNamed,
  lastingRevocationsOf,
} from './lasting.ts'
export { lockedCopiesMade } from './locked-copies.ts'
export { moveRings } from './moving.ts'
export { canHaveOnDemand, createOnDemand } from './on-demand.ts'
export type { RingProof } from './opening.ts'
export { inOurWords } from './openpgp-reasons.ts'
export { changeKeySettings, type KeyProfile, keyProfile } from './profile.ts'
export { removeRecovery, restoreRecovery } from './recovery-copies.ts'
export { followRenewal, judgeEnds, readRenewal, remindOfEnds } from './reminding.ts'
export { endAfter, rotateSubkey, setExpiry } from './renewing.ts'
export { madePasswordLength, resetKeyPassword } from './resetting.ts'
export { readRevocation } from './revocations.ts'
export { revokeRing } from './revoking.ts'
export { keepSecret } from './rewriting.ts'
export { findRing, type KeyRing, listRings, meansKey, setCurrent, whatIsThere } from './rings.ts'
export { judgeKeyPassword } from './sealed.ts'
export { changeSecondary } from './secondary.ts'
export { ownSecret } from './server-secrets.ts'
export { showRing } from './showing.ts'
export { signInWithKey, tryNobodysPassword } from './signing-in.ts'
export { readTransported, transportKey } from './transport-key.ts'
export {
  changeKeyPassword,
  endKeySessions,
  openKeySession,
  openStoredAuth,
  type Proof,
  unlockedCurrent,
  unlockedSecrets,
} from './unlocking.ts'
export { addUserId, confirmKeyAddress } from './user-ids.ts'
