import { escapedHtml } from '#src/lib/html.ts'
import { rowOf, secretVariables, type TemplateName } from './catalogue.ts'
import { filled, filledLines, withoutIdleLines } from './filling.ts'
import type { Letter, Reader, Values, Writer } from './letter.ts'
import { find, type Shelves, shelvesOf } from './shelves.ts'
import { unlinked } from './strangers-words.ts'
import { returnedIn, variablesFor } from './variables.ts'

const LAST_RESORT = 'en'
const SUBJECT = /^subject:[ \t]*(.*)\n+/i
const CONTENT = /\$\{CONTENT\}/

const languageOf = (locale: string): string => /^[a-z]{2,3}(?![a-z])/i.exec(locale)?.[0].toLowerCase() ?? ''

interface Writing {
  template: TemplateName
  reader: Reader
  values: Values
  /** number of the template set: `2-name.txt` before `name.txt`; none for 0 */
  set?: number | undefined
}

const inSet = (names: readonly string[], set: number): string[] =>
  set > 0 ? [...names.map((name) => `${set}-${name}`), ...names] : [...names]

/**
 * A part of a page gets what the operator puts around all of them, and the frame that all our mails share. A whole page
 * stays as it is; a header that begins one makes it whole.
 */
function framed(html: string, shelves: Shelves, set: number, language: string): string {
  if (/<html[\s>]/i.test(html)) return html
  const part = (name: string) => find(shelves, { names: inSet([name], set), ending: '.html', languages: [language] })
  const page = `${part('header')?.content ?? ''}${html}${part('footer')?.content ?? ''}`
  return /<html[\s>]/i.test(page) ? page : (part('layout')?.content ?? '').replace(CONTENT, () => page)
}

/** In a subject stands nothing that is for the reader alone: others see subjects, on locked screens and in logs. */
const harmless = (variables: Readonly<Record<string, string>>): Record<string, string> => ({
  ...variables,
  ...Object.fromEntries(secretVariables.map((name) => [name, ''])),
})

/** RFC 3834: nobody's absence is to be told to us. Where a person writes, his correspondents' machines may answer him. */
const headersOf = (template: TemplateName): Pick<Letter, 'headers'> =>
  template.endsWith('_sms') || rowOf(template).fromPerson ? {} : { headers: { 'Auto-Submitted': 'auto-generated' } }

/** The languages in which a letter may be, the best first: the reader's, else the house's, else English. */
const languagesFor = ({ config }: Pick<Writer, 'config'>, locale: string): string[] =>
  [languageOf(locale), languageOf(config.locale), LAST_RESORT].filter(Boolean)

/** In which language somebody gets a letter who reads `locale`. */
export const languageFor = (ctx: Writer, template: TemplateName, locale: string): string | undefined =>
  find(shelvesOf(ctx), { names: [template], ending: '.txt', languages: languagesFor(ctx, locale) })?.language

/** Writes a letter from its template, in the reader's language, else the house's, else English. */
export function letterFrom(ctx: Writer, writing: Writing): Letter {
  const { template, reader, values, set = 0 } = writing
  const shelves = shelvesOf(ctx)
  const languages = languagesFor(ctx, reader.locale)
  const names = inSet(reader.population === 'subscriber' ? [`sub_${template}`, template] : [template], set)
  const text = find(shelves, { names, ending: '.txt', languages })
  if (!text) throw new Error(`there is no template ${template}`)
  const { language } = text
  const nearest = [language, ...languages]
  const variables = variablesFor(ctx, writing, { shelves, languages: nearest })
  // Templates of OpenWiFi's own service have no subject: they get ours.
  const ours = find({ ...shelves, others: new Map() }, { names, ending: '.txt', languages: nearest })
  const line = (SUBJECT.exec(text.content) ?? SUBJECT.exec(ours?.content ?? ''))?.[1] ?? ''
  const subject = filled(line, harmless(variables))
  const plain = withoutIdleLines(text.content.replace(SUBJECT, ''), variables)
  const letter = {
    subject,
    text: filledLines(plain, variables, returnedIn(shelves, values, nearest)),
    ...headersOf(template),
  }
  // Whoever writes a text of his own has a mail of his own: our HTML would say something else.
  const html = find(shelves, { names, ending: '.html', languages: [language], ownToo: text.isOwn })
  if (!html || template.endsWith('_sms')) return letter
  const page = withoutIdleLines(framed(html.content, shelves, set, language), variables)
  const inHtml = { ...variables, SUBJECT: subject, GREETING: unlinked(variables.GREETING ?? '') }
  return { ...letter, html: filled(page, inHtml, escapedHtml) }
}
