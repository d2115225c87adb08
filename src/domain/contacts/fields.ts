import { asciiAddress, isAddress } from '#src/lib/mail-address.ts'
import type { Card, PostalAddress, Types } from '#src/lib/vcard.ts'

/** A contact as the App Suite writes it: `first_name`, `email1`…, and whatever else a client wants to have kept. */
export type ContactData = Record<string, unknown>

// Three addresses have names there; a card may bring more.
const EMAILS = ['email1', 'email2', 'email3'] as const
const MORE_EMAILS = 'more_emails'
const ADDRESSES_AT_MOST = 100

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** The texts that mail to a contact goes to, as they were written; those of a distribution list, its members'. */
export const emailsIn = (data: ContactData): string[] =>
  [
    ...EMAILS.map((name) => data[name]),
    ...listOf(data[MORE_EMAILS]),
    ...listOf(data.distribution_list).map((member) => (member as { mail?: unknown } | null)?.mail),
  ].filter((value) => typeof value === 'string')

/** A contact without any addresses of its own: before it gets those of a card, which are all that it has then. */
export const withoutEmails = (data: ContactData): ContactData =>
  Object.fromEntries(
    Object.entries(data).filter(([name]) => name !== MORE_EMAILS && !EMAILS.some((one) => one === name)),
  )

/** The addresses of a contact in the form they are compared in, the first one first. */
export const addressesIn = (data: ContactData): string[] =>
  [...new Set(emailsIn(data).map(asciiAddress).filter(isAddress))].slice(0, ADDRESSES_AT_MOST)

/** What there is of some members: the App Suite leaves out what is empty. */
const filled = (data: ContactData): ContactData =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => value !== '' && value !== null && value !== undefined))

/** Where the App Suite keeps telephone numbers: the first free of the names of the first row whose types all fit. */
const PHONES: readonly [types: Types, names: readonly string[]][] = [
  [
    ['fax', 'work'],
    ['fax_business', 'fax_other'],
  ],
  [
    ['fax', 'home'],
    ['fax_home', 'fax_other'],
  ],
  [['fax'], ['fax_other', 'fax_business', 'fax_home']],
  [['pager'], ['telephone_pager']],
  [['car'], ['telephone_car']],
  [['cell'], ['cellular_telephone1', 'cellular_telephone2']],
  [['home'], ['telephone_home1', 'telephone_home2']],
  [['work'], ['telephone_business1', 'telephone_business2']],
  [[], ['telephone_other', 'telephone_primary', 'telephone_callback']],
]

function phonesFrom({ phones }: Card): ContactData {
  const data: ContactData = {}
  for (const { types, number } of phones) {
    const names = PHONES.filter(([wanted]) => wanted.every((type) => types.includes(type))).flatMap(
      ([, names]) => names,
    )
    const free = names.find((name) => !(name in data))
    if (free) data[free] = number
  }
  return data
}

const PLACES = ['home', 'business', 'other'] as const

const placeOf = ({ types }: PostalAddress): (typeof PLACES)[number] => {
  if (types.includes('home')) return 'home'
  return types.includes('work') ? 'business' : 'other'
}

function placesFrom({ addresses }: Card): ContactData {
  const data: ContactData = {}
  for (const address of addresses) {
    const place = placeOf(address)
    data[`street_${place}`] ??= address.street
    data[`city_${place}`] ??= address.city
    data[`state_${place}`] ??= address.region
    data[`postal_code_${place}`] ??= address.postalCode
    data[`country_${place}`] ??= address.country
  }
  return data
}

/** A vCard in the words of the App Suite. */
export function dataOfCard(card: Card): ContactData {
  const [email1, email2, email3, ...more] = card.emails
  return filled({
    display_name: card.displayName,
    first_name: card.firstName,
    last_name: card.lastName,
    second_name: card.middleName,
    title: card.prefix,
    suffix: card.suffix,
    nickname: card.nickname,
    company: card.company,
    department: card.department,
    position: card.position,
    note: card.note,
    url: card.url,
    birthday: card.birthday,
    email1,
    email2,
    email3,
    [MORE_EMAILS]: more.length > 0 ? more : undefined,
    ...phonesFrom(card),
    ...placesFrom(card),
  })
}

const textIn = (data: ContactData, name: string): string => {
  const value = data[name]
  return typeof value === 'string' ? value : ''
}

const phonesIn = (data: ContactData) =>
  PHONES.flatMap(([types, names]) => names.map((name) => ({ types, name })))
    .filter(({ name }, at, all) => all.findIndex((other) => other.name === name) === at)
    .map(({ types, name }) => ({ types, number: textIn(data, name) }))
    .filter(({ number }) => number !== '')

const placesIn = (data: ContactData) =>
  PLACES.map((place) => ({
    types: place === 'other' ? [] : [place === 'home' ? 'home' : 'work'],
    street: textIn(data, `street_${place}`),
    city: textIn(data, `city_${place}`),
    region: textIn(data, `state_${place}`),
    postalCode: textIn(data, `postal_code_${place}`),
    country: textIn(data, `country_${place}`),
  })).filter(({ types: _, ...address }) => Object.values(address).some((value) => value !== ''))

const timeIn = (value: unknown): number | null =>
  typeof value === 'number' && Math.abs(value) < 8e15 ? Math.trunc(value) : null

/** A contact as a vCard, with the key that it brought along. */
export const cardOfData = (uid: string, data: ContactData, certificate: Uint8Array | null): Card => ({
  uid,
  displayName: textIn(data, 'display_name'),
  firstName: textIn(data, 'first_name'),
  lastName: textIn(data, 'last_name'),
  middleName: textIn(data, 'second_name'),
  prefix: textIn(data, 'title'),
  suffix: textIn(data, 'suffix'),
  nickname: textIn(data, 'nickname'),
  company: textIn(data, 'company'),
  department: textIn(data, 'department'),
  position: textIn(data, 'position'),
  note: textIn(data, 'note'),
  url: textIn(data, 'url'),
  birthday: timeIn(data.birthday),
  emails: emailsIn(data),
  phones: phonesIn(data),
  addresses: placesIn(data),
  keys: certificate ? [certificate] : [],
})
