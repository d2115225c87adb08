/** What a lap takes on a usual machine that has nothing else to do, in milliseconds. */
const USUAL = 20
const rows = Array.from({ length: 2000 }, (_, id) => ({ id, name: `row ${id}`, tags: ['a', 'b', 'c'] }))

const spent = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function lap(): number {
  const began = spent()
  for (let turn = 0; turn < 12; turn++) JSON.parse(JSON.stringify(rows))
  return Math.max(1, spent() - began)
}

/**
 * Begins to watch what this process does; the function that it answers tells how much work that was: the milliseconds that
 * it would have taken on a usual machine. It is processor time, as a ratio to a known piece of work in the same run: how
 * busy or slow the machine is moves both. For bounds on what would take minutes if they were not kept.
 */
export function effort(): () => number {
  const before = lap()
  const began = spent()
  return () => {
    const took = spent() - began
    return Math.round((took / Math.max(before, lap())) * USUAL)
  }
}
