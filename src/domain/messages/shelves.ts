import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adopted } from './adopting.ts'
import { type Flaw, flawsIn } from './checking.ts'
import type { Writer } from './letter.ts'

/** Template files by their path below a folder: `layout.html`, `de/password_reset.txt`. */
export type Shelf = ReadonlyMap<string, string>

export interface Shelves {
  own: Shelf
  /** what the operator puts in the place of ours */
  others: Shelf
}

const OWN = join(import.meta.dirname, 'templates')
const NAME = /^[\w-]+\.(txt|html)$/
// What lies beside templates, and is none.
const BESIDE = /^\.|^readme|\.(md|png|jpe?g|gif|svg|css|bak|orig)$|~$/i

const contentOf = (path: string): string =>
  readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')

/** What is in a folder, two levels deep; what cannot be a template has no content. */
const filesIn = (folder: string, below = ''): [string, string][] =>
  readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = below + entry.name
    if (BESIDE.test(entry.name)) return []
    if (entry.isDirectory()) return below === '' ? filesIn(folder, `${path}/`) : []
    return [[path, NAME.test(entry.name) ? contentOf(join(folder, path)) : '']]
  })

/** All of ours. */
export const ownShelf = (): Shelf => new Map(filesIn(OWN))

/** The operator's own templates, and what is wrong with them. Throws what the file system says. */
export function operatorsShelf(folder: string): { shelf: Shelf; flaws: Flaw[] } {
  const { shelf, flaws } = adopted(new Map(filesIn(folder)))
  return { shelf, flaws: [...flaws, ...flawsIn(shelf)] }
}

/** The languages that a shelf has folders of. */
export const operatorsLanguages = (shelf: Shelf): string[] => [
  ...new Set([...shelf.keys()].flatMap((path) => /^([a-z]{2,3})\//.exec(path)?.[1] ?? [])),
]

const kept = new WeakMap<Writer['config'], Shelves>()

/**
 * All templates. Read in one go and then never again: letters are written inside of transactions. Tells of what is wrong
 * with the operator's when they are read.
 */
export function shelvesOf({ config, log }: Pick<Writer, 'config' | 'log'>): Shelves {
  const known = kept.get(config)
  if (known) return known
  const shelves: Shelves = { own: ownShelf(), others: new Map() }
  try {
    if (config.templates) {
      const { shelf, flaws } = operatorsShelf(config.templates)
      shelves.others = shelf
      for (const { file, problem } of flaws) log.warn('templates.flawed', { file, problem })
    }
  } catch (error) {
    // Letters in our words are better than none.
    log.error('templates.unreadable', { folder: config.templates, error })
  }
  kept.set(config, shelves)
  return shelves
}

/** Forgets the templates, and reads them again. */
export function reloadTemplates(ctx: Pick<Writer, 'config' | 'log'>): void {
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
