import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '#src/context.ts'

/** Template files by their path below a folder: `layout.html`, `de/password_reset.txt`. */
type Shelf = ReadonlyMap<string, string>

export interface Shelves {
  own: Shelf
  /** what the operator puts in the place of ours */
  others: Shelf
}

const OWN = join(import.meta.dirname, 'templates')
const NAME = /^[\w-]+\.(txt|html)$/

const contentOf = (path: string): string =>
  readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')

const filesIn = (folder: string, below = ''): [string, string][] =>
  readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = below + entry.name
    if (entry.isDirectory()) return below === '' ? filesIn(folder, `${path}/`) : []
    return NAME.test(entry.name) ? [[path, contentOf(join(folder, path))]] : []
  })

const kept = new WeakMap<Context['config'], Shelves>()

/** All templates. Read in one go and then never again: letters are written inside of transactions. */
export function shelvesOf({ config, log }: Context): Shelves {
  const known = kept.get(config)
  if (known) return known
  const shelves: Shelves = { own: new Map(filesIn(OWN)), others: new Map() }
  try {
    if (config.templates) shelves.others = new Map(filesIn(config.templates))
  } catch (error) {
    // Letters in our words are better than none.
    log.error('templates.unreadable', { folder: config.templates, error })
  }
  kept.set(config, shelves)
  return shelves
}

/** Forgets the templates, and reads them again. */
export function reloadTemplates(ctx: Context): void {
  kept.delete(ctx.config)
  shelvesOf(ctx)
}

export interface Found {
  content: string
  language: string
  isOwn: boolean
}

/**
 * The file of one of `names`, the first that there is: in each language the operator's (of that language, else of all)
 * before ours.
 */
export function find(
  { own, others }: Shelves,
  {
    names,
    ending,
    languages,
    ownToo = true,
  }: { names: readonly string[]; ending: string; languages: readonly string[]; ownToo?: boolean },
): Found | undefined {
  const shelves = [{ shelf: others, isOwn: false }, ...(ownToo ? [{ shelf: own, isOwn: true }] : [])]
  for (const language of languages)
    for (const { shelf, isOwn } of shelves)
      for (const name of names) {
        const content = shelf.get(`${language}/${name}${ending}`) ?? shelf.get(name + ending)
        if (content !== undefined) return { content, language, isOwn }
      }
  return undefined
}

/** A sentence by its key, from the lines `key: sentence` of sentences.txt; empty when nobody wrote one. */
export function sentence({ own, others }: Shelves, key: string, languages: readonly string[]): string {
  for (const language of languages)
    for (const shelf of [others, own]) {
      const lines = (shelf.get(`${language}/sentences.txt`) ?? '').split('\n')
      const line = lines.find((one) => one.startsWith(`${key}:`))
      if (line) return line.slice(key.length + 1).trim()
    }
  return ''
}
