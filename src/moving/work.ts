import type { SourceFile } from '#src/db/source-file.ts'
import type { TargetServer } from '#src/db/target-server.ts'
import type { Progress } from './progress.ts'

/** What a move works with. */
export interface Work {
  source: SourceFile
  target: TargetServer
  progress: Progress
  say(line: string): void
}
