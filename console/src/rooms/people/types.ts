/** What `/api/v1/admin` answers about people: docs/administration.md. */

export type Population = 'user' | 'subscriber'

export const roles = [
  'root',
  'admin',
  'subscriber',
  'partner',
  'csr',
  'system',
  'installer',
  'noc',
  'accounting',
] as const
export type Role = (typeof roles)[number]

export interface Reach {
  lists: Population[]
  creates: Record<Population, Role[]>
  guests: boolean
}

export interface Standing {
  isSuspended: boolean
  isBlackListed: boolean
  awaitsConfirmation: boolean
}

export interface Person extends Standing {
  id: string
  address: string
  name: string
  population: Population
  role: Role
  twoStep: boolean
  created: string | null
  lastSignIn: string | null
}

export interface Page<Item> {
  items: Item[]
  next: string | null
}

export interface Happened {
  id: string
  at: string | null
  event: string
  protocol: string
  network: string
  actor: string | null
  actorAddress: string | null
  detail: Record<string, unknown>
}

export type PolicyValue = string | number | boolean | string[]

export interface Said {
  value: PolicyValue
  from: 'setting' | 'domain' | 'account'
}

export type Policy = Record<string, Said>

interface Used {
  name: string
  created: string | null
  lastUsed: string | null
}

export interface PersonFile extends Omit<Person, 'twoStep'> {
  otherAddresses: string[]
  password: {
    isSet: boolean
    changed: string | null
    ageDays: number | null
    expires: string | null
    mustChange: boolean
  }
  twoStep: {
    isOn: boolean
    methods: (Used & { method: 'authApp' | 'email' | 'sms'; target: string; isSecondStep: boolean })[]
    passkeys: Used[]
    recoveryCodesLeft: number
    removalDue: string | null
    trustedDevices: (Used & { expires: string | null })[]
  }
  appPasswords: (Used & { scopes: string[] })[]
  sessions: Record<string, number>
  failedTries: { kind: string; failures: number; waitSeconds: number }[]
  policy: Policy
  events: Happened[]
  rights: { change: boolean; protect: boolean; remove: boolean; grants: Role[] }
}

export interface Guest {
  id: string
  address: string
  created: string | null
  lastSignIn: string | null
  hasPassword: boolean
  refuses: boolean
  isLocked: boolean
  invitedBy: string | null
}

export interface GuestFile extends Omit<Guest, 'invitedBy'> {
  language: string
  needsFirstPassword: boolean
  needsPin: boolean
  hasQuestion: boolean
  mails: number
  sessions: number
  events: Happened[]
  rights: { change: boolean }
}
