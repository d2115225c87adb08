import type { Generated } from 'kysely'

/**
 * The data model, on one page. Times are epoch milliseconds, truth values 0 or 1, JSON is text, and "sealed" texts
 * are AES-256-GCM under the key file. A digest is a SHA-256 (of something random) or an HMAC (of something short).
 */
export interface Tables {
  account: Account
  account_change: AccountChange
  population_count: PopulationCount
  address: Address
  account_note: AccountNote
  old_password: OldPassword
  known_network: KnownNetwork
  throttle: Throttle
  occurrence: Occurrence
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
  avatar: Avatar
  preference: Preference
  api_key: ApiKey
  link_request: LinkRequest
  action_link: ActionLink
  service: Service
  system_secret: SystemSecret
  announced_token: AnnouncedToken
  policy: PolicyRow
  captcha: Captcha
  passkey: Passkey
  passkey_challenge: PasskeyChallenge
  app_password: AppPassword
  trusted_device: TrustedDevice
  recovery_token: RecoveryToken
  factor_recovery: FactorRecovery
  key_profile: KeyProfile
  lasting_revocation: LastingRevocation
  key_submission: KeySubmission
  external_key: ExternalKey
  external_address: ExternalAddress
  autocrypt_peer: AutocryptPeer
  contact: Contact
  contact_address: ContactAddress
  found_key: FoundKey
  kept_body: KeptBody
  kept_piece: KeptPiece
  gateway_mail: GatewayMail
  delivery: Delivery
  gateway_key: GatewayKey
  guest: Guest
  guest_item: GuestItem
  guest_reset: GuestReset
  guest_request: GuestRequest
  locked_secret: LockedSecret
  deleted_ring: DeletedRing
  exposed_keys: ExposedKeys
  process_seen: ProcessSeen
  process_sample: ProcessSample
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
  /** user, subscriber or guest: whose door the account signs in at, and whose list it is on */
  population: string
  /** `operator:id` while a subscriber is on his way in, else empty */
  signing_up: string
  /** when the first sign-in met a policy that demands 2-step verification after a while; 0 for not yet */
  grace_began: number
}

/**
 * Written by triggers: whose account, sessions, factors, notes or policy changed; nobody's stands for everybody's. It
 * tells the kept answers of the hot path what they may no longer say.
 */
export interface AccountChange {
  /** SQLite only: the order of the commits. PostgreSQL has `xid`, the transaction; each account once in it. */
  seq: Generated<number>
  account_id: string
}

/** Written by triggers: how many came to a population (or went, below 0). Their sum is how many there are. */
export interface PopulationCount {
  id: Generated<number>
  population: string
  people: number
}

/** Every address leads to one account. */
export interface Address {
  address: string
  account_id: string
  created: number
  /** its name in the Web Key Directory: a hash of the part before the @ */
  wkd: Generated<string>
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
  /** HMAC of the address or account that it is about, where one may be let in again; else empty */
  subject: string
}

/** One time of what an hourly bound counts: a link, code or notice to somebody, a message that somebody caused. */
export interface Occurrence {
  id: string
  /** of the bound: kind, and HMAC of whom it is about */
  key: string
  at: number
}

/** What happened, to whom, from where. Rows are only added, until they are too old. */
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

/** A row is a queued mail or SMS. `content` is sealed, and removed once it has been handed over or is of no use. */
export interface Message {
  id: string
  channel: string
  recipient: string
  content: string | null
  created: number
  due: number
  expires: number
  attempts: number
  /** queued, sent, failed, or dropped by who runs the house; the content of a failed one is kept until it expires */
  state: string
  outcome: string
  /** which letter it is; empty for what somebody wrote by hand, and for calls to services */
  template: string
  /** until when whoever is handing it over is taken for alive; 0 for nobody */
  held: number
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
  /** what its owner calls it */
  name: string
  /** when it set a new password; until that is changed, or another factor shown, it is no second factor. 0 for never */
  recovered: number
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
  /** the step of the first of two codes, where two are asked for; 0 for none yet */
  proven_step: number
  name: string
}

