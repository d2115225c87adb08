import { DatabaseSync } from 'node:sqlite'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { openSqliteFile, nodeSqliteDialect } from '#src/db/node-sqlite.ts'
import { firstHouse } from '#src/db/migrations/0001-first-house.ts'
import { openwifiInFull } from '#src/db/migrations/0002-openwifi-in-full.ts'
import { accountSecurity } from '#src/db/migrations/0003-account-security.ts'
import { openpgpKeys } from '#src/db/migrations/0004-openpgp-keys.ts'
import * as peers from '#src/domain/correspondents/autocrypt-store.ts'
import * as ext from '#src/domain/correspondents/store.ts'
import * as refresh from '#src/domain/correspondents/refresh-store.ts'
import * as contacts from '#src/domain/contacts/store.ts'
import * as pub from '#src/domain/publishing/store.ts'
import * as disc from '#src/domain/discovery/store.ts'
import * as lasting from '#src/domain/keys/lasting-store.ts'
import * as life from '#src/domain/keys/ring-change-store.ts'
import * as kstore from '#src/domain/keys/store.ts'
import * as escrow from '#src/domain/keys/escrow-store.ts'
import * as byid from '#src/domain/keys/by-id-store.ts'
import * as rem from '#src/domain/keys/reminder-store.ts'

const N = Number(process.env.ROWS ?? 100_000)
const url = process.env.PGURL
const engine = url ? 'postgres' : 'sqlite'
const captured: { sql: string; parameters: readonly unknown[] }[] = []
let capture = false
const log = (event: any) => { if (capture) captured.push(event.query) }
let db: any
if (url) {
  const { default: pg } = await import('pg')
  db = new Kysely<any>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 2 }) }), log })
} else db = new Kysely<any>({ dialect: nodeSqliteDialect(openSqliteFile(process.env.FILE!), () => {}), log })
for (const up of [firstHouse, openwifiInFull, accountSecurity, openpgpKeys]) await up(db, engine)

const series = url ? `(select generate_series(1, ${N}) as i) s` : `(with recursive c(i) as (select 1 union all select i+1 from c where i < ${N}) select i from c) s`
const blob = url ? `decode(repeat('ab', 700), 'hex')` : `zeroblob(700)`
const hex = (e: string) => url ? `upper(md5((${e})::text))||'00000000'` : `printf('%032X00000000', ${e} * 7919)`
const id16 = (e: string) => url ? `upper(substr(md5((${e})::text), 1, 16))` : `printf('%016X', ${e} * 7919)`
async function need(table: string) {
  if (url) return (await sql<any>`select column_name as name, data_type as type from information_schema.columns where table_name = ${table} and is_nullable = 'NO' and column_default is null`.execute(db)).rows
  return (await sql<any>`select name, type from pragma_table_info(${table}) where "notnull" = 1 and dflt_value is null`.execute(db)).rows
}
async function fill(table: string, columns: Record<string, string>, from = series) {
  for (const { name, type } of await need(table)) columns[name] ??= /int/i.test(type) ? '0' : /bytea|blob/i.test(type) ? blob : `''`
  const names = Object.keys(columns)
  await sql.raw(`insert into ${table} (${names.map((n) => `"${n}"`).join(', ')}) select ${names.map((n) => columns[n]).join(', ')} from ${from}`).execute(db)
}
await sql.raw('begin').execute(db).catch(() => {})
await fill('account', { id: `'a'||i`, name: `'n'||i`, email: `'u'||i||'@example.org'`, tenant: `1 + i % 10`, confirmed: '1', created: 'i' })
await fill('address', { address: `'u'||i||'@example.org'`, account_id: `'a'||i`, wkd: `'w'||i`, created: 'i' })
await fill('key_ring', { id: `'r'||i`, account_id: `'a'||i`, fingerprint: hex('i'), key_id: id16('i'), certificate: blob, secret: blob, escrow: blob, is_current: '1', expires: `2000000+i`, created: 'i' })
await fill('key_part', { key_id: id16('i'), ring_id: `'r'||i` })
await fill('lasting_revocation', { fingerprint: hex('i'), address: `'u'||i||'@example.org'`, wkd: `'w'||i`, key_id: id16('i'), certificate: blob, created: 'i' })
await fill('key_submission', { digest: `'d'||i`, account_id: `'a'||i`, address: `'u'||i||'@example.org'`, fingerprint: hex('i'), certificate: blob, expires: `2000000+i` })
await fill('external_key', { id: `'e'||i`, account_id: `'a'||(i % ${Math.ceil(N / 50)} + 1)`, fingerprint: hex('i'), certificate: blob, shared: 'case when i % 10 = 0 then 1 else 0 end', modified: 'i', created: 'i' })
await fill('external_address', { external_key_id: `'e'||i`, address: `'x'||(i%5000)||'@example.net'` })
await fill('autocrypt_peer', { account_id: `'a'||(i % ${Math.ceil(N / 50)} + 1)`, address: `'x'||i||'@example.net'`, fingerprint: hex('i'), certificate: blob, key_seen: 'i' })
await fill('contact', { id: `'c'||i`, account_id: `'a'||(i % ${Math.ceil(N / 100)} + 1)`, folder: `'contacts'`, uid: `'u'||i`, data: `'{}'`, certificate: `case when i % 3 = 0 then ${blob} else null end`, created: 'i', modified: 'i' })
await fill('contact_address', { contact_id: `'c'||i`, account_id: `'a'||(i % ${Math.ceil(N / 100)} + 1)`, address: `'x'||i||'@example.net'` })
await fill('found_key', { source: `case when i % 3 = 0 then 'uploaded' when i % 3 = 1 then 'wkd' else 'https://keys.openpgp.org' end`, address: `case when i % 3 = 0 then ${hex('i')} else 'x'||i||'@example.net' end`, fingerprint: hex('i'), certificate: blob, fetched: 'i', used: 'i', claimed: '0', expires: `2000000+i` })
await fill('found_key', { source: `'revoked'`, address: hex('i'), fingerprint: hex('i'), expires: `8640000000000000` })
await sql.raw('commit').execute(db).catch(() => {})
if (url) await sql.raw('analyze').execute(db)
if (process.env.ANALYZE && !url) await sql.raw('analyze').execute(db)

