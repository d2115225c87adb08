/** Something that took time, told once it is over: what it was, and never whom it was for or what it was about. */
export interface Lapse {
  of: 'database' | 'argon2' | 'openpgp'
  /** the kind of statement or operation */
  name: string
  /** of a statement */
  table?: string
  /** milliseconds until its turn came */
  waited: number
  /** milliseconds from then on */
  took: number
  failed: boolean
}

export type Tell = (lapse: Lapse) => void

/** Where what takes time tells of itself, for metrics and traces. Told in the caller's own asynchronous context. */
export interface Watch {
  tell: Tell
  follow(follower: Tell): void
}

export function openWatch(): Watch {
  const followers: Tell[] = []
  return {
    tell(lapse) {
      for (const follower of followers) follower(lapse)
    },
    follow: (follower) => void followers.push(follower),
  }
}

/** Runs a task, which calls `begin` when its turn has come, if it has to wait for one, and tells how long it waited and worked. */
export async function timed<T>(
  tell: Tell,
  what: Pick<Lapse, 'of' | 'name'>,
  run: (begin: () => void) => Promise<T>,
): Promise<T> {
  const asked = performance.now()
  let begun = asked
  let failed = true
  try {
    const result = await run(() => {
      begun = performance.now()
    })
    failed = false
    return result
  } finally {
    const now = performance.now()
    tell({ ...what, waited: begun - asked, took: now - begun, failed })
  }
}
