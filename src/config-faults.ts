import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** What is wrong with a setting, in words for whoever wrote it. */
export function faultIn(issue: Issue): string {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`
  const isNumber = 'origin' in issue && ['number', 'int'].includes(String(issue.origin))
  if (issue.code === 'too_small' && isNumber) return `must be ${issue.minimum} at the least`
  if (issue.code === 'too_big' && isNumber) return `must be ${issue.maximum} at the most`
  if (issue.code === 'invalid_type' && ['number', 'int'].includes(issue.expected)) return 'must be a whole number'
  return issue.message
}
