import { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'
import { asciiAddress, isAddress } from '#src/lib/mail-address.ts'
import { sessionQuery } from './request.ts'

/** The address of whoever is said to have signed a file. */
export const fromQuery = { ...sessionQuery, from: z.string().optional() }

function judged(text: string, name: string): string {
  const address = asciiAddress(text)
  if (!isAddress(address)) throw new Refusal('input.invalid', { params: [name] })
  return address
}

export const fromOf = (from: string | undefined): string | null => (from === undefined ? null : judged(from, 'from'))

/** The addresses in `to`, comma separated, each once. */
export function recipientsOf(to: string): string[] {
  const texts = to.split(',').filter((text) => text.trim() !== '')
  return [...new Set(texts.map((text) => judged(text, 'to')))]
}

// RFC 9580, section 5.9: so long a name fits into a message.
const NAME_BYTES = 255

/** A name without folders: `_CONSOLE` asks programs to show the file and not to keep it. */
export const fileName = z
  .string()
  .regex(/^[^\p{Cc}/\\]*$/u)
  .refine((name) => Buffer.byteLength(name) <= NAME_BYTES && name !== '_CONSOLE')
