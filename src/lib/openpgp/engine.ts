import { armor } from './armor.ts'
import { certifications, inspect, merge } from './certificates.ts'
import {
  applyRevocation,
  decryptWithPassword,
  encryptWithPassword,
  minimal,
  pictures,
  prepare,
  publishable,
  rotateSubkey,
  setExpiry,
} from './life.ts'
import { formatOfMail, openMail, sealMail } from './mail.ts'
import { decrypt, encrypt } from './messages.ts'
import { addUserId, exportLocked, generate, revoke, unlock } from './secrets.ts'
import { signDetached, verifyCleartext, verifyDetached } from './signatures.ts'
import type { Operations } from './types.ts'

/** The whole engine, pure: what it needs of time comes in as `now` (epoch milliseconds). Slow; runs inside a worker. */
export const engine: Operations = {
  generate,
  inspect,
  unlock,
  exportLocked,
  prepare,
  setExpiry,
  rotateSubkey,
  applyRevocation,
  publishable,
  minimal,
  pictures,
  encryptWithPassword,
  decryptWithPassword,
  merge,
  addUserId,
  revoke,
  certifications,
  encrypt,
  decrypt,
  signDetached,
  verifyDetached,
  verifyCleartext,
  sealMail,
  formatOfMail,
  openMail,
}

/** The armored form of a binary certificate; cheap enough for any thread. */
export function armorCertificate(certificate: Uint8Array): string {
  return armor('PUBLIC KEY BLOCK', certificate)
}
