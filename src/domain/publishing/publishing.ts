/** What of our people's keys the world may see, and how keys come in from there. */
export { takeOffered } from './offering.ts'
export { keysAt, keysNamed, keysWith } from './showing.ts'
export { sweep as sweepSubmissions } from './store.ts'
export type { Shown } from './stripping.ts'
export { takeSubmission } from './submission.ts'
export { submissionAddress } from './submission-key.ts'
