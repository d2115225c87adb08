/** Mail on its way out: who gets it how, the copies that it becomes, and sending them. */
export { dispatchMail } from './dispatching.ts'
export type { PlannedKey, ShownKey } from './planned-keys.ts'
export { type Plan, type PlannedRecipient, planMail } from './planning.ts'
export { replyToItem } from './replying.ts'
export { BLIND_FIELDS } from './sealing.ts'
export { type Sent, sendMail } from './sending.ts'
export type { Fate, Outgoing, Wish } from './wishes.ts'
