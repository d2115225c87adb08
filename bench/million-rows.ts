import type { MadeKeys } from './million-keys.ts'

/** How large a house is. Every other figure follows from the number of accounts. */
export interface Size {
  accounts: number
}

/** Rows of one table, made by the database itself: the columns are SQL over `i`, which counts from 0. */
export interface Rows {
  table: string
  count: number
  columns: Record<string, string>
}

export const SESSIONS_EACH = 5
export const RINGS_EACH = 2
/** Every so many accounts one has a real key: the one that is asked for. */
export const REAL_KEYS = 200

const DAY = 86_400_000

// The same addresses come back by their number, which the bench asks for.
export const emailOf = (i: number): string => `person${i}@d${i % 200}.example`
const nameSql = `'Person ' || (i * 7919 % 1000003)`
const emailSql = `'person' || i || '@d' || (i % 200) || '.example'`
/** What `validateToken` is asked with. */
export const tokenOf = (j: number): string => `million${j}`
export const refreshOf = (j: number): string => `refresh${j}`

export interface Passwords {
  /** as people meet it */
  full: string
  /** of next to no work, so that all the rest of a sign-in is seen */
  cheap: string
}

/** A number that is the same account's for all its rows. */
const account = (n: string) => `uid('account', ${n})`

const audited = `case i % 7 when 0 then 'sign-in.failed' when 1 then 'session.ended' when 2 then 'sign-in.refreshed' when 3 then 'key.unlocked' else 'sign-in.done' end`

