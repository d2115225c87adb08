// Costly to count, and asked for by everybody who wants to add something: a second is near enough.
const GOOD_FOR = 1000

/** A count for each owner that is looked up once a second at the most; what is added here meanwhile is counted on top. */
export function recentCount<Owner extends object>() {
  const known = new WeakMap<Owner, { looked: number; count: number }>()
  return {
    async value(owner: Owner, look: () => Promise<number>): Promise<number> {
      const last = known.get(owner)
      if (last && performance.now() - last.looked < GOOD_FOR) return last.count
      const count = await look()
      known.set(owner, { looked: performance.now(), count })
      return count
    },
    add(owner: Owner): void {
      const last = known.get(owner)
      if (last) last.count++
    },
  }
}
