/** The support desk of the Guard protocol: what it may do about the keys of others. */
export { type Desk, proveDesk, warnOfWeakDesk } from './desk.ts'
export { exposeKeys, fetchExposed } from './exposing.ts'
export { type Named, userNumber } from './naming.ts'
export { removeKeys } from './removing.ts'
export { resetPassword } from './resetting.ts'
export { upgradeGuest } from './upgrading.ts'
