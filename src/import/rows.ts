import { type ImportedAccount, isRole, newestNotes, type Role } from '#src/domain/accounts/accounts.ts'
import type { ImportedFactor } from '#src/domain/factors/factors.ts'
import { isAddress, plainAddress } from '#src/lib/mail-address.ts'
import { BadRow, cut, isTrue, LONG, type Loose, membersOf, parsed, SHORT, textOf, time, truth, UUID } from './loose.ts'
import type { People, SourceRow } from './source.ts'

/** A person as read: ready to be judged, but for the password's hash and the form of a number. */
export interface ImportedPerson extends Omit<ImportedAccount, 'population'> {
  /** the id as it is written there */
  foreignId: string
  password: { salt: string; email: string; hex: string } | null
  step: ImportedFactor | null
  /** the stamp of the avatar, as clients know it */
  avatar: string
  /** what of this row stays behind, in words */
  losses: string[]
  /** what is different from before, without loss */
  remarks: string[]
}

function notesIn(row: SourceRow, losses: string[]): ImportedAccount['notes'] {
  const list = parsed(row.notes, 'array')
  if (!list) throw new BadRow('its notes are broken JSON')
  const notes = (list as unknown[])
    .map(membersOf)
    .map(({ created, createdBy, note }) => ({
      created: time(textOf(created)),
      author: cut(textOf(createdBy), SHORT),
      note: cut(textOf(note), LONG),
    }))
    .filter(({ note }) => note !== '')
  const kept = newestNotes(notes)
  if (kept.length < notes.length) losses.push(`${notes.length - kept.length} of its older notes`)
  return kept
}

/** `<salt>|<hex>`, or the hex alone in the oldest rows: SHA-256 over salt, password and e-mail. */
function passwordIn(stored: string, email: string): ImportedPerson['password'] {
  const [, salt = '', hex] = /^(?:([^|]{0,100})\|)?([0-9a-f]{64})$/.exec(stored) ?? []
  return hex ? { salt, email, hex } : null
}

const STEP_LOST = 'its second step, which is OFF here:'

/** The second step in force. Off is off: what was proven for it once is not asked for again, here or there. */
function stepIn(row: SourceRow, losses: string[]): ImportedFactor | null {
  const info = parsed(row.usertypeproprietaryinfo, 'object')
  if (!info) throw new BadRow('its second-factor settings are broken JSON')
  const { mfa, mobiles, authenticatorSecret } = info as Loose
  const { enabled, method } = membersOf(mfa)
  if (!isTrue(enabled)) return null
  if (method === 'email') return { kind: 'email' }
  if (method === 'authenticator') {
    const secret = Buffer.from(textOf(authenticatorSecret))
    if (secret.length > 0 && secret.length <= 128) return { kind: 'authApp', secret }
    losses.push(`${STEP_LOST} there is no authenticator secret`)
    return null
  }
  if (method === 'sms') {
    const proven = (Array.isArray(mobiles) ? mobiles.map(membersOf) : []).find(({ verified }) => isTrue(verified))
    if (proven) return { kind: 'sms', number: textOf(proven.number) }
    losses.push(`${STEP_LOST} there is no verified number`)
    return null
  }
  losses.push(`${STEP_LOST} its method is none that we know`)
  return null
}

function roleIn(row: SourceRow, people: People): Role {
  const role = (row.userrole ?? '').toLowerCase()
  if (!isRole(role)) throw new BadRow('its role is unknown')
  // A role of the staff among subscribers would be a way in that nobody watches.
  if (people === 'subscriber' && role !== 'subscriber') throw new BadRow('its role is not a subscriber’s')
  return role
}

function textsIn(row: SourceRow, losses: string[]) {
  const take = (column: string, called: string, most: number): string => {
    const text = row[column] ?? ''
    if (text.length > most) losses.push(`the end of its ${called}, after ${most} characters`)
    return cut(text, most)
  }
  return {
    name: take('name', 'name', SHORT),
    description: take('description', 'description', LONG),
    location: take('location', 'location', SHORT),
    locale: take('locale', 'locale', SHORT),
    owner: take('owner', 'owner', SHORT),
    signingUp: take('signingup', 'signingUp', SHORT),
  }
}

const OTHERS: Record<string, string> = {
  securitypolicy: 'securityPolicy',
  oauthtype: 'oauthType',
  oauthuserinfo: 'oauthUserInfo',
}

/** The address of a row, as it is kept and compared; throws BadRow. */
function addressIn(row: SourceRow): string {
  const email = plainAddress(row.email ?? '')
  if (!isAddress(email)) throw new BadRow('its address is not one')
  return email
}

/** Reads a row of Users or Subscribers; throws BadRow. */
export function personIn(row: SourceRow, people: People): ImportedPerson {
  const id = (row.id ?? '').toLowerCase()
  if (!UUID.test(id)) throw new BadRow('its id is no UUID')
  if (Object.values(row).some((text) => text?.includes('\0'))) throw new BadRow('a NUL stands in one of its texts')
  const email = addressIn(row)
  const losses: string[] = []
  const remarks: string[] = []
  const role = roleIn(row, people)
  const stored = row.currentpassword ?? ''
  const password = passwordIn(stored, email)
  if (stored && !password) losses.push('its password, whose form is unknown: a new one must be set')
  const others = Object.keys(OTHERS).filter((column) => row[column])
  if (others.length > 0) remarks.push(`${others.map((column) => OTHERS[column]).join(', ')} not kept: unused`)
  const created = time(row.creationdate)
  return {
    id,
    foreignId: row.id ?? '',
    email,
    role,
    ...textsIn(row, losses),
    mustChangePassword: truth(row.changepassword),
    suspended: truth(row.suspended),
    blackListed: truth(row.blacklisted),
    confirmed: truth(row.validated),
    confirmedAt: time(row.validationdate) || time(row.lastemailcheck),
    awaitsConfirmation: truth(row.waitingforemailcheck),
    created,
    modified: time(row.modified) || created,
    lastSignIn: time(row.lastlogin),
    lastPasswordChange: time(row.lastpasswordchange),
    notes: notesIn(row, losses),
    password,
    step: stepIn(row, losses),
    avatar: row.avatar ?? '',
    losses,
    remarks,
  }
}
