/** The OpenPGP key rings of accounts: made, brought, shown, locked and unlocked. */
export { currentCertificate, verificationCertificates } from './certificates.ts'
export { exportRing, type RingExport } from './exporting.ts'
export { importRings } from './importing.ts'
export { dropStoredAuth, findStoredAuth, type StoredAuth, storeAuth } from './key-sessions.ts'
export { inOurWords } from './openpgp-reasons.ts'
export { createRing, findRing, hasSecretRing, type KeyRing, listRings, setCurrent } from './rings.ts'
export { sweep as sweepKeySessions } from './store.ts'
export { readTransported, transportKey } from './transport-key.ts'
export {
  changeKeyPassword,
  endKeySessions,
  openKeySession,
  openStoredAuth,
  type Proof,
  unlockedSecrets,
} from './unlocking.ts'
