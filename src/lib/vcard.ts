import ICAL from 'ical.js'
import { cardLines, textOfCards } from './vcard-lines.ts'

/** What a telephone number or a postal address is for: `home`, `work`, `cell`, `fax`…, lower case. */
export type Types = readonly string[]

export interface PostalAddress {
  types: Types
  street: string
  city: string
  region: string
  postalCode: string
  country: string
}

/** A vCard (RFC 6350, RFC 2426, and version 2.1) as far as it is understood here. Texts that are missing are empty. */
export interface Card {
  uid: string
  displayName: string
  firstName: string
  lastName: string
  middleName: string
  prefix: string
  suffix: string
  nickname: string
  company: string
  department: string
  position: string
  note: string
  url: string
  /** epoch milliseconds, midnight UTC */
  birthday: number | null
  emails: string[]
  phones: { types: Types; number: string }[]
  addresses: PostalAddress[]
  /** OpenPGP keys that it carries itself, as they stand there: armored or binary. Links to keys are not among them. */
  keys: Uint8Array[]
}

// What nobody's card has more of.
const TEXT_AT_MOST = 4000
const MANY = 20
const KEYS_AT_MOST = 5

type Property = [name: string, parameters: Record<string, unknown>, type: string, ...values: unknown[]]

function propertyOf(line: string, isNew: boolean): Property | null {
  try {
    const read = ICAL.parse as unknown as { property(line: string, design: unknown): Property }
    return read.property(line, isNew ? ICAL.design.vcard : ICAL.design.vcard3)
  } catch {
    // A line that is none: the rest of the card may still be good.
    return null
  }
}

const text = (value: unknown): string => {
  const joined = Array.isArray(value) ? value.flat(2).join(' ') : value
  return typeof joined === 'string' ? joined.replaceAll('\0', '').trim().slice(0, TEXT_AT_MOST) : ''
}

const typesOf = ([, { type }]: Property): Types =>
  [type]
    .flat(2)
    .filter((value) => typeof value === 'string')
    .map((value) => value.toLowerCase())
    .slice(0, MANY)

/** The components of a structured value, such as a name. */
const parts = ([, , , value]: Property): string[] => (Array.isArray(value) ? value : [value]).map(text)

function birthdayOf(value: string): number | null {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})(?!\d)/.exec(value) ?? []
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day))
  return day !== undefined && new Date(at).getUTCDate() === Number(day) ? at : null
}

/** The bytes of base64 with spaces in it; null for anything else. */
function fromBase64(value: string): Uint8Array | null {
  const dense = value.replace(/\s+/g, '')
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(dense) ? Buffer.from(dense, 'base64') : null
}

