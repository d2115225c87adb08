import { queryOptions, useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { type GuardKey, guard, type PublicRing, type Warning, warnedGuard } from '../../api/guard.ts'
import { queries } from '../../api/session.ts'

/** A key of one's own, with its parts: what OpenPGP calls a ring. */
export interface OwnKey {
  current: boolean
  published: boolean
  recoveryAvail: boolean
  publicRing: PublicRing
  /** there where the private part is here */
  privateRing?: { keys: GuardKey[] }
}

/** What shows that somebody may change a key: its password, or the sign-in password of its owner. */
export type Proof = { password: string } | { accountPassword: string }

export const masterOf = ({ publicRing }: OwnKey): GuardKey => publicRing.keys[0]!

/** When a key ends, in epoch milliseconds; null for never. */
export const endOf = ({ creationTime, validSeconds }: GuardKey): number | null =>
  validSeconds === 0 ? null : creationTime + validSeconds * 1000

export const ownKeysQuery = queryOptions({
  queryKey: ['keys', 'own'],
  queryFn: async () => (await guard<{ keyRings: OwnKey[] }>('GET', 'keys', 'getKeys')).keyRings,
})

export const useOwnKeys = () => useQuery(ownKeysQuery)

/** Everything that may have changed with a key: the keys, what the world sees of them, who may sign with them. */
export const refreshKeys = () => queries.invalidateQueries({ queryKey: ['keys'] })

export interface NewKey {
  name: string
  password: string
  algorithm: string
  validDays: string
  recovery: boolean
}

export async function createKey({ algorithm, validDays, recovery, ...rest }: NewKey): Promise<OwnKey> {
  const json = {
    ...rest,
    ...(recovery ? {} : { recovery: false }),
    ...(algorithm ? { algorithm } : {}),
    ...(validDays ? { validDays } : {}),
  }
  const made = await guard<OwnKey>('POST', 'keys', 'create', { json })
  // Who once wanted no copies of his keys, and wants one of this, says so with its password.
  if (recovery && !made.recoveryAvail) await allowRecovery(rest.password).catch(() => {})
  return made
}

/** Calls an action about one key, and has all of it read again. */
async function change(method: string, action: string, fingerprint: string, json?: object, query: object = {}) {
  await guard(method, 'keys', action, { query: { keyid: fingerprint, ...query }, ...(json ? { json } : {}) })
  await refreshKeys()
}

export const renew = (fingerprint: string, proof: Proof, validDays: number) =>
  change('PUT', 'renew', fingerprint, { ...proof, validDays })

export const setExpiry = (fingerprint: string, proof: Proof, expires: number) =>
  change('PUT', 'setExpiry', fingerprint, { ...proof, expires })

export const rotate = (fingerprint: string, proof: Proof, retire: boolean) =>
  change('PUT', 'rotate', fingerprint, proof, { retire })

export const addAddress = (fingerprint: string, proof: Proof, { name, email }: { name: string; email: string }) =>
  change('POST', 'addUserId', fingerprint, { ...proof, name, email })

export const revoke = (fingerprint: string, proof: Proof, reason: string) =>
  change('POST', 'revoke', fingerprint, { ...proof, reason })

export const remove = (fingerprint: string, proof: Proof | null) => change('POST', 'delete', fingerprint, proof ?? {})

export const makeCurrent = (fingerprint: string) => change('PUT', 'setCurrentKey', fingerprint)

export const publish = (fingerprint: string, isShown: boolean) =>
  change('PUT', 'publish', fingerprint, undefined, { publish: isShown })

const text = (action: string, fingerprint: string, json: object, query: object = {}) =>
  guard<string>('POST', 'keys', action, { query: { keyid: fingerprint, ...query }, json })

export const downloadPublic = (fingerprint: string) => text('downloadKey', fingerprint, {}, { keyType: 'public' })

export const downloadPrivate = (fingerprint: string, proof: Proof) =>
  text('downloadKey', fingerprint, proof, { keyType: 'private' })

export const downloadRevocation = (fingerprint: string, proof: Proof) =>
  text('getRevocationCertificate', fingerprint, proof)

export const backupPage = (fingerprint: string, proof: Proof) => text('backup', fingerprint, proof)

export const autocryptSetup = (proof: Proof) =>
  guard<{ message: string; code: string }>('POST', 'keys', 'autocryptSetup', { json: proof })

export interface Brought {
  keyRings: OwnKey[]
  warnings: Warning[]
}

export async function bringFile(file: File, passwords: { keyPassword: string; newPassword: string }): Promise<Brought> {
  const form = new FormData()
  form.set('key', file)
  for (const [name, value] of Object.entries(passwords)) if (value) form.set(name, value)
  const { data, warnings } = await warnedGuard<{ keyRings: OwnKey[] }>('POST', 'keys', 'upload', { form })
  await refreshKeys()
  return { ...data, warnings }
}

export async function bringSetup(message: string, code: string, newPassword: string): Promise<Brought> {
  const form = { message, code, newPassword }
  const data = await guard<{ keyRings: OwnKey[] }>('POST', 'keys', 'importAutocryptSetup', { form })
  await refreshKeys()
  return { ...data, warnings: [] }
}

/** How the house and the person have it with keys. */
export interface KeySettings {
  recoveryAvail: boolean
  settings: {
    pgpdefault: boolean
    pgpsign: boolean
    inline: boolean
    noDeletePrivate: boolean
    noRecovery: boolean
    noDeleteRecovery: boolean
    min_password_length: number
  }
}

export const keySettingsQuery = queryOptions({
  queryKey: ['keys', 'settings'],
  queryFn: () => guard<KeySettings>('POST', 'login', 'login', { json: {} }),
})

export const useKeySettings = () => useQuery(keySettingsQuery)

export type MailHabit = 'pgpdefault' | 'pgpsign' | 'inline'

export const changeHabit = (habit: MailHabit, value: boolean) =>
  guard('PUT', 'login', 'settings', { json: { [habit]: value } })

export const changeKeyPassword = (oldpass: string, newpass: string) =>
  guard('POST', 'login', 'changepass', { json: { oldpass, newpass } })

/** Answers which address the new password was mailed to: `primary`, or `ok` for the one that was set for that. */
export const resetKeyPassword = () => guard<'primary' | 'ok'>('POST', 'login', 'reset')

export const secondaryQuery = queryOptions({
  queryKey: ['keys', 'secondary'],
  queryFn: () => guard<string>('GET', 'login', 'secondary'),
})

export const changeSecondary = (password: string, email: string) =>
  guard('POST', 'login', 'changesecondary', { json: { password, email } })

export const allowRecovery = (password: string) => guard('POST', 'login', 'restorerecovery', { json: { password } })

export const removeRecovery = (password: string) => guard('POST', 'login', 'deleterecovery', { json: { password } })

/** What the mail gateway does with somebody's mail: docs/gateway.md. */
export interface Gateway {
  sign: boolean
  fingerprint: string | null
  since: string | null
  incoming: boolean
  house: { sign: 'off' | 'asked' | 'always'; incoming: 'off' | 'chosen' | 'all' }
}

export const gatewayQuery = queryOptions({
  queryKey: ['keys', 'gateway'],
  queryFn: () => call<Gateway>('GET', '/api/v1/mail/gateway'),
})

export const changeGateway = (json: { sign?: boolean; incoming?: boolean }, password?: string) =>
  call<Gateway>('PUT', '/api/v1/mail/gateway', {
    json,
    ...(password === undefined ? {} : { headers: { 'X-Key-Password': encodeURIComponent(password) } }),
  })
