import { createServer, connect, type Socket } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { migrate } from '../src/db/open.ts'
import { keepBody } from '../src/domain/bodies/bodies.ts'
import { queueDelivery } from '../src/domain/deliveries/deliveries.ts'
import { atomically } from '../src/context.ts'
import { jsonLog } from '../src/lib/log.ts'
import { openDeliveryHouse } from './delivery-house.ts'
import { openNextHop, until } from './next-hop.ts'
import { freshPostgres } from '../src/testing.ts'
for (const engine of ['sqlite', 'postgres']) test('outage ' + engine, { timeout: 100000 }, async () => {
const data = mkdtempSync('/tmp/ga/o-')
const pg = engine === 'postgres' ? await freshPostgres(process.env.CHATELAINE_TEST_TEMPLATE) : null
const hop = await openNextHop()
const events: Record<string, number> = {}
let pid = 0
const log = jsonLog('debug', Date.now, () => {})
log.watch(({ event, facts }) => { events[event] = (events[event] ?? 0) + 1; if (event === 'carrier.started') pid = facts.pid as number; if (/un|fault|ended|taken|over/.test(event)) console.log(event, JSON.stringify(facts).slice(0, 200)) })
let down = false
const socks = new Set<Socket>()
const target = pg ? new URL(pg.url) : null
const proxy = createServer((s) => { if (down) return void s.resetAndDestroy(); const t = connect(Number(target!.port), '127.0.0.1'); s.pipe(t).pipe(s); for (const x of [s, t]) { socks.add(x); x.on('error', () => {}); x.on('close', () => { s.destroy(); t.destroy() }) } })
await new Promise<void>((r) => proxy.listen(0, '127.0.0.1', r))
const url = pg ? pg.url.replace(`:${target!.port}/`, `:${(proxy.address() as any).port}/`) : null
const house = await openDeliveryHouse({ data, databaseUrl: pg?.url ?? null, hop: hop.url }, { log })
const far = await openDeliveryHouse({ data, databaseUrl: url, hop: hop.url }, { log })
await migrate(house.ctx.database)
house.ctx.carriers.wake = () => {}
for (let n = 0; n < 20; n++) {
  const body = await keepBody(house.ctx, Buffer.from(`Subject: x\r\nX-Number: ${n}\r\n\r\nhi\r\n`))
  await atomically(house.ctx, (ctx) => queueDelivery(ctx, { sender: 'a@b.example', recipients: [`x${n}@y.example`], body }))
}
hop.mood.content = () => new Promise((r) => setTimeout(r, 1500, 250))
await far.look()
await until('begun', () => hop.begun >= 8)
let locker: DatabaseSync | undefined
if (pg) { down = true; for (const s of socks) s.destroy() }
else { locker = new DatabaseSync(join(data, 'chatelaine.sqlite')); locker.exec('begin immediate') }
await new Promise((r) => setTimeout(r, 9000))
console.log('back; taken', hop.taken.length)
hop.mood = {}
down = false; locker?.exec('rollback')
const iv = setInterval(() => { far.look() }, 100)
await until('20', () => hop.taken.length >= 20, 30000)
await until('sent', async () => (await house.ctx.db.selectFrom('delivery').select('state').execute()).every(({ state }) => state === 'sent'), 30000).catch(async (e) => console.log(String(e), await house.ctx.db.selectFrom('delivery').select(['state', 'outcome']).execute()))
console.log('taken', hop.taken.length, 'distinct', new Set(hop.taken.map(({ to }) => to[0])).size, events)
clearInterval(iv)
// orderly stop with a hop that holds the dot
hop.mood.content = () => new Promise((r) => setTimeout(r, 3000, 250))
const body = await keepBody(house.ctx, Buffer.from(`Subject: x\r\n\r\nhi\r\n`))
await atomically(house.ctx, (ctx) => queueDelivery(ctx, { sender: 'a@b.example', recipients: [`last@y.example`], body }))
await far.look()
await until('begun', () => hop.begun >= 21)
const t = performance.now()
await Promise.all([far.close(), house.close()])
console.log('closed', Math.round(performance.now() - t), hop.taken.length)
proxy.close(); await hop.close(); await pg?.drop()
})
