import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { z } from 'zod'

// What the values of settings look like in an environment: the words of config.ts.

export const seconds = (fallback: number) => z.coerce.number().int().min(1).default(fallback)
export const count = (fallback: number, least = 1) => z.coerce.number().int().min(least).default(fallback)
/** How many processes: a number, or one for each processor. */
export const processes = z
  .string()
  .default('1')
  .refine((text) => text === 'auto' || /^([1-9]|[1-9]\d)$/.test(text), 'must be auto or a number from 1 to 99')
  .transform((text) => (text === 'auto' ? availableParallelism() : Number(text)))
export const flag = (fallback: boolean) =>
  z
    .enum(['on', 'off'])
    .default(fallback ? 'on' : 'off')
    .transform((word) => word === 'on')
export const list = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
export const optional = z.string().min(1).optional()
export const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol),
      `must be a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
    )
/** A URL with {user} and {domain} in its path: in the host or in front of it they would lead a password to strangers. */
export const personsUrl = (...schemes: string[]) => {
  const start = (text: string, part: string) => {
    const filled = text.replace(/\{(user|domain)\}/g, part)
    const { origin, username, password } = URL.canParse(filled) ? new URL(filled) : {}
    return [origin, username, password].join('\n')
  }
  const isFixed = (text: string) => start(text, 'one') === start(text, 'other')
  return url(...schemes).refine(isFixed, 'must have {user} and {domain} behind the host only')
}
export const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'must be host:port')
  .transform((text) => ({
    host: text.slice(0, text.lastIndexOf(':')).replace(/^\[|\]$/g, ''),
    port: Number(text.slice(text.lastIndexOf(':') + 1)),
  }))
  .refine(({ port }) => port < 65_536, 'the port must be below 65536')
export const range = z.string().refine((text) => {
  const [ip = '', bits, ...more] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(ip)] ?? -1
  return most > 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
}, 'must be IP addresses or CIDR ranges')
const isPlace = (text: string): boolean =>
  /^https?:\/\/([^|\s/@]*@)?[\w.:[\]-]+(\/[\w.~:/%-]*)?$/.test(text) && text.length <= 500 && URL.canParse(text)
export const sibling = z.string().refine((text) => {
  const [, places] = /^[a-z0-9]{1,32}=(.*)$/.exec(text) ?? []
  const [open = '', inner = open, ...more] = places?.split('|') ?? []
  return more.length === 0 && isPlace(open) && isPlace(inner)
}, 'must be type=publicURI or …|privateURI')
/** Kinds of second factor; `none` stands for none at all. */
export const kinds = (fallback: string) =>
  list(fallback)
    .transform((names) => (names.join() === 'none' ? [] : names))
    .pipe(z.array(z.enum(['authApp', 'email', 'sms'])))
/** Ways that a message goes; `none` stands for no way at all. */
export const ways = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) => (text.trim() === 'none' ? [] : text.split(',').map((part) => part.trim())))
    .pipe(z.array(z.enum(['email', 'sms'])))

const KEY_SOURCES = ['tenant', 'uploaded', 'shared', 'contacts', 'autocrypt', 'wkd', 'dane']
const isKeyServer = (name: string): boolean => /^(https|hkps):\/\/[\w.:[\]-]+\/?$/.test(name) && URL.canParse(name)

/** Where keys are looked for, in order, each with a level of trust; `none` stands for nowhere. */
export const keySources = (fallback: string) =>
  list(fallback)
    .transform((entries) =>
      (entries.join() === 'none' ? [] : entries).map((entry) => {
        const [, name = entry, level = '3'] = /^(.*?)(?:=(\d))?$/.exec(entry) ?? []
        return { name, level: Number(level) }
      }),
    )
    .refine(
      (sources) => sources.every(({ name, level }) => level <= 5 && (KEY_SOURCES.includes(name) || isKeyServer(name))),
      {
        error: 'must be sources such as wkd=3, or https:// and hkps:// URLs of key servers',
      },
    )
    .refine((sources) => new Set(sources.map(({ name }) => name)).size === sources.length, 'must name each source once')

/** A host of one's own and where it is: name=address:port. */
export const internalHost = z
  .string()
  .regex(/^[\w.-]+=(\[[0-9a-fA-F:]+\]|[\d.]+):\d{1,5}$/, 'must be name=address:port')
  .transform((text) => {
    const [, host = '', ip = '', port = ''] = /^([^=]+)=\[?(.*?)\]?:(\d+)$/.exec(text) ?? []
    return { host: host.toLowerCase(), ip, port: Number(port) }
  })
  .refine(({ ip, port }) => isIP(ip) > 0 && port < 65_536, 'must be name=address:port')

/** Numbers of days, the longest first. */
export const dayList = (fallback: string) =>
  list(fallback)
    .refine((days) => days.every((day) => /^[1-9]\d{0,2}$/.test(day)), 'must be numbers of days from 1 to 999')
    .transform((days) => days.map(Number).sort((a, b) => b - a))

/** What holds for mail to single domains: domain=when. */
export const domainRules = list('')
  .refine(
    (rules) => rules.every((rule) => /^[^@\s=]+=(off|asked|known|always)$/.test(rule)),
    'must be domain=off, asked, known or always',
  )
  .transform(
    (rules) =>
      new Map(
        rules.map((rule) => rule.toLowerCase().split('=') as [string, 'off' | 'asked' | 'known' | 'always']),
      ) as ReadonlyMap<string, 'off' | 'asked' | 'known' | 'always'>,
  )
