import {
  type Flaw,
  type Letter,
  languageFor,
  letterFrom,
  operatorsLanguages,
  operatorsShelf,
  specimenOf,
  type TemplateName,
  type Writer,
} from '#src/domain/messages/messages.ts'

/** A mail as somebody would get it. */
export interface Shown {
  template: TemplateName
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
function flawsOf(ctx: Writer, { template, language, letter }: Shown): Flaw[] {
  const file = `${language}/${template}.txt`
  const is = languageFor(ctx, template, language)
  return [
    ...(letter.subject === '' && !template.endsWith('_sms') ? [{ file, problem: 'has no subject' }] : []),
    ...(is === language ? [] : [{ file, problem: `is missing: the mail is written in ${is}` }]),
  ]
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
    languages.map((language): Shown => {
      const specimen = specimenOf(ctx, template, language)
      return {
        template,
        language,
        letter: letterFrom(ctx, { template, ...specimen, set: setFor(ctx, template, wish) }),
      }
    }),
  )
  return {
    letters,
    flaws: [...flaws, ...sentencesMissing(shelf, languages), ...letters.flatMap((shown) => flawsOf(ctx, shown))],
  }
}
