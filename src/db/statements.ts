/** What is known of a statement by its text. */
export interface Statement {
  /** under which the server keeps it prepared; null while it is rare, or where nothing is */
  name: string | null
  /** Its columns are all that a table has: another migration makes another statement of it. */
  readonly isOpen: boolean
  /** What it writes is told to those who keep answers. */
  readonly tells: boolean
  uses: number
}

// Each costs some 20 KiB in every connection of the server; few are asked often.
const NAMED = 200
const REMEMBERED = 2000
// Lists of varying length make a text for every length: what comes back is worth a name.
const WORTH_A_NAME = 3

const telling =
  /\b(?:(?:update|delete from) "(?:account|session|factor|api_key|policy)"|insert into "(?:factor|account_note|policy)")/

/** Gives statements that come often a name, a bounded number of them. */
export function statementBook(isNaming: boolean): (sql: string, values: number) => Statement {
  const book = new Map<string, Statement>()
  let named = 0
  return (sql, values) => {
    let found = book.get(sql)
    if (!found) {
      if (book.size >= REMEMBERED) for (const [text, { name }] of book) if (name === null) book.delete(text)
      found = { name: null, isOpen: sql.includes('*'), tells: telling.test(sql), uses: 0 }
      book.set(sql, found)
    }
    found.uses++
    if (isNaming && found.name === null && values > 0 && found.uses >= WORTH_A_NAME && named < NAMED)
      found.name = `chatelaine_${++named}`
    return found
  }
}
