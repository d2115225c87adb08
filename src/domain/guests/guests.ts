/** People without a key of their own, who read their encrypted mail here. */
export { type ListedGuest, searchGuests } from './directory.ts'
export { type Guest, guestAt, guestOf } from './finding.ts'
export { initialOf } from './initial.ts'
export { invitationFor } from './invitations.ts'
export { type InvitedGuest, invitedGuests } from './invited.ts'
export { ensureGuest } from './inviting.ts'
export { giveItems, type Item, keepItem, sweepItems } from './items.ts'
export { type GuestKey, guestKeyFor } from './keys.ts'
export { changeGuestPassword, chooseFirstPassword, resetGuestPassword } from './passwords.ts'
export { isPinLocked, pinOf } from './pins.ts'
export { proveAnswer, type Question, questionAt } from './questions.ts'
export {
  countItems,
  type ListedItem,
  linkedItem,
  listItems,
  openAttachment,
  openItem,
  originalOf,
  plainMail,
  removeItem,
} from './reading.ts'
export { chooseMail, guestOfLink } from './refusing.ts'
export { rekeyGuest } from './rekeying.ts'
export { answerGuestRequests, askForAccountReset, isResetAlive, resetGuestAccount } from './resetting.ts'
export { type Hold, type SignedGuest, signInGuest } from './signing-in.ts'
export { sweepGuests } from './sweeping.ts'
