import { z } from 'zod'
import type { Search } from '#src/domain/contacts/contacts.ts'

const NAMES = ['display_name', 'first_name', 'last_name', 'second_name', 'nickname', 'company']
const EMAILS = ['email1', 'email2', 'email3', 'more_emails']
const EVERYWHERE = [...NAMES, ...EMAILS, 'department', 'position']

/** Members that may be looked for by their own names. */
const SINGLE = [...NAMES, 'email1', 'email2', 'email3', 'title', 'suffix', 'city_home', 'city_business', 'note']

const id = z.union([z.string(), z.number()]).transform(String)
const flag = z.union([z.boolean(), z.stringbool()]).default(false)

/** What a search may ask for: `pattern`, or members; with `orSearch` or `emailAutoComplete` one of them is enough. */
export const searchBody = z.looseObject({
  pattern: z.string().optional(),
  startletter: flag,
  orSearch: flag,
  emailAutoComplete: flag,
  folder: z
    .union([z.array(id).max(20), id])
    .transform((value) => [value].flat())
    .optional(),
})

/** Without a criterion, a search finds everything. */
export function criteriaIn(body: z.output<typeof searchBody>): Search {
  const { pattern, startletter, orSearch, emailAutoComplete } = body
  const single = SINGLE.flatMap((name) => {
    const text = body[name]
    return typeof text === 'string' && text !== '' ? [{ members: [name], text }] : []
  })
  const whole = pattern
    ? [{ members: startletter ? ['display_name'] : EVERYWHERE, text: startletter ? `${pattern}*` : pattern }]
    : []
  const criteria = [...whole, ...single]
  return { criteria, must: (orSearch || emailAutoComplete) && criteria.length > 0 ? 'any' : 'all' }
}
