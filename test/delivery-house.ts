import { join } from 'node:path'
import type { Context } from '../src/context.ts'
import { openPostgres, openSqlite } from '../src/db/open.ts'
import { carryDeliveries } from '../src/domain/deliveries/deliveries.ts'
import { type CarrierFacts, carrierProcess } from '../src/drivers/carrier.ts'
import { openKeyFile } from '../src/key-file.ts'
import { systemChance } from '../src/lib/chance.ts'
import { type Clock, systemClock } from '../src/lib/clock.ts'
import type { Log } from '../src/lib/log.ts'

/** What deliveries need of a server, and no more; nothing follows from their ends. */
export interface DeliveryHouse {
  ctx: Context
  /** Has what is due carried. */
  look(): Promise<unknown>
  close(): Promise<void>
}

export async function openDeliveryHouse(
  facts: Omit<CarrierFacts, 'stepMs' | 'width'>,
  { log, clock = systemClock }: { log: Log; clock?: Clock },
): Promise<DeliveryHouse> {
  const { data, databaseUrl } = facts
  const database = databaseUrl ? await openPostgres(databaseUrl) : openSqlite(join(data, 'chatelaine.sqlite'))
  const carrier = carrierProcess({ ...facts, stepMs: 5000, width: 8 }, log)
  const ctx = {
    config: { gatewayDays: 5 },
    secrets: openKeyFile(data, 'none').secrets,
    database,
    db: database.query,
    clock: { now: () => clock.now(), chance: systemChance },
    log,
    carriers: { carrier, wake() {} },
  } as unknown as Context
  const look = () => carryDeliveries(ctx).catch((error: unknown) => log.error('look.failed', { error }))
  ctx.carriers.wake = () => setImmediate(look)
  return {
    ctx,
    look,
    async close() {
      await carrier.close()
      await database.close()
    },
  }
}
