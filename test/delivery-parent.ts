import { setTimeout as sleep } from 'node:timers/promises'
import { atomically } from '../src/context.ts'
import { keepBody } from '../src/domain/bodies/bodies.ts'
import { queueDelivery } from '../src/domain/deliveries/deliveries.ts'
import { jsonLog } from '../src/lib/log.ts'
import { openDeliveryHouse } from './delivery-house.ts'

/** Queues deliveries of its own, and has carried what is due, whoever queued it. */
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

const { from, count, pace, ...facts } = JSON.parse(process.argv[2]!) as Given
const log = jsonLog('warn', Date.now, (line) => process.stdout.write(line))
const { ctx, look, close } = await openDeliveryHouse(facts, { log })
setInterval(look, 50)
process.on('SIGTERM', async () => {
  await close()
  process.exit(0)
})

console.log('ready')
for (let number = from; number < from + count; number++) {
  const message = `From: ann@example.org\r\nTo: bob@example.net\r\nX-Number: ${number}\r\n\r\nMail ${number}\r\n`
  const body = await keepBody(ctx, Buffer.from(message))
  await atomically(ctx, (ctx) =>
    queueDelivery(ctx, { sender: 'ann@example.org', recipients: [`bob-${number}@example.net`], body }),
  )
  await ctx.database.durable()
  console.log(`queued ${number}`)
  await sleep(Math.random() * pace)
}
