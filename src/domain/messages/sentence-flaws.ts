import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nearest } from '#src/lib/nearest.ts'
import { namedIn } from './filling.ts'

const ENGLISH = join(import.meta.dirname, 'templates', 'en', 'sentences.txt')
const VARIABLES = ['METHOD', 'NAME', 'WHO', 'LIST', 'UNTIL', 'WORDS']

const keyOf = (line: string): string => line.slice(0, line.indexOf(':'))

/** The keys of a file of sentences. */
export const sentenceKeys = (content: string): string[] =>
  content
    .split('\n')
    .filter((line) => line.includes(':'))
    .map(keyOf)

function lineProblems(line: string, known: readonly string[]): string[] {
  if (line.trim() === '') return []
  if (!line.includes(':')) return [`has a line that is no “key: sentence”: ${line.slice(0, 40)}`]
  const key = keyOf(line)
  const meant = nearest(key, known)
  if (!known.includes(key))
    return [`has a sentence ${key}, which nobody says${meant ? `; did you mean ${meant}?` : ''}`]
  return namedIn(line)
    .filter((name) => !VARIABLES.includes(name))
    .map((name) => `names \${${name}} in the sentence ${key}, where there is no such value`)
}

/** What is wrong with a file of sentences, beside ours in English. */
export function sentenceFlaws(content: string): string[] {
  const known = sentenceKeys(readFileSync(ENGLISH, 'utf8'))
  return content.split('\n').flatMap((line) => lineProblems(line, known))
}
