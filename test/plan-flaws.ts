/** Tables that stay small however many accounts a house has. */
const small = [
  'kysely_migration',
  'kysely_migration_lock',
  'migration',
  'sqlite_master',
  'pragma_table_info',
  'server_secret',
  'system_secret',
  'service',
  'policy',
  // Requests that wait for a job that runs every two seconds.
  'link_request',
  'guest_request',
  // A row for each population, and what came and went within a minute.
  'population_count',
  // The processes that were heard of within a quarter of an hour, 180 samples of each.
  'process_seen',
  'process_sample',
]

/** Statements that read a large table through, or look as if they did, and why they may. */
const allowed: readonly { statement: RegExp; why: string }[] = [
  {
    statement: /^insert into population_count .* group by population$/,
    why: 'once, by a migration',
  },
  {
    statement: /^select count\(\*\) as "rows", sum\(length\(certificate\)\) as "bytes" from "found_key"/,
    why: 'once an hour, and what it counts is bounded by it: the certificates themselves are not read',
  },
  {
    statement: /^delete from "found_key" where .* order by "used"/,
    why: 'only where there is more than that bound',
  },
  {
    statement: /from "gateway_key" inner join "key_ring"/,
    why: 'those who let the gateway sign in their name are few; two seeks for each, once a minute',
  },
  {
    statement: /from "external_key" inner join "account" .*"?shared"? = .* order by "external_key"."modified" desc/,
    why: 'shared keys of the tenant, the newest first, in an index of those that are shared, and no more than are shown',
  },
  {
    statement: /^select "guest"."account_id" as "id".* where .*(refused > 0|"initial" is).* limit \?$/,
    why: 'a page in the order of an index of just those guests',
  },
  {
    statement: /^select count\(\*\) as "count" from "account" where "population" = \? and "owner" = \?$/,
    why: 'the subscribers of one operator, counted in an index',
  },
  {
    statement: /^select count\(\*\) as "count" from "(message|delivery)" where "state"/,
    why: 'what waits to be sent, counted in an index for who watches it',
  },
  {
    statement: /^with chosen as materialized \(select "id" from "key_ring" where escrow is not null limit \? \)/,
    why: 'the first hundred in an index of just those rings',
  },
  {
    statement: /^select count\("\w+"\) as count from "\w+"$/,
    why: 'by hand, before all that is sealed is read: `chatelaine key-file`',
  },
  {
    statement: /^select count\(\*\) as count from account$/,
    why: 'by hand, in a backup that is looked at whole',
  },
  {
    statement: /from "external_key" left join "found_key"/,
    why: 'an index of uploaded keys alone, two seeks for each, once a minute',
  },
]

const quoted = (statement: string): string => statement.replaceAll(/\s+/g, ' ').trim()

/** A list from its beginning, in the order of an index, and no further than it is shown. */
const isPage = (statement: string, step: string): boolean =>
  / USING (COVERING )?INDEX /.test(step) && / limit \?$/.test(statement) && !/ where /.test(statement)

/** The rows of a condition that holds for a large part of a table, all of them. */
function isAllOfMany(statement: string, step: string): boolean {
  const table = /^SEARCH (\w+) .*\((population|state|role|event|protocol|channel)=\?\)$/.exec(step)?.[1]
  return table !== undefined && !small.includes(table) && !/ limit \?/.test(statement)
}

/** The table that a step reads from end to end; null where it does not, or where that is little. */
function readThrough(statement: string, step: string): string | null {
  const table = /^SCAN (\w+)/.exec(step)?.[1]
  // Whatever else is scanned has a name of the statement's own: rows that were found before, or written out.
  const isTable = table !== undefined && new RegExp(`(from|join|update|into) "?${table}"?\\b`).test(statement)
  if (!isTable || small.includes(table) || new RegExp(`"?${table}"? as (materialized )?\\(`).test(statement))
    return null
  return new RegExp(`\\) as "?${table}"?`).test(statement) || isPage(statement, step) ? null : table
}

/** What is wrong with how SQLite does a statement: it takes longer the more accounts there are. Null for nothing. */
export function planFlaw(statement: string, plan: readonly string[]): string | null {
  const text = quoted(statement)
  if (allowed.some((one) => one.statement.test(text))) return null
  const step = plan.find((step) => readThrough(text, step) !== null || isAllOfMany(text, step))
  return step ? `${step}: ${text.slice(0, 500)}` : null
}
