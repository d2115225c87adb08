// Nothing that is read as something else.
const GROUPS = ['abcdefghijkmnpqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789']
const ALL = GROUPS.join('')

/** A number below `bound`, each as likely as any other. */
function below(bound: number): number {
  const limit = 256 - (256 % bound)
  for (;;) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1))
    if (byte < limit) return byte % bound
  }
}

const oneOf = (letters: string): string => letters[below(letters.length)] ?? ''

/** A password for a first sign-in, in groups that can be read out: sixteen signs of three kinds, and hyphens. */
export function firstPassword(): string {
  for (;;) {
    const signs = Array.from({ length: 16 }, () => oneOf(ALL))
    if (GROUPS.every((group) => signs.some((sign) => group.includes(sign))))
      return [0, 4, 8, 12].map((from) => signs.slice(from, from + 4).join('')).join('-')
  }
}
