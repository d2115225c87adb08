/** Values that were costly to come by, kept by name: the least recently used go when all together are too large. */
export interface Shelf<T> {
  /** null for what is not there */
  get(name: string): T | null
  /** `size`: bytes that it takes, about */
  put(name: string, value: T, size: number): void
  drop(name: string): void
}

/** A shelf for `most` bytes. What is larger than all of it does not stay. */
export function shelfFor<T>(most: number): Shelf<T> {
  const kept = new Map<string, { value: T; size: number }>()
  let total = 0
  const drop = (name: string) => {
    total -= kept.get(name)?.size ?? 0
    kept.delete(name)
  }
  return {
    get(name) {
      const found = kept.get(name)
      if (!found) return null
      // To the end of the queue.
      kept.delete(name)
      kept.set(name, found)
      return found.value
    },
    put(name, value, size) {
      drop(name)
      kept.set(name, { value, size })
      total += size
      for (const oldest of kept.keys()) {
        if (total <= most) break
        drop(oldest)
      }
    },
    drop,
  }
}
