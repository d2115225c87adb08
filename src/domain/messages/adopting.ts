import { foreignNames, rowOf } from './catalogue.ts'
import type { Flaw } from './checking.ts'
import { namedIn } from './filling.ts'
import type { Shelf } from './shelves.ts'

const FOREIGN = new RegExp(`^([a-z]+/)?(\\d+-)?(${Object.keys(foreignNames).join('|')})\\.html$`)

/**
 * Takes files that have the names of OX Guard's templates for those of ours that they stand for. One that lacks what the
 * letter is sent for, the link say, because it names it as Guard does, is left out: then ours goes out, which has it.
 */
export function adopted(shelf: Shelf): { shelf: Shelf; flaws: Flaw[] } {
  const taken = new Map(shelf)
  const flaws: Flaw[] = []
  for (const [file, content] of shelf) {
    const [, folder = '', set = '', foreign = ''] = FOREIGN.exec(file) ?? []
    if (foreign === '') continue
    taken.delete(file)
    const named = namedIn(content)
    for (const template of foreignNames[foreign] ?? []) {
      const own = `${folder}${set}${template}.html`
      const lacking = rowOf(template).must.filter((name) => !named.includes(name))
      if (shelf.has(own)) flaws.push({ file, problem: `is not used, because there is ${own}` })
      else if (lacking.length > 0)
        flaws.push({ file, problem: `is not used for ${template}: it does not name \${${lacking.join('}, ${')}}` })
      else taken.set(own, content)
    }
  }
  return { shelf: taken, flaws }
}
