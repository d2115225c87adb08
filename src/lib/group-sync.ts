/**
 * Shares one slow `sync` among all who wait for it. What was `noted` before `settled` was called is covered, when that
 * resolves, by a sync that began after it was noted; with nothing noted since the last one there is nothing to wait for.
 */
export function groupSync(sync: () => Promise<void>) {
  let noted = 0
  let covered = 0
  let running: Promise<void> | null = null
  let waiting: Promise<void> | null = null

  function begin(): Promise<void> {
    const upTo = noted
    const run = sync().then(() => {
      covered = Math.max(covered, upTo)
    })
    running = run
    const over = () => {
      if (running === run) running = null
    }
    run.then(over, over)
    return run
  }

  return {
    note(): void {
      noted++
    },
    settled(): Promise<void> {
      if (covered === noted) return Promise.resolve()
      if (!running) return begin()
      // The one that runs began too early for what was noted since: the next one is for everybody who comes meanwhile.
      waiting ??= running
        .catch(() => {})
        .then(() => {
          waiting = null
          return covered === noted ? undefined : begin()
        })
      return waiting
    },
  }
}
