import {
  type Flaw,
  type Letter,
  languageFor,
  letterFrom,
  operatorsLanguages,
  operatorsShelf,
  type Specimen,
  specimenOf,
  type TemplateName,
  type Writer,
} from '#src/domain/messages/messages.ts'

/** A mail as somebody would get it. */
export interface Shown {
  template: TemplateName
  /** of its files: that of the template, for subscribers with `sub_` before it where the operator has such */
  name: string
  specimen: Specimen
  language: string
  letter: Letter
}

const OURS = ['en', 'de']

interface Wish {
  names: readonly TemplateName[]
  /** null: ours, and those that the operator has templates in */
  languages: readonly string[] | null
  /** number of the template set; null: that of the setting, for the mails to guests */
  set: number | null
}

const setFor = ({ config }: Writer, template: TemplateName, { set }: Wish): number =>
  set ?? (template.startsWith('guest_') ? config.templateId : 0)

/** What only shows when a letter is written: it has no subject, or is in another language. */
function flawsOf(ctx: Writer, { template, name, language, letter }: Shown): Flaw[] {
  const file = `${language}/${name}.txt`
  const is = languageFor(ctx, template, language)
  return [
    ...(letter.subject === '' && !template.endsWith('_sms') ? [{ file, problem: 'has no subject' }] : []),
    ...(is === language || name !== template ? [] : [{ file, problem: `is missing: the mail is written in ${is}` }]),
  ]
}

/** For whom there is a letter: for all, and for subscribers where the operator has one of their own. */
function populationsOf(shelf: ReadonlyMap<string, string>, template: TemplateName) {
  const own = new RegExp(`(^|[/-])sub_${template}\\.`)
  const all = { name: template as string, population: 'user' }
  return [...shelf.keys()].some((path) => own.test(path))
    ? [all, { name: `sub_${template}`, population: 'subscriber' }]
    : [all]
}

/** A language that we do not have needs sentences of its own, too. */
const sentencesMissing = (shelf: ReadonlyMap<string, string>, languages: readonly string[]): Flaw[] =>
  languages
    .filter((language) => !OURS.includes(language) && !shelf.has(`${language}/sentences.txt`))
    .map((language) => ({
      file: `${language}/sentences.txt`,
      problem: 'is missing: notices say in English what happened',
    }))

/** All that a wish asks to see, and all that is wrong with the operator's templates. Throws what the file system says. */
export function previewOf(ctx: Writer, wish: Wish): { letters: Shown[]; flaws: Flaw[] } {
  const { templates } = ctx.config
  const { shelf, flaws } = templates ? operatorsShelf(templates) : { shelf: new Map<string, string>(), flaws: [] }
  const languages = wish.languages ?? [...new Set([...OURS, ...operatorsLanguages(shelf)])]
  const letters = wish.names.flatMap((template) =>
    populationsOf(shelf, template).flatMap(({ name, population }) =>
      languages.map((language): Shown => {
        const specimen = specimenOf(ctx, template, { locale: language, population })
        const letter = letterFrom(ctx, { template, ...specimen, set: setFor(ctx, template, wish) })
        return { template, name, language, specimen, letter }
      }),
    ),
  )
  return {
    letters,
    flaws: [...flaws, ...sentencesMissing(shelf, languages), ...letters.flatMap((shown) => flawsOf(ctx, shown))],
  }
}
