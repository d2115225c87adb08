import type { Generated } from 'kysely'

/**
 * The data model, on one page. Times are epoch milliseconds, truth values 0 or 1, JSON is text, and "sealed" texts
 * are AES-256-GCM under the key file. A digest is a SHA-256 (of something random) or an HMAC (of something short).
 */
export interface Tables {
  account: Account
  account_change: AccountChange
  address: Address
  account_note: AccountNote
  old_password: OldPassword
  known_network: KnownNetwork
  throttle: Throttle
  audit: AuditEntry
  message: Message
  factor: Factor
  pending_factor: PendingFactor
  sent_code: SentCode
  recovery_code: RecoveryCode
  session: Session
  challenge: Challenge
  elevation: Elevation
  key_ring: KeyRing
  key_part: KeyPart
  key_session: KeySession
  stored_auth: StoredAuth
  server_secret: ServerSecret
}

/** A person (or a program) that may sign in. */
export interface Account {
  id: string
  tenant: number
  /** the primary address, lower case */
  email: string
  name: string
  description: string
  location: string
  locale: string
  role: string
  owner: string
  avatar: string
  password: string | null
  must_change_password: number
  suspended: number
  black_listed: number
  confirmed: number
  confirmed_at: number
  awaiting_confirmation: number
  created: number
  modified: number
  last_sign_in: number
  last_password_change: number
  /** 1 when 2-step verification is on */
  two_step: number
  preferred_factor: string | null
  recovery_salt: string | null
  /** salt of the key that a key password turns into, with the figures of argon2id */
  unlock_salt: string
  /** raised to end every session at once */
  generation: number
}

/**
 * SQLite only, written by triggers: whose account, sessions, factors or notes changed, in the order of the commits. It
 * tells the kept answers of the hot path what they may no longer say.
 */
export interface AccountChange {
  seq: Generated<number>
  account_id: string
}

/** Every address leads to one account. */
export interface Address {
  address: string
  account_id: string
  created: number
}

export interface AccountNote {
  id: string
  account_id: string
  created: number
  created_by: string
  note: string
}

export interface OldPassword {
  id: string
  account_id: string
  password: string
  created: number
}

/** Networks an account signed in from: its owner is not locked out there by strangers elsewhere. */
export interface KnownNetwork {
  account_id: string
  network: string
  last_seen: number
}

export interface Throttle {
  key: string
  /** failures before each further try has to wait */
  allowed: number
  failures: number
  /** tries that are being judged */
  pending: number
  /** when a try was let in last */
  touched: number
  /** when one failed last */
  since: number
  until: number
}

/** What happened, to whom, from where. Rows are only added. */
export interface AuditEntry {
  id: string
  at: number
  event: string
  account_id: string | null
  actor_id: string | null
  protocol: string
  network: string
  detail: string
}

/** A row is a queued mail or SMS. `content` is sealed, and removed once it has been handed over. */
export interface Message {
  id: string
  channel: string
  recipient: string
  content: string | null
  created: number
  due: number
  expires: number
  attempts: number
  state: string
  outcome: string
}

/** An active second factor. */
export interface Factor {
  id: string
  account_id: string
  kind: string
  target: string
  secret: string | null
  last_step: number
  created: number
  last_used: number | null
}

/** A second factor on its way: bound to the session that began it until it is activated. */
export interface PendingFactor {
  id: string
  session_id: string
  kind: string
  target: string
  secret: string | null
  strikes: number
  created: number
  expires: number
}

export interface SentCode {
  id: string
  account_id: string
  method_id: string
  /** the session or challenge it was sent for; good nowhere else */
  bound_to: string
  /** HMAC of the address or number: what the hourly limit counts */
  target: string
  digest: string
  created: number
  expires: number
  strikes: number
  used: number | null
}

export interface RecoveryCode {
  account_id: string
  digest: string
  created: number
  used: number | null
}

/** Somebody signed in, in one protocol. `handle` is the digest of the token, session id or App Suite id. */
export interface Session {
  id: string
  account_id: string
  protocol: string
  /** full, required (second step to come) or setup (second factor to be made) */
  state: string
  generation: number
  handle: string
  /** what must travel with the handle: digest of the cookie, HMAC of the Authorization header, or null */
  proof: string | null
  refresh: string | null
  previous_refresh: string | null
  refreshed: number
  refresh_expires: number
  /** tries at the second step */
  strikes: number
  created: number
  last_seen: number
  expires: number
  network: string
  agent: string
}

/** A second step of the OpenWiFi protocol that is to come. No token exists before it is passed. */
export interface Challenge {
  id: string
  account_id: string
  generation: number
  factor_id: string
  /** argon2 hash of a password that takes effect once the step is passed */
  new_password: string | null
  strikes: number
  created: number
  expires: number
  used: number | null
}

/** A proof, some minutes old, that the person at a session knows the password. */
export interface Elevation {
  handle: string
  session_id: string
  created: number
  expires: number
}

/** An OpenPGP key ring of an account. `secret` is sealed under the owner's key password. */
export interface KeyRing {
  id: string
  account_id: string
  fingerprint: string
  key_id: string
  certificate: Uint8Array
  secret: Uint8Array | null
  /** 1 when the certificate has learnt something since (a new expiry, say) that the sealed secret does not know */
  secret_behind: number
  revocation: string | null
  is_current: number
  inline: number
  created: number
  modified: number
}

/** Which ring holds a key: primary and subkeys, by 64-bit id in upper-case hex, and whether we have its secret. */
export interface KeyPart {
  key_id: string
  ring_id: string
  has_secret: number
}

/** The server's half of an auth token; without this row the token is useless. */
export interface KeySession {
  id: string
  account_id: string
  session_id: string
  key: string
  created: number
  expires: number
}

/** The auth token that a person left with the session, so that mail can be read without typing again. */
export interface StoredAuth {
  session_id: string
  token: string
  minutes: number
  created: number
  expires: number
}

export interface ServerSecret {
  name: string
  created: number
  value: string
}
