import { nearest } from '#src/lib/nearest.ts'
import {
  catalogue,
  foreignNames,
  frameNames,
  rowOf,
  secretVariables,
  type TemplateName,
  templateNames,
} from './catalogue.ts'
import { namedIn } from './filling.ts'
import { sentenceFlaws } from './sentence-flaws.ts'
import type { Shelf } from './shelves.ts'

/** Something in a template file that would make a mail worse than its author thinks. */
export interface Flaw {
  file: string
  /** in words that go on after the name of the file */
  problem: string
}

/** What every letter may name: variables.ts. */
const common = [
  'LANGUAGE',
  'SERVICE_NAME',
  'SERVICE_HOST',
  'RECIPIENT_EMAIL',
  'RECIPIENT_NAME',
  'TIME',
  'LOGO',
  'USER_HELPER_EMAIL',
  'SUB_HELPER_EMAIL',
  'GLOBAL_USER_HELPER_EMAIL',
  'GLOBAL_SUB_HELPER_EMAIL',
  'USER_HELPER_SITE',
  'SUB_HELPER_SITE',
  'USER_SYSTEM_LOGIN',
  'SUB_SYSTEM_LOGIN',
  'USER_SIGNATURE',
  'SUB_SIGNATURE',
]

const variablesOf = (template: TemplateName): string[] => [...rowOf(template).must, ...(rowOf(template).may ?? [])]

const everyVariable = [...new Set([...common, 'SUBJECT', ...templateNames.flatMap(variablesOf)])]

const orRather = (meant: string | undefined): string => (meant ? `; did you mean ${meant}?` : '')

const PATH = /^(?:([^/]+)\/)?(?:(\d+)-)?(sub_)?([^/]+?)\.(txt|html)$/
const LANGUAGE = /^[a-z]{2,3}$/

const isTemplate = (name: string): name is TemplateName => Object.hasOwn(catalogue, name)
const isFrame = (name: string): boolean => (frameNames as readonly string[]).includes(name)

const fileNames = [...templateNames, ...frameNames, ...Object.keys(foreignNames), 'sentences']

/** What a file is for; a problem where nothing looks for it. */
function purposeOf(file: string): { name: string; ending: string } | { problem: string } {
  const [, folder, set, sub, name = '', ending = ''] = PATH.exec(file) ?? []
  const bare = name || file.replace(/^.*\//, '').replace(/\.[^.]*$/, '')
  if (folder !== undefined && !LANGUAGE.test(folder))
    return {
      problem: `is not read: its folder is not a language such as de${orRather(/^[a-z]{2}/i.exec(folder)?.[0].toLowerCase())}`,
    }
  const isKnown = isTemplate(name)
    ? ending === 'txt' || !rowOf(name).textOnly
    : (isFrame(name) && ending === 'html' && !sub) ||
      (name === 'sentences' && ending === 'txt' && !set && !sub && folder !== undefined)
  if (isKnown) return { name, ending }
  if (isTemplate(name)) return { problem: `is not read: ${name} is text only` }
  if (name === 'sentences') return { problem: 'is not read: sentences are in <language>/sentences.txt' }
  if (name === '')
    return { problem: `is not read: templates end in .txt or .html${orRather(nearest(bare, fileNames))}` }
  return { problem: `is not read: there is no mail of this name${orRather(nearest(name, fileNames))}` }
}

/** What is wrong with the words of a letter, as such. */
function letterProblems(name: TemplateName, content: string): string[] {
  const [subject, body] = /^subject:/i.test(content)
    ? [content.split('\n')[0] ?? '', content.slice(content.indexOf('\n') + 1)]
    : [null, content]
  const known = variablesOf(name)
  const secrets = subject === null ? [] : namedIn(subject).filter((one) => secretVariables.some((is) => is === one))
  const idle = namedIn(content).filter(
    (one) => everyVariable.includes(one) && ![...common, 'SUBJECT', ...known].includes(one),
  )
  return [
    ...(subject !== null && /^subject:\s*$/i.test(subject) ? ['has an empty subject'] : []),
    ...secrets.map((one) => `names \${${one}} in the subject, where it is left out: others see subjects`),
    ...idle.map((one) => `names \${${one}}, which has no value in this mail`),
    ...rowOf(name)
      .must.filter((one) => !namedIn(body).includes(one))
      .map((one) => `does not name \${${one}}, for which it is sent`),
  ]
}

const unknownVariables = (content: string, further: readonly string[]): string[] =>
  namedIn(content)
    .filter((name) => !everyVariable.includes(name) && !further.includes(name))
    .map((name) => `names \${${name}}, which does not exist${orRather(nearest(name, everyVariable))}`)

/** What makes a page worse for who sees no pictures. */
const pictureProblems = (content: string): string[] =>
  [...content.matchAll(/<img\b[^>]*>/gi)]
    .filter(([image]) => !/\salt\s*=/i.test(image))
    .map(() => 'has a picture without alt="…": nothing is said where pictures are not shown')

function problemsIn(file: string, content: string): string[] {
  const purpose = purposeOf(file)
  if ('problem' in purpose) return [purpose.problem]
  const { name, ending } = purpose
  if (name === 'sentences') return sentenceFlaws(content)
  return [
    ...unknownVariables(content, name === 'layout' ? ['CONTENT'] : []),
    ...(ending === 'html' ? pictureProblems(content) : []),
    ...(name === 'layout' && !namedIn(content).includes('CONTENT')
      ? [`has no place for \${CONTENT}: every mail is empty`]
      : []),
    ...(isTemplate(name) ? letterProblems(name, content) : []),
  ]
}

/** What is wrong with template files; names what was probably meant. */
export const flawsIn = (shelf: Shelf): Flaw[] =>
  [...shelf].flatMap(([file, content]) => problemsIn(file, content).map((problem) => ({ file, problem })))
