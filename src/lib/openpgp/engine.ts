import { armor } from './armor.ts'
import { inspect } from './certificates.ts'
import { certifications } from './certifications.ts'
import { setExpiry } from './expiry.ts'
import { openFile, sealFile } from './files.ts'
import { formatOfMail, openMail } from './mail.ts'
import { sealMail, signMail } from './mail-making.ts'
import { merge } from './merging.ts'
import { decrypt, encrypt } from './messages.ts'
import { decryptWithPassword, encryptWithPassword } from './passwords.ts'
import { applyRevocation } from './revoking.ts'
import { rotateSubkey } from './rotating.ts'
import { exportLocked, generate, prepare, revoke, unlock } from './secrets.ts'
import { forAddress, minimal, pictures, publishable } from './shown.ts'
import { signDetached, verifyCleartext, verifyDetached } from './signatures.ts'
import type { Operations } from './types.ts'
import { addUserId } from './user-ids.ts'
import { partOfMail, viewMail, wholeViewOfMail } from './viewing.ts'

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
  forAddress,
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
  sealFile,
  openFile,
  signDetached,
  verifyDetached,
  verifyCleartext,
  sealMail,
  signMail,
  formatOfMail,
  openMail,
  viewMail,
  wholeViewOfMail,
  partOfMail,
}

/** The armored form of a binary certificate; cheap enough for any thread. */
export function armorCertificate(certificate: Uint8Array): string {
  return armor('PUBLIC KEY BLOCK', certificate)
}
