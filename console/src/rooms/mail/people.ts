/** Somebody in a field of recipients, as he was entered. */
export interface Person {
  name: string
  address: string
}

// What a server takes is its own matter; what no server could take is told at once.
const ADDRESS = /^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+\.[^\s@<>"(),:;[\]\\.]+$/u
const LONGEST = 254

export const isAddress = (text: string): boolean => text.length <= LONGEST && ADDRESS.test(text)

/** A text at the commas, semicolons and line ends that stand neither in quotes nor in angle brackets. */
function entriesOf(text: string): string[] {
  const entries: string[] = ['']
  let [isQuoted, isAngled] = [false, false]
  for (const sign of text) {
    if (sign === '"') isQuoted = !isQuoted
    if (sign === '<') isAngled = true
    if (sign === '>') isAngled = false
    if (!isQuoted && !isAngled && /[,;\n\r]/.test(sign)) entries.push('')
    else entries[entries.length - 1] += sign
  }
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '')
}

function personIn(entry: string): Person {
  const [, name = '', address = ''] = /^(.*?)\s*<([^<>]*)>$/s.exec(entry) ?? []
  if (address === '') return { name: '', address: entry.replace(/^mailto:/i, '') }
  return { name: name.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/g, '$1'), address: address.trim() }
}

/** `Ada <ada@example.org>, ben@example.org`: people, whether their addresses are such or not. */
export const peopleIn = (text: string): Person[] => entriesOf(text).map(personIn)

export const isSame = (one: Person, other: Person): boolean => one.address.toLowerCase() === other.address.toLowerCase()

/** Those and these, each once. */
export function joined(those: readonly Person[], these: readonly Person[]): Person[] {
  const all = [...those]
  for (const one of these) if (!all.some((other) => isSame(one, other))) all.push(one)
  return all
}