/** All that a house has after some years, in the order in which it is written. */
export function rowsOf(
  { accounts }: Size,
  { now, passwords, keys }: { now: number; passwords: Passwords; keys: MadeKeys },
): Rows[] {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`
  const sessions = accounts * SESSIONS_EACH
  const long = 700 * DAY
  const created = `${now - long} + i * ${Math.floor(long / accounts)}`
  const certificate = `bytes(${text(keys.common.certificate)})`
  return [
    {
      table: 'account',
      count: accounts,
      columns: {
        id: account('i'),
        email: emailSql,
        name: nameSql,
        role: `case when i % 10 = 9 then 'subscriber' when i % 1000 = 5 then 'csr' else 'installer' end`,
        password: `case when i % 2 = 0 then ${text(passwords.cheap)} else ${text(passwords.full)} end`,
        suspended: 'case when i % 50 = 7 then 1 else 0 end',
        black_listed: 'case when i % 500 = 13 then 1 else 0 end',
        awaiting_confirmation: 'case when i % 100 = 21 then 1 else 0 end',
        confirmed: 'case when i % 100 = 21 then 0 else 1 end',
        confirmed_at: created,
        created,
        modified: created,
        last_sign_in: String(now - DAY),
        last_password_change: String(now - DAY),
        // Nobody whose sign-in is measured.
        two_step: 'case when i % 10 = 3 then 1 else 0 end',
        unlock_salt: `uid('salt', i)`,
        population: `case when i % 10 = 9 then 'subscriber' else 'user' end`,
      },
    },
    {
      table: 'address',
      count: accounts,
      columns: { address: emailSql, account_id: account('i'), created, wkd: `substr(digest('wkd' || i), 1, 32)` },
    },
    {
      table: 'account_note',
      count: Math.floor(accounts / 3),
      columns: {
        id: `uid('note', i)`,
        account_id: account('i * 3'),
        created: String(now - DAY),
        created_by: `'root@example.org'`,
        note: `'Came with the second wave.'`,
      },
    },
    {
      table: 'factor',
      count: Math.floor(accounts / 10),
      columns: {
        id: `uid('factor', i)`,
        account_id: account('i * 10 + 3'),
        kind: `'email'`,
        target: `'person' || (i * 10 + 3) || '@d' || ((i * 10 + 3) % 200) || '.example'`,
        last_step: '0',
        created: String(now - 30 * DAY),
        name: `''`,
        recovered: '0',
      },
    },
    {
      table: 'known_network',
      count: accounts,
      columns: {
        account_id: account('i'),
        network: `'198.51.' || (i / 256 % 256) || '.' || (i % 256)`,
        last_seen: String(now - DAY),
      },
    },
    {
      table: 'session',
      count: sessions,
      columns: {
        id: `uid('session', i)`,
        account_id: account(`i % ${accounts}`),
        protocol: `case i / ${accounts} when 3 then 'mailbox' when 4 then 'guard' else 'openwifi' end`,
        state: `'full'`,
        generation: '0',
        handle: `digest('million' || i)`,
        proof: `case when i / ${accounts} > 2 then 'cookie:' || digest('cookie' || i) else null end`,
        refresh: `case when i / ${accounts} > 2 then null else digest('refresh' || i) end`,
        refreshed: '0',
        refresh_expires: String(now + 90 * DAY),
        strikes: '0',
        created: String(now - DAY),
        last_seen: `${now} - i % 3600000`,
        expires: `${now + 30 * DAY} + i % 86400000`,
        network: `'198.51.100.' || (i % 256)`,
        agent: `'Mozilla/5.0 (X11; Linux x86_64) a browser of somebody'`,
        stepped: '0',
      },
    },
    {
      table: 'audit',
      count: accounts * 4,
      columns: {
        id: `uid('audit', i)`,
        at: `${now - 300 * DAY} + i * ${Math.floor((300 * DAY) / (accounts * 4))}`,
        event: audited,
        account_id: account(`i * 31 % ${accounts}`),
        actor_id: `case when i % 500 = 0 then ${account('0')} else null end`,
        protocol: `case i % 3 when 0 then 'mailbox' when 1 then 'guard' else 'openwifi' end`,
        network: `'198.51.' || (i / 256 % 256) || '.' || (i % 256)`,
        detail: `'{}'`,
      },
    },
    {
      // The first half are the current ones; every account has an older ring besides.
      table: 'key_ring',
      count: accounts * RINGS_EACH,
      columns: {
        id: `uid('ring', i)`,
        account_id: account(`i % ${accounts}`),
        fingerprint: `substr(digest('ring' || i), 1, 40)`,
        key_id: `upper(substr(digest('ring' || i), 25, 16))`,
        certificate,
        secret: `bytes(${text(keys.common.secret)})`,
        secret_behind: '0',
        revocation: text(keys.common.revocation),
        is_current: `case when i < ${accounts} then 1 else 0 end`,
        inline: '0',
        created: String(now - 100 * DAY),
        modified: String(now - 100 * DAY),
        published: '1',
        expires: `case when i % 3 = 0 then ${now} + (i % 1000 + 40) * ${DAY} else 0 end`,
        reminded: String(now),
      },
    },
    {
      table: 'key_part',
      count: accounts * RINGS_EACH * 2,
      columns: {
        key_id: `upper(substr(digest((case when i % 2 = 0 then 'ring' else 'subkey' end) || (i / 2)), 25, 16))`,
        ring_id: `uid('ring', i / 2)`,
        has_secret: '1',
      },
    },
    {
      table: 'message',
      count: Math.floor(accounts / 5),
      columns: {
        id: `uid('message', i)`,
        channel: `case when i % 20 = 0 then 'sms' else 'email' end`,
        recipient: emailSql,
        created: `${now - 20 * DAY} + i`,
        due: `${now - 20 * DAY} + i`,
        expires: String(now - 18 * DAY),
        attempts: '1',
        state: `case when i % 50 = 0 then 'failed' else 'sent' end`,
        outcome: `''`,
        template: `'sign-in.done'`,
      },
    },
    ...guests(accounts, now),
    {
      table: 'throttle',
      count: Math.floor(accounts / 10),
      columns: {
        key: `'account:' || substr(digest('throttle' || i), 1, 32)`,
        allowed: '5',
        failures: '2',
        pending: '0',
        touched: String(now),
        since: String(now),
        until: '0',
        subject: `substr(digest('subject' || i), 1, 32)`,
      },
    },
  ]
}

const guests = (accounts: number, now: number): Rows[] => {
  const count = Math.floor(accounts / 20)
  return [
    {
      table: 'account',
      count,
      columns: {
        id: `uid('guest', i)`,
        email: `uid('guest', i) || '@guest.invalid'`,
        role: `'subscriber'`,
        created: String(now - 50 * DAY),
        modified: String(now - 50 * DAY),
        population: `'guest'`,
        unlock_salt: `uid('guest salt', i)`,
      },
    },
    {
      table: 'guest',
      count,
      columns: {
        account_id: `uid('guest', i)`,
        address: `'guest' || i || '@elsewhere.example'`,
        tenant: '1',
        language: `'en'`,
        initial: `case when i % 3 = 0 then 'sealed' else null end`,
        inviter: account('i'),
        refused: `case when i % 100 = 0 then ${now} else 0 end`,
        created: String(now - 50 * DAY),
      },
    },
  ]
}
