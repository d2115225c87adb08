import { queryOptions } from '@tanstack/react-query'
import { Unreachable, urlOf } from '../../api/client.ts'

/** What a stranger is told of a key. */
export interface Seen {
  isRevoked: boolean
  userIds: string[]
}

/** Reads an index for programs (docs/finding-keys.md, HKP); null where it has no key. */
export function readIndex(index: string): Seen | null {
  const lines = index.split(/\r?\n/).map((line) => line.split(':'))
  const key = lines.find(([kind]) => kind === 'pub')
  if (!key) return null
  const userIds = lines.filter(([kind]) => kind === 'uid').map(([, text = '']) => decodeURIComponent(text))
  return { isRevoked: key[6]?.includes('r') ?? false, userIds }
}

/** Asks as a stranger does, without a session; null where nobody finds the key. */
export const seenQuery = (fingerprint: string) =>
  queryOptions({
    queryKey: ['keys', 'seen', fingerprint],
    async queryFn(): Promise<Seen | null> {
      const url = urlOf('/pks/lookup', { op: 'index', options: 'mr', search: `0x${fingerprint}` })
      // Strangers may be shown an answer of five minutes ago; who has just changed something wants to see it.
      const asked = await fetch(url, { cache: 'no-store', credentials: 'omit' }).catch(() => {
        throw new Unreachable()
      })
      if (!asked.ok && asked.status !== 404) throw new Unreachable()
      return asked.ok ? readIndex(await asked.text()) : null
    },
  })
