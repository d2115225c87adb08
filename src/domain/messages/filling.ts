import { optionalVariables } from './catalogue.ts'

// Marks that turn the direction of writing: with them a name may be read as another one.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Nothing that is put into a letter begins a new line of it, or a header, or turns what stands around it. */
export const inOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replace(TURNING, '')

const PLACE = /\$\{(\w+)\}/g

/** The names of the variables that a template names. */
export const namedIn = (template: string): string[] => [
  ...new Set([...template.matchAll(PLACE)].map(([, name]) => name ?? '')),
]

/** Puts values in the place of `${NAME}`, in one pass: what a value holds is not looked at again. */
export const filled = (
  template: string,
  variables: Readonly<Record<string, string>>,
  written = (text: string) => text,
): string =>
  template.replace(PLACE, (_, name: string) =>
    Object.hasOwn(variables, name) ? written(inOneLine(variables[name] ?? '')) : '',
  )

const isLeftOut = (line: string, variables: Readonly<Record<string, string>>): boolean =>
  optionalVariables.some((name) => !variables[name] && line.includes(`\${${name}}`))

/**
 * A template without the lines that have nothing to say: those that name an optional value which is not there. Where one
 * of them stood alone between two empty lines, only one of these is left.
 */
export function withoutIdleLines(template: string, variables: Readonly<Record<string, string>>): string {
  const lines = template.split(/(?<=\n)/)
  const kept = lines.filter((line) => !isLeftOut(line, variables))
  return kept.length === lines.length ? template : kept.join('').replace(/\n{3,}/g, '\n\n')
}

/** Text with its values in place; a line that names ${REASON} is there once for each of `entries`. */
export const filledLines = (
  text: string,
  variables: Readonly<Record<string, string>>,
  entries: readonly Readonly<Record<string, string>>[],
): string =>
  text
    .split(/(?<=\n)/)
    .flatMap((line) =>
      line.includes('REASON}')
        ? entries.map((entry) => filled(line, { ...variables, ...entry }))
        : filled(line, variables),
    )
    .join('')
