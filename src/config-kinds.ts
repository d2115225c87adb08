import { isIP } from 'node:net'
import { z } from 'zod'

// What the values of settings look like in an environment: the words of config.ts.

export const seconds = (fallback: number) => z.coerce.number().int().min(1).default(fallback)
export const count = (fallback: number, least = 1) => z.coerce.number().int().min(least).default(fallback)
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
