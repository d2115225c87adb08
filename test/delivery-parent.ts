import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { atomically, type Context } from '../src/context.ts'
import { openPostgres, openSqlite } from '../src/db/open.ts'
import { keepBody } from '../src/domain/bodies/bodies.ts'
import { carryDeliveries, queueDelivery } from '../src/domain/deliveries/deliveries.ts'
import { carrierProcess } from '../src/drivers/carrier.ts'
import { openKeyFile } from '../src/key-file.ts'
import { systemChance } from '../src/lib/chance.ts'
import { systemClock } from '../src/lib/clock.ts'
import { jsonLog } from '../src/lib/log.ts'

/** What deliveries need of a server, and no more: it queues some of its own, and has carried what is due. */
interface Given {
  data: string
  databaseUrl: string | null
  hop: string
  /** the number of the first message */
  from: number
  count: number
  /** milliseconds between two of them at most */
  pace: number
}

const { data, databaseUrl, hop, from, count, pace } = JSON.parse(process.argv[2]!) as Given
const database = databaseUrl ? await openPostgres(databaseUrl) : openSqlite(join(data, 'chatelaine.sqlite'))
const log = jsonLog('warn', Date.now, (line) => process.stdout.write(line))
const carrier = carrierProcess({ data, databaseUrl, hop, stepMs: 5000, width: 8 }, log)
const ctx = {
  config: { gatewayDays: 5 },
  secrets: openKeyFile(data, 'none').secrets,
  database,
  db: database.query,
  clock: { ...systemClock, chance: systemChance },
  log,
  carriers: { carrier, wake() {} },
} as Context
const look = () => void carryDeliveries(ctx).catch((error: unknown) => log.error('look.failed', { error }))
ctx.carriers.wake = () => setImmediate(look)
setInterval(look, 50)

process.on('SIGTERM', async () => {
  await carrier.close()
  process.exit(0)
})

console.log('ready')
for (let number = from; number < from + count; number++) {
  const message = `From: ann@example.org\r\nTo: bob@example.net\r\nX-Number: ${number}\r\n\r\nMail ${number}\r\n`
  const body = await keepBody(ctx, Buffer.from(message))
  await atomically(ctx, (ctx) =>
    queueDelivery(ctx, { sender: 'ann@example.org', recipients: [`bob-${number}@example.net`], body }),
  )
  await database.durable()
  console.log(`queued ${number}`)
  await sleep(Math.random() * pace)
}