const percentDecoded = (value: string): Uint8Array =>
  Buffer.from(
    value.replace(/%([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

// Less than this is no key but a word.
const KEY_AT_LEAST = 40

/** The bytes of a KEY: of a data URI, of armor, or of bare base64; null where it is only a link, or for another program. */
function keyOf(written: unknown): Uint8Array | null {
  if (typeof written !== 'string') return null
  // Some programs escape what needs none here.
  const value = written.replace(/\\(?=[;,:])/g, '')
  if (value.includes('-----BEGIN PGP ')) return Buffer.from(value)
  const uri = /^data:([\w.+/-]*)((?:;[\w.+=-]*)*),/i.exec(value.slice(0, 300))
  if (uri) {
    const [head, kind = '', parameters = ''] = uri
    if (kind && !/pgp|octet-stream|text\/plain/i.test(kind)) return null
    const data = value.slice(head.length)
    return /;base64/i.test(parameters) ? fromBase64(data) : percentDecoded(data)
  }
  return value.length >= KEY_AT_LEAST ? fromBase64(value) : null
}

const emptyCard = (): Card => ({
  uid: '',
  displayName: '',
  firstName: '',
  lastName: '',
  middleName: '',
  prefix: '',
  suffix: '',
  nickname: '',
  company: '',
  department: '',
  position: '',
  note: '',
  url: '',
  birthday: null,
  emails: [],
  phones: [],
  addresses: [],
  keys: [],
})

const keepSome = <T>(list: T[], item: T, most = MANY): void => {
  if (list.length < most) list.push(item)
}

/** What each property tells of a person. Of texts that stand there twice, the first counts. */
const readers: Record<string, (card: Card, property: Property) => void> = {
  uid: (card, [, , , value]) => {
    card.uid ||= text(value).slice(0, 255)
  },
  fn: (card, [, , , value]) => {
    card.displayName ||= text(value)
  },
  n: (card, property) => {
    const [lastName = '', firstName = '', middleName = '', prefix = '', suffix = ''] = parts(property)
    if (!card.lastName && !card.firstName) Object.assign(card, { lastName, firstName, middleName, prefix, suffix })
  },
  nickname: (card, [, , , value]) => {
    card.nickname ||= text(value)
  },
  org: (card, property) => {
    const [company = '', department = ''] = parts(property)
    if (!card.company) Object.assign(card, { company, department })
  },
  title: (card, [, , , value]) => {
    card.position ||= text(value)
  },
  note: (card, [, , , value]) => {
    card.note ||= text(value)
  },
  url: (card, [, , , value]) => {
    card.url ||= text(value)
  },
  bday: (card, [, , , value]) => {
    card.birthday ??= birthdayOf(text(value))
  },
  email: (card, [, , , value]) => {
    const address = text(value).replace(/^mailto:/i, '')
    if (address && !card.emails.includes(address)) keepSome(card.emails, address)
  },
  tel: (card, property) => {
    const number = text(property[3]).replace(/^tel:/i, '')
    if (number) keepSome(card.phones, { types: typesOf(property), number })
  },
  adr: (card, property) => {
    const [, , street = '', city = '', region = '', postalCode = '', country = ''] = parts(property)
    keepSome(card.addresses, { types: typesOf(property), street, city, region, postalCode, country })
  },
  key: (card, [, , , value]) => {
    const key = keyOf(value)
    if (key && key.length > 0) keepSome(card.keys, key, KEYS_AT_MOST)
  },
}

const wanted: ReadonlySet<string> = new Set(['version', ...Object.keys(readers)])

function cardOf(lines: readonly string[]): Card {
  const card = emptyCard()
  const isNew = lines.some((line) => line.startsWith('version:4'))
  for (const line of lines) {
    const property = propertyOf(line, isNew)
    const reader = property && Object.hasOwn(readers, property[0]) ? readers[property[0]] : undefined
    if (property && reader) reader(card, property)
  }
  card.displayName ||= [card.firstName, card.lastName].filter(Boolean).join(' ') || card.company || card.emails[0] || ''
  return card
}

/**
 * The cards of a vCard file, one at a time, so that whoever reads a large one may pause between them. Nothing in a file
 * makes it throw: what cannot be understood is left out, and no link in it is followed.
 */
export function* readCards(bytes: Uint8Array): Generator<Card> {
  for (const lines of cardLines(textOfCards(bytes), wanted)) yield cardOf(lines)
}

/** With the one line end that a text can be written with; anything else that ends a line would begin one of its own. */
function inOneLine(value: unknown, lineEnd: string): unknown {
  if (Array.isArray(value)) return value.map((part) => inOneLine(part, lineEnd))
  if (typeof value !== 'string') return value
  return value.replace(/\r\n?|\n/g, lineEnd).replace(/[^\P{Cc}\t\n]|[\u2028\u2029]/gu, ' ')
}

const written = (card: Card): Property[] => {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const { lastName, firstName, middleName, prefix, suffix, birthday } = card
  const name = [lastName, firstName, middleName, prefix, suffix]
  const plain = (name: string, value: string): Property[] => (value ? [[name, {}, 'text', value]] : [])
  const typed = (types: Types) => {
    const plain = types.filter((type) => /^[\w-]+$/.test(type))
    return plain.length > 0 ? { type: plain } : {}
  }
  return [
    ['version', {}, 'text', '3.0'],
    ...plain('uid', card.uid),
    ['fn', {}, 'text', card.displayName || card.emails[0] || ''],
    ['n', {}, 'text', name],
    ...plain('nickname', card.nickname),
    ...(card.company || card.department
      ? [['org', {}, 'text', [card.company, card.department]] satisfies Property]
      : []),
    ...plain('title', card.position),
    ...plain('note', card.note),
    ...plain('url', card.url),
    ...(birthday === null
      ? []
      : [['bday', {}, 'date', new Date(birthday).toISOString().slice(0, 10)] satisfies Property]),
    ...card.emails.map((email): Property => ['email', { type: 'INTERNET' }, 'text', email]),
    ...card.phones.map(({ types, number }): Property => ['tel', typed(types), 'phone-number', number]),
    ...card.addresses.map(
      ({ types, street, city, region, postalCode, country }): Property => [
        'adr',
        typed(types),
        'text',
        ['', '', street, city, region, postalCode, country],
      ],
    ),
    ...card.keys.map((key): Property => ['key', { encoding: 'b', type: 'PGP' }, 'binary', base64(key)]),
  ]
}

/** A card as vCard 3.0 (RFC 2426), which every program reads. */
export function writeCard(card: Card): string {
  const properties = written(card).map(([name, parameters, type, ...values]) => [
    name,
    parameters,
    type,
    // Only texts have a way to write a line end.
    ...values.map((value) => inOneLine(value, type === 'text' ? '\n' : ' ')),
  ])
  return `${ICAL.stringify.component(['vcard', properties, []], ICAL.design.vcard3 as never)}\r\n`
}
