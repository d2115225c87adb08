import { extendedValue } from '#src/lib/mime/parameters.ts'

const NAME_LENGTH = 100

/**
 * A name that is safe to save under, whatever a message calls its file: no folders, no control characters, none that
 * turn the direction of writing about, no dots in front.
 */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1)!
  const plain = last.replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD<>:"|?*]/gu, '').replace(/^[\s.]+|[\s.]+$/g, '')
  const short = [...plain].slice(0, NAME_LENGTH).join('')
  return short === '' || short === '_CONSOLE' ? 'file' : short
}

/** RFC 6266: for everybody in ASCII, and as it is for those who read more. */
export function dispositionOf(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|[%\\"]/g, '_')
  return `attachment; filename="${ascii}"; filename*=${extendedValue(name)}`
}
