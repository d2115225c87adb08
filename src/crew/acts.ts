import type { Config } from '#src/config.ts'
import { callCounts } from '#src/http/limits.ts'
import type { Line, Log } from '#src/lib/log.ts'
import { carrierOf } from '../next-hop.ts'
import { askAll } from './asking-all.ts'
import type { Member, Members } from './members.ts'
import type { LevelOrder, PrimaryActs } from './words.ts'

interface Known {
  environment: Record<string, string | undefined>
  config: Config
  log: Log
  members: () => Members
}

/** What the primary does for its workers: whatever holds for the server as a whole is kept here. */
export function primaryActs({ environment, config, log, members }: Known) {
  const started = Date.now()
  const mayCall = callCounts()
  const carrier = carrierOf(config, log)
  let levels: LevelOrder[] = []

  function keepLevel(order: LevelOrder): void {
    log.setLevel(order.subsystem, order.level)
    levels = [...levels.filter((one) => order.subsystem !== 'all' && one.subsystem !== order.subsystem), order]
  }

  /** Each worker tells its lines as long as somebody watches at another one. */
  function relayLines(): void {
    const all = [...members().all()]
    for (const one of all)
      one.other.tell(
        'relay',
        all.some((another) => another !== one && another.isWatching),
      )
  }

  function show(line: Line, from: Member | null): void {
    for (const member of members().all()) if (member.isWatching && member !== from) member.other.tell('line', line)
  }

  log.watch((line) => show(line, null))
  carrier?.whenEnded(() => {
    for (const { other } of members().all()) other.tell('deliveryEnded', null)
  })
  return {
    carrier,
    left: relayLines,
    actsFor: (member: Member): Omit<PrimaryActs, 'ready' | 'failed'> => ({
      async hello() {
        if (member.number !== 1) await members().first
        member.hasBegun = true
        setImmediate(relayLines)
        return { number: member.number, size: config.workers, environment, started, levels }
      },
      mayCall: ({ place, key, most, now }) => mayCall(place, key, most, now),
      async setLevel(order) {
        keepLevel(order)
        await askAll(members(), 'setLevel', order)
      },
      reload: async (parts) => void (await askAll(members(), 'reload', parts)),
      resources: () => askAll(members(), 'resources', null),
      watch(isWatching) {
        member.isWatching = isWatching
        relayLines()
      },
      line: (line) => show(line, member),
      look: (now) => carrier?.look(now),
    }),
  }
}
