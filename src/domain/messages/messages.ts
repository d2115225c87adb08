export { judgeOutbox } from './bounds.ts'
export { type TemplateName, templateNames } from './catalogue.ts'
export type { Flaw } from './checking.ts'
export { deliver, sweepMessages } from './deliver.ts'
export type { Letter, Writer } from './letter.ts'
export { type Change, type Target, tell } from './notices.ts'
export { type Channel, canCarry, channels, compose, composeFrom } from './outbox.ts'
export { isOurMessage } from './own.ts'
export {
  type Backlog,
  backlogs,
  dropMessage,
  listMessages,
  type MessageState,
  newestOutcomes,
  type Queued,
  queueLength,
  retryMessage,
} from './queue.ts'
export { everythingSettled, type Settled, settleMessage } from './settle.ts'
export { operatorsLanguages, operatorsShelf, reloadTemplates } from './shelves.ts'
export { type Specimen, specimenOf } from './specimens.ts'
export { languageFor, letterFrom } from './templates.ts'
export { countCaused, sendWritten, type Written } from './writing.ts'