export interface SentCode {
  id: string
  account_id: string
  method_id: string
  /** the session or challenge it was sent for; good nowhere else */
  bound_to: string
  /** HMAC of the address or number */
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
  /** what it may do: domain/sessions/states.ts */
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
  /** when its second step was passed; 0 for never */
  stepped: number
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
  /** a revocation certificate, made with the key; sealed */
  revocation: string | null
  is_current: number
  inline: number
  created: number
  modified: number
  /** the secret once more, sealed under the server's recovery key; null when nobody but the owner can open it */
  escrow: Uint8Array | null
  /** 1 when it may be found by the world */
  published: number
  /** when nobody can encrypt to it any more; 0 for never, -1 while nobody has looked */
  expires: number
  /** when its owner was last told that it is about to expire, or chose its end himself; 0 for not yet */
  reminded: number
  /** where a new password of it is mailed to; empty for the primary address. Only who showed its password chose it */
  secondary: string
  /** 1 when who showed its password wants no second copy of its secret */
  no_recovery: number
  /** salt of the key it is sealed under where that is not the account's; empty otherwise (it was a guest's) */
  unlock_salt: string
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

/** A picture of an account, as it was sent: never decoded here. */
export interface Avatar {
  account_id: string
  type: string
  bytes: Uint8Array
  created: number
}

/** What clients keep with an account: JSON of an array of tags and values. */
export interface Preference {
  account_id: string
  data: string
  modified: number
}

/** A key that a program calls with in its owner's name. Found by `digest`; `sealed` lets its owner see it again. */
export interface ApiKey {
  id: string
  account_id: string
  name: string
  description: string
  digest: string
  sealed: string
  /** JSON of an array of services and what the key may do there */
  rights: string
  created: number
  expires: number
  last_use: number
}

/** Somebody asked for a way back in: written for any name, so that it takes no longer for one that exists. */
export interface LinkRequest {
  id: string
  /** what is asked for: link, username or token */
  kind: string
  /** of an account; empty when that is what is asked for */
  name: string
  /** the address or number that is to get it; empty for a link */
  target: string
  population: string
  protocol: string
  network: string
  created: number
}

/** A link in a mail that lets its reader do one thing, once. It is void when the account's generation has moved on. */
export interface ActionLink {
  digest: string
  account_id: string
  /** password, address, invitation or signup; for a key: key-address or key-renew */
  purpose: string
  /** what the link is about besides its account: the new address of a key, or the key ring; else empty */
  target: string
  generation: number
  created: number
  expires: number
  used: number | null
}

/** A sibling service that announced itself, by heartbeat or by Kafka. */
export interface Service {
  private_uri: string
  type: string
  public_uri: string
  version: string
  /** the key that it wants to be called with, when it told one */
  sealed_key: string | null
  source: string
  expires: number
}

/** A secret that operators keep here for their services. */
export interface SystemSecret {
  name: string
  value: string
  modified: number
}

/** A token or API key that a sibling may remember as valid, until it is told otherwise. Only with Kafka. */
export interface AnnouncedToken {
  digest: string
  account_id: string
  sealed: string
  expires: number
}

/** What differs from the settings for one domain (`domain:example.org`) or account (`account:id`); JSON of a part of them. */
export interface PolicyRow {
  scope: string
  data: string
  modified: number
}

/** A picture whose text proves that a person signs in. Bound to the name that was typed; used once. */
export interface Captcha {
  id: string
  subject: string
  sealed: string
  expires: number
}

/** A WebAuthn credential of an account. */
export interface Passkey {
  id: string
  account_id: string
  /** its id as authenticators know it, base64url */
  credential: string
  /** COSE */
  public_key: Uint8Array
  counter: number
  /** how it is reached, space separated: internal, hybrid, usb … */
  transports: string
  /** 1 when it lives on more devices than one */
  synced: number
  name: string
  created: number
  last_used: number | null
}

/** What a passkey is asked to sign: once. Without a session for a sign-in that begins with it. */
export interface PasskeyChallenge {
  challenge: string
  /** register, prove or sign-in */
  purpose: string
  session_id: string | null
  expires: number
}

/** A password of one program: random, found by its digest, good for the protocols in `scopes` (space separated). */
export interface AppPassword {
  id: string
  account_id: string
  name: string
  digest: string
  scopes: string
  created: number
  last_used: number | null
  last_protocol: string
  last_network: string
}

/** A browser where the password is enough. Void when the account's generation moves on. */
export interface TrustedDevice {
  id: string
  account_id: string
  digest: string
  generation: number
  name: string
  network: string
  created: number
  /** 0 for never */
  last_used: number
  expires: number
}

/** What was sent to set a new password with: one live per account. */
export interface RecoveryToken {
  account_id: string
  factor_id: string
  digest: string
  generation: number
  strikes: number
  created: number
  expires: number
}

/** All second factors of an account are to go when `due` has come, unless somebody says that this was not he. */
export interface FactorRecovery {
  account_id: string
  generation: number
  created: number
  due: number
  network: string
}

/** What an account has decided about its keys. */
export interface KeyProfile {
  account_id: string
  /** 1 when secret keys that are new shall have no second copy */
  no_recovery: number
  /** whether new mails are encrypted, signed, and written as PGP/Inline, unless told otherwise */
  encrypts: number
  signs: number
  inline: number
  last_reset: number
  /** 1 when incoming mail is to be encrypted at rest */
  at_rest: number
}

/** A revoked key that was published, for each of its addresses: it stays to be seen when the ring is long gone. */
export interface LastingRevocation {
  fingerprint: string
  address: string
  /** name of the address in the Web Key Directory */
  wkd: string
  key_id: string
  certificate: Uint8Array
  created: number
}

/** A key that was mailed in for publication and waits for its confirmation (Web Key Service). */
export interface KeySubmission {
  digest: string
  account_id: string
  address: string
  fingerprint: string
  certificate: Uint8Array
  created: number
  expires: number
}

/** Somebody else's key that a user has uploaded; `shared` shows it to the whole tenant. */
export interface ExternalKey {
  id: string
  account_id: string
  fingerprint: string
  certificate: Uint8Array
  shared: number
  inline: number
  created: number
  modified: number
}

/** The addresses in its user IDs, lower case. */
export interface ExternalAddress {
  external_key_id: string
  address: string
}

/** What an account knows of a correspondent by Autocrypt 1.1, section 2.1. Times are those that mails claim. */
export interface AutocryptPeer {
  account_id: string
  address: string
  last_seen: number
  /** date of the newest mail with a usable header; 0 for none */
  key_seen: number
  /** 1 for prefer-encrypt=mutual */
  prefers_encryption: number
  fingerprint: string
  certificate: Uint8Array | null
  /** 1 when the owner said that the key is right */
  verified: number
  gossip_seen: number
  gossip_fingerprint: string
  gossip: Uint8Array | null
}

/** An entry of somebody's address book; `data` is JSON, in the words of the App Suite. */
export interface Contact {
  id: string
  account_id: string
  folder: string
  uid: string
  data: string
  /** the key that a vCard brought along */
  certificate: Uint8Array | null
  created: number
  modified: number
}

export interface ContactAddress {
  contact_id: string
  account_id: string
  address: string
}

/**
 * What a source in the world said of an address; without a certificate: that it has none. Two sources stand for what
 * the house itself notes of a key, with its fingerprint for an address: `revoked`, that it was seen revoked, for good;
 * `uploaded`, when the copies that people have uploaded are to be asked for next.
 */
export interface FoundKey {
  source: string
  address: string
  fingerprint: string
  certificate: Uint8Array | null
  fetched: number
  used: number
  expires: number
  /** until when somebody is asking again in the background, or 0: it says nothing of how good the answer is */
  claimed: number
}

/** Bytes too large for a row of their own, in pieces: what nobody claims is swept. */
export interface KeptBody {
  id: string
  /** what its pieces are encrypted with; sealed. Without it they are noise */
  key: string
  bytes: number
  created: number
  /** 1 once a row refers to it */
  claimed: number
}

export interface KeptPiece {
  body_id: string
  seq: number
  /** AES-256-GCM, bound to the body and its place in it */
  data: Uint8Array
}

/** A mail that the gateway has taken, until all that it became is delivered; then its digest for a while. */
export interface GatewayMail {
  id: string
  /** of envelope and content: a mail that is handed over twice, because our answer got lost, is one mail */
  digest: string
  /** out or in */
  direction: string
  /** of the envelope; empty for a report */
  sender: string
  /** JSON of an array of addresses */
  recipients: string
  /** null once it is done with */
  body_id: string | null
  received: number
  /**
   * waiting; returning (dispatched, and its sender is still to be told who does not get it); dispatched (its deliveries
   * exist); done
   */
  state: string
  attempts: number
  due: number
  /** until when somebody is working on it */
  held: number
  /** why it waits; while it is returning, JSON of an object: who does not get it, and why */
  outcome: string
}

/** A whole message on its way to a mail server, with its envelope. */
export interface Delivery {
  id: string
  /** the mail of the gateway that it came from; empty for none */
  mail_id: string
  /** of the envelope; empty for a report */
  sender: string
  /** JSON of an array of addresses */
  recipients: string
  body_id: string | null
  created: number
  /** queued, sending, committing (all is said but the final dot, or that too), sent or failed */
  state: string
  /** also what tells one who sends it from the next, when the first was taken for dead too early */
  attempts: number
  /** when it is tried next; when it ended */
  due: number
  expires: number
  /** until when whoever is sending it is taken for alive */
  held: number
  /** what the mail server said last */
  outcome: string
  /** JSON of an object: who was refused for good, and in what words */
  refused: string
  /** 1 once what follows from its end was done */
  settled: number
}

/** What an account lets the gateway do: sign in its name, with a secret kept for that alone. */
export interface GatewayKey {
  account_id: string
  ring_id: string
  /** sealed */
  secret: Uint8Array
  created: number
}

/**
 * Somebody without a key who reads his mail here. His account has no row in `address`, and a mail address that nobody
 * can have: nobody signs in with it, and the address stays free.
 */
export interface Guest {
  account_id: string
  address: string
  /** of who invited him first */
  tenant: number
  language: string
  /** the password that his key has until he chooses one; sealed, null when he has */
  initial: string | null
  /** 1 when that password was mailed to him, and he must show it */
  initial_sent: number
  /** what he must know besides the link before he chooses a password; sealed, null for none */
  pin: string | null
  pin_strikes: number
  /** account that invited him first, and has him on the list of its guests */
  inviter: string
  question: string
  /** HMAC of the answer; empty for none */
  answer: string
  /** when he said that he wants no such mail; 0 for not */
  refused: number
  created: number
}

/** A mail of a guest, encrypted for his key. */
export interface GuestItem {
  id: string
  account_id: string
  /** received or sent */
  kind: string
  /** who wrote it, for the list */
  sender: string
  sender_name: string
  /** sealed */
  subject: string
  body_id: string
  bytes: number
  created: number
  expires: number
  opened: number
}

/** A link that resets the account of a guest: new keys, old mail unreadable. Used once. */
export interface GuestReset {
  digest: string
  account_id: string
  created: number
  expires: number
}

/** Somebody asked for such a link: written for any address at all, so that it takes no longer for one that exists. */
export interface GuestRequest {
  id: string
  address: string
  /** the template set that was asked for; 0 for none */
  templid: number
  protocol: string
  network: string
  created: number
}

/** The secret of a ring as OpenPGP locks it, under the same key password, for the backup of the support desk. */
export interface LockedSecret {
  ring_id: string
  /** armored; sealed */
  locked: string
  /** the `modified` of the ring that it was made of */
  made_of: number
}

/** A ring of an account that the support desk has deleted: everything that old mail needs to be read. */
export interface DeletedRing {
  id: string
  account_id: string
  tenant: number
  email: string
  fingerprint: string
  key_id: string
  certificate: Uint8Array
  secret: Uint8Array | null
  unlock_salt: string
  locked: string | null
  escrow: Uint8Array | null
  revocation: string | null
  ring_created: number
  deleted: number
}

/** The link to the deleted rings of an address: a new one takes the place of the older. */
export interface ExposedKeys {
  digest: string
  tenant: number
  email: string
  created: number
  expires: number
}

/** A process of this house that was heard of lately: another on the same machine, or on another one. */
export interface ProcessSeen {
  id: string
  host: string
  pid: number
  /** its number among the workers of its machine; 0 where there is but one process */
  worker: number
  version: string
  /** of Node.js */
  node: string
  started: number
  seen: number
}

/** How it fared within an interval. */
export interface ProcessSample {
  process_id: string
  /** counts up from 1 while the process lives */
  seq: number
  /** JSON */
  sample: string
}
