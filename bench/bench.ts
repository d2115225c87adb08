import { availableParallelism, cpus, totalmem } from 'node:os'
import { benchUsers } from './accounts.ts'
import { benchConsole } from './console.ts'
import { benchExistence } from './existence.ts'
import { openHouses } from './houses.ts'
import { benchIdle } from './idle.ts'
import { benchMemory } from './memory.ts'
import { benchMillion } from './million.ts'
import { benchOpenPgp } from './openpgp.ts'
import { benchPeers } from './peers.ts'
import { printTable, report } from './report.ts'
import { benchSignIns, benchTail } from './sign-ins.ts'
import { benchStart } from './start.ts'
import { benchValidation } from './validation.ts'

// Ratios, each to something in the same run, wherever there is something: absolutes only tell what machine this is.
const houses = openHouses()
const parts: Record<string, () => Promise<void>> = {
  validation: () => benchValidation(houses, report),
  peers: () => benchPeers(houses, report),
  'sign-ins': () => benchSignIns(houses, report),
  tail: () => benchTail(houses, report),
  start: () => benchStart(report),
  memory: () => benchMemory(houses, report),
  idle: async () => benchIdle(await houses.on('SQLite'), report),
  users: () => benchUsers(report),
  existence: () => benchExistence(report),
  openpgp: () => benchOpenPgp(report),
  console: async () => benchConsole(await houses.on('SQLite'), report),
}

// `npm run bench -- tail start` runs only these.
const wanted = process.argv.slice(2)
const isMillion = wanted.some((arg) => /^--million\b/.test(arg))
const strange = isMillion ? undefined : wanted.find((name) => !Object.hasOwn(parts, name))
if (strange !== undefined) {
  console.error(`There is no part "${strange}". There are ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}

const [processor] = cpus()
console.log(
  `${processor?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}; medians of alternating rounds\n`,
)
const runParts = async (): Promise<void> => {
  for (const [name, run] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await run()
}

try {
  // It takes much longer than all else together: only when it is asked for.
  await (isMillion ? benchMillion(report, wanted) : runParts())
} finally {
  await houses.remove()
}
printTable()
