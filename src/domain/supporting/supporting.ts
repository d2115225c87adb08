/** Looking after other people's accounts: what the support desk, administrators and the desk of Guard may do. */
export { type AccountFile, accountFile, withActors } from './account-file.ts'
export {
  type Care,
  decideForAccount,
  decideForDomain,
  giveAddress,
  letIn,
  resetFactorsOf,
  signOutOther,
  takeAddressAway,
} from './caring.ts'
export { type Desk, proveDesk, warnOfWeakDesk } from './desk.ts'
export { exposeKeys, fetchExposed } from './exposing.ts'
export { guestFile, listGuests, removeGuest, resetGuest, upgradeGuestTo } from './guest-care.ts'
export { exposeKeysOf, removeKeysOf, resetKeyOf } from './key-care.ts'
export { type Named, userNumber } from './naming.ts'
export { removeKeys } from './removing.ts'
export { resetPassword } from './resetting.ts'
export { upgradeGuest } from './upgrading.ts'
