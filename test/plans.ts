import { DatabaseSync } from 'node:sqlite'
import { planFlaw } from './plan-flaws.ts'

/**
 * Loaded before every test file (scripts/test.ts): asks SQLite how it means to do each statement that the server runs
 * meanwhile, and lets the file fail where one reads a large table through. It has no figures about what is in a table,
 * here or with a million accounts, so that it does the same in both.
 */
const { prepare } = DatabaseSync.prototype
const seen = new Set<string>()
const flaws: string[] = []

const FRAMES = 60

/** Does the server ask, and not the test itself? */
function isOurs(): boolean {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES
  const { stack = '' } = new Error('who asks')
  Error.stackTraceLimit = stackTraceLimit
  return stack.split('\n').some((frame) => /\/src\/(?!db\/|testing|import\/|moving\/|.*\.test\.ts)/.test(frame))
}

DatabaseSync.prototype.prepare = function (text, ...options) {
  if (!seen.has(text) && /^\s*(select|insert|update|delete|with)\b/i.test(text)) {
    seen.add(text)
    try {
      const plan = prepare.call(this, `explain query plan ${text}`).all() as { detail: string }[]
      const flaw = planFlaw(
        text,
        plan.map(({ detail }) => detail),
      )
      if (flaw && isOurs()) flaws.push(flaw)
    } catch {
      // Wrong statements are told of by whoever runs them.
    }
  }
  return prepare.call(this, text, ...options)
}

process.on('exit', () => {
  if (flaws.length === 0) return
  process.exitCode = 1
  console.error(`Takes longer the more accounts there are (test/plan-flaws.ts):\n  ${flaws.join('\n  ')}`)
})