const now = 2_000_100
const ctx: any = { db, clock: { now: () => now }, config: {} }
const account = { id: 'a7', tenant: 8 }
const x = 'x7@example.net', u = 'u7@example.org'
const [{ fp, kid }] = (await sql<any>`select fingerprint as fp, key_id as kid from key_ring where id = 'r7'`.execute(db)).rows
const Z = new Uint8Array(3)
const calls: Record<string, () => unknown> = {
  peerOf: () => peers.peerOf(ctx, 'a7', x), peersOf: () => peers.peersOf(ctx, 'a7'), peerFingerprints: () => peers.peerFingerprints(ctx, 'a7'),
  keepPeer: () => peers.keepPeer(ctx, { account_id: 'a7', address: 'new@x', last_seen: 0, key_seen: 0, prefers_encryption: 0, fingerprint: '', certificate: null, verified: 0, gossip_seen: 0, gossip_fingerprint: '', gossip: null }),
  forgetPeersBeyond: () => peers.forgetPeersBeyond(ctx, 'a7', 3), markVerified: () => peers.markVerified(ctx, { accountId: 'a7', fingerprint: fp }, 1), removePeerKey: () => peers.removePeerKey(ctx, { accountId: 'a7', fingerprint: fp }),
  uploadedBy: () => ext.uploadedBy(ctx, 'a7'), uploadedWith: () => ext.uploadedWith(ctx, 'a7', x), sharedWith: () => ext.sharedWith(ctx, account, 500), sharedWithFor: () => ext.sharedWithFor(ctx, { account, address: x, most: 8 }),
  fingerprintsUploadedBy: () => ext.fingerprintsUploadedBy(ctx, 'a7'), keepUploaded: () => ext.keepUploaded(ctx, { id: 'enew', account_id: 'a7', fingerprint: 'F', certificate: Z, shared: 0, inline: 0, created: 1, modified: 1 }, [x]),
  markUploaded: () => ext.markUploaded(ctx, { accountId: 'a7', fingerprint: 'F' }, { shared: 1 }), removeUploaded: () => ext.removeUploaded(ctx, { accountId: 'a7', fingerprint: 'F' }),
  copiesOf: () => refresh.copiesOf(ctx, { fingerprint: fp, after: '', most: 100 }), replaceCopy: () => refresh.replaceCopy(ctx, { id: 'e7', was: Z, becomes: Z }),
  contactsOf: () => contacts.contactsOf(ctx, 'a7', 'contacts'), findContact: () => contacts.findContact(ctx, { accountId: 'a7', folder: 'contacts', id: 'c6' }), certificatesOf: () => contacts.certificatesOf(ctx, 'a7', 'contacts'), weightOf: () => contacts.weightOf(ctx, 'a7'),
  contactsWithUids: () => contacts.contactsWithUids(ctx, { accountId: 'a7', folder: 'contacts', uids: Array.from({ length: 200 }, (_, i) => `u${i}`) }),
  keepContacts: () => contacts.keepContacts(ctx, [{ row: { id: 'cn', account_id: 'a7', folder: 'contacts', uid: 'un', data: '{}', certificate: null, created: 1, modified: 1 }, addresses: [x] }]), deleteContact: () => contacts.deleteContact(ctx, 'cn'),
  keyedContactsAt: () => contacts.keyedContactsAt(ctx, { accountId: 'a7', address: 'x6@example.net', most: 10 }),
  ringsAt: () => pub.ringsAt(ctx, u), ringsWith: () => pub.ringsWith(ctx, kid, 10), addressesOf: () => pub.addressesOf(ctx, 'a7'), addressNamed: () => pub.addressNamed(ctx, 'w7', 'example.org'), serverSecret: () => pub.serverSecret(ctx, 'n'),
  waitingSubmission: () => pub.waitingSubmission(ctx, { digest: 'd7', address: u }), takeSubmission: () => pub.takeSubmission(ctx, { digest: 'd7', address: u }), sweepSub: () => pub.sweep(ctx),
  foundFor: () => disc.foundFor(ctx, 'x1@example.net'), changeFound: () => disc.changeFound(ctx, { source: 'wkd', address: 'x1@example.net' }, { used: 3 }), dropFound: () => (disc as any).changeFound(ctx, { source: 'wkd', address: 'x4@example.net' }), isKnownRevoked: () => disc.isKnownRevoked(ctx, fp),
  dueKeys: () => disc.dueKeys(ctx, { usedSince: 5, most: 4 }), claimDue: () => disc.claimDue(ctx, { source: 'wkd', address: 'x1@example.net', expires: 2000001 } as any, 3e6), unplannedUploads: () => disc.unplannedUploads(ctx, 200), sweepFound: () => disc.sweepFound(ctx, 5),
  ringById: () => (kstore as any).ringById(ctx, 'r7'), setPublished: () => (life as any).setPublished(ctx, { accountId: 'a7', ringId: 'r7', published: 0 }), lastingAt: () => (lasting as any).lastingAt(ctx, u), lastingNamed: () => (lasting as any).lastingNamed(ctx, 'w7'), lastingOf: () => (lasting as any).lastingOf(ctx, kid), lastingOfPrint: () => (lasting as any).lastingOf(ctx, fp), certificatesByKeyIds: () => (byid as any).certificatesByKeyIds(ctx, 8, [kid, 'B', 'C']),
  removeEscrows: () => escrow.removeEscrows(ctx, 'a7'), sweepEscrows: () => escrow.sweepEscrows(ctx), tenantRingsWith: () => byid.tenantRingsWith(ctx, account, [kid, 'B']), unjudgedRings: () => rem.unjudgedRings(ctx, 50), endingRings: () => rem.endingRings(ctx, { before: [30, 7, 1], most: 50 }),
}
for (const [name, call] of Object.entries(calls)) {
  captured.length = 0; capture = true
  const t = performance.now()
  try { await call() } catch (e) { console.log(`## ${name} FAILED ${(e as Error).message}`) }
  const took = performance.now() - t
  capture = false
  console.log(`## ${name} ${took.toFixed(1)} ms`)
  for (const q of [...captured]) {
    if (/^insert/.test(q.sql)) continue
    const prefix = url ? 'explain ' : 'explain query plan '
    const { CompiledQuery } = await import('kysely')
    const r = await db.executeQuery(CompiledQuery.raw(prefix + q.sql, [...q.parameters]))
    console.log(r.rows.map((row: any) => '   ' + (row['QUERY PLAN'] ?? row.detail)).filter((l: string) => url ? /Scan|Sort|Limit \(/.test(l) : true).map((l: string) => l.slice(0, 150)).join('\n'))
  }
}
await db.destroy()
