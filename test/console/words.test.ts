import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'

const SOURCES = join(import.meta.dirname, '../../console/src')

interface Words {
  [key: string]: string | Words
}

const keysOf = (words: Words, before = ''): string[] =>
  Object.entries(words).flatMap(([key, word]) =>
    typeof word === 'string' ? [before + key] : keysOf(word, `${before}${key}.`),
  )

const wordsOf = async (place: string, language: string): Promise<string[]> =>
  keysOf((await import(join(place, `${language}.ts`))).default)

const read = (pattern: string): string[] =>
  globSync(`${pattern}/**/*.{ts,tsx}`, { cwd: SOURCES })
    .filter((file) => !/\/words\//.test(`/${file}`))
    .map((file) => readFileSync(join(SOURCES, file), 'utf8'))

const rooms = globSync('rooms/*/words', { cwd: SOURCES })

// What is common, and what enrolling says, may be said anywhere.
const spaces = [
  ...rooms.map((words) => ({ name: basename(join(words, '..')), words, files: read(join(words, '..')) })),
  { name: 'common', words: 'words/common', files: read('.') },
  { name: 'enrolment', words: 'enrolment/words', files: read('.') },
].map(({ words, ...space }) => ({ ...space, place: join(SOURCES, words) }))

const PLURAL = /_(zero|one|two|few|many|other)$/

/** Does a source name the key: as it is, within what is taken as a whole, or by a template whose rest is data? */
function namedIn(source: string): (key: string) => boolean {
  const literals = new Set(Array.from(source.matchAll(/'([\w.-]+)'/g), ([, text]) => text!))
  const wholes = Array.from(source.matchAll(/'([\w.-]+)',\s*\{\s*returnObjects/g), ([, text]) => `${text}.`)
  const templates = Array.from(source.matchAll(/`((?:[\w.-]|\$\{[^`{}]*\})+)`/g), ([, text]) => text!)
    // One that is nothing but data would name everything.
    .filter((text) => text.includes('${') && /\w\.|\.\w/.test(text.replaceAll(/\$\{[^}]*\}/g, '')))
    .map((text) => new RegExp(`^${text.replaceAll('.', '\\.').replaceAll(/\$\{[^}]*\}/g, '.*')}$`))
  return (key) =>
    literals.has(key) ||
    wholes.some((whole) => key.startsWith(whole)) ||
    templates.some((template) => template.test(key))
}

describe('the words of the console', () => {
  for (const { name, place, files } of spaces) {
    it(`${name}: are the same in both languages, with the plural forms that each has`, async () => {
      const [english, german] = await Promise.all([wordsOf(place, 'en'), wordsOf(place, 'de')])
      assert.deepEqual(german.toSorted(), english.toSorted())
      for (const [language, keys] of Object.entries({ en: english, de: german })) {
        const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
        const counted = new Set(keys.filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, '')))
        const wanted = [...counted].flatMap((key) => forms.map((form) => `${key}_${form}`))
        assert.deepEqual(
          wanted.filter((key) => !keys.includes(key)),
          [],
          language,
        )
      }
    })

    it(`${name}: are all said somewhere`, async () => {
      const isNamed = files.map(namedIn)
      const keys = (await wordsOf(place, 'en')).map((key) => key.replace(PLURAL, ''))
      assert.deepEqual(
        [...new Set(keys)].filter((key) => !isNamed.some((names) => names(key))),
        [],
      )
    })
  }

  it('are found wherever a room has any', () => {
    for (const { place } of spaces) assert.ok(existsSync(join(place, 'en.ts')), place)
  })
})
