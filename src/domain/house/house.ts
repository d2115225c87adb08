/** The house as those see it who run it: what is set up, what it sends, what happened, how it is doing. */
export { type BackedUp, noteBackup, noteKeyFile } from './backups.ts'
export { takeMeasures } from './measures.ts'
export { dropQueued, type OutboxKind, retryQueued } from './outbox.ts'
export { listProcesses, takeLeave } from './processes.ts'
export { exportRecord, type Line, pageOfRecord, soughtBy, type Wished } from './record.ts'
export { countSealed, rewrap } from './rewrapping.ts'
export { type SetupItem, setupOf } from './setup.ts'
