/**
 * What each sealed text is bound to: its seat, so that none can be moved to another row. And in which columns there are
 * sealed texts, so that all of them can be sealed anew under another key of the key file.
 */
export const seats = {
  factor: (id) => `factor:${id}`,
  captcha: (id) => `captcha ${id}`,
  service: (privateUri) => `service:${privateUri}`,
  announcedToken: (digest) => `announced-token:${digest}`,
  systemSecret: (name) => `system-secret:${name}`,
  apiKey: (id) => `api-key:${id}`,
  message: (id) => `message:${id}`,
  serverSecret: (name) => name,
  keySession: (id) => `key session ${id}`,
  storedAuth: (sessionId) => `stored auth ${sessionId}`,
  revocation: (ringId) => `revocation of ${ringId}`,
  lockedRing: (ringId) => `locked key ring ${ringId}`,
  body: (id) => `body ${id}`,
  gatewayKey: (accountId, ringId) => `gateway key ${accountId} ${ringId}`,
  guestPassword: (accountId) => `first password of guest ${accountId}`,
  guestPin: (accountId) => `PIN of guest ${accountId}`,
  guestSubject: (itemId) => `subject of guest item ${itemId}`,
} as const satisfies Record<string, (...key: [string, string]) => string>

export interface SealedColumn {
  table: string
  column: string
  /** the columns that a row is found by, and its seat is made of */
  key: readonly [string] | readonly [string, string]
  seat: (...key: [string, string]) => string
  /** the sealed text lies in a column of bytes */
  inBytes?: true
}

const byId = ['id'] as const

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'factor', column: 'secret', key: byId, seat: seats.factor },
  { table: 'pending_factor', column: 'secret', key: byId, seat: seats.factor },
  { table: 'captcha', column: 'sealed', key: byId, seat: seats.captcha },
  { table: 'service', column: 'sealed_key', key: ['private_uri'], seat: seats.service },
  { table: 'announced_token', column: 'sealed', key: ['digest'], seat: seats.announcedToken },
  { table: 'system_secret', column: 'value', key: ['name'], seat: seats.systemSecret },
  { table: 'api_key', column: 'sealed', key: byId, seat: seats.apiKey },
  { table: 'message', column: 'content', key: byId, seat: seats.message },
  { table: 'server_secret', column: 'value', key: ['name'], seat: seats.serverSecret },
  { table: 'key_session', column: 'key', key: byId, seat: seats.keySession },
  { table: 'stored_auth', column: 'token', key: ['session_id'], seat: seats.storedAuth },
  { table: 'key_ring', column: 'revocation', key: byId, seat: seats.revocation },
  { table: 'deleted_ring', column: 'revocation', key: byId, seat: seats.revocation },
  { table: 'locked_secret', column: 'locked', key: ['ring_id'], seat: seats.lockedRing },
  { table: 'deleted_ring', column: 'locked', key: byId, seat: seats.lockedRing },
  { table: 'kept_body', column: 'key', key: byId, seat: seats.body },
  { table: 'gateway_key', column: 'secret', key: ['account_id', 'ring_id'], seat: seats.gatewayKey, inBytes: true },
  { table: 'guest', column: 'initial', key: ['account_id'], seat: seats.guestPassword },
  { table: 'guest', column: 'pin', key: ['account_id'], seat: seats.guestPin },
  { table: 'guest_item', column: 'subject', key: byId, seat: seats.guestSubject },
]
