/**
 * Who may do what to whose account: the roles of the OpenWiFi service with the corrections of docs/openwifi.md. Nobody reaches above
 * himself, everybody may read himself and keep his own profile, nobody is edited by a peer without being meant to be.
 */
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
export type Act = 'read' | 'create' | 'modify' | 'delete'

interface Person {
  id: string
  role: string
}

interface Reach {
  /** may see everybody */
  reads: boolean
  creates: readonly Role[]
  modifies: readonly Role[]
  deletes: readonly Role[]
  /** may delete the own account */
  leaves: boolean
}

const everyRole = [...roles]
const belowRoot = everyRole.filter((role) => role !== 'root')
const belowPartner = belowRoot.filter((role) => role !== 'partner')
const belowAdmin = belowPartner.filter((role) => role !== 'admin')

const reach: Record<Role, Reach> = {
  root: { reads: true, creates: everyRole, modifies: everyRole, deletes: everyRole, leaves: false },
  partner: { reads: true, creates: belowRoot, modifies: belowRoot, deletes: belowRoot, leaves: true },
  admin: { reads: true, creates: belowPartner, modifies: belowPartner, deletes: belowPartner, leaves: true },
  system: { reads: false, creates: belowAdmin, modifies: belowAdmin, deletes: belowAdmin, leaves: true },
  csr: { reads: false, creates: ['csr'], modifies: [], deletes: [], leaves: true },
  installer: { reads: false, creates: ['installer'], modifies: [], deletes: [], leaves: true },
  noc: { reads: false, creates: ['noc'], modifies: [], deletes: ['noc'], leaves: true },
  accounting: { reads: false, creates: ['accounting'], modifies: [], deletes: ['accounting'], leaves: true },
  subscriber: { reads: false, creates: [], modifies: [], deletes: [], leaves: true },
}

export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text)

const othersOf: Record<Exclude<Act, 'read'>, 'creates' | 'modifies' | 'deletes'> = {
  create: 'creates',
  modify: 'modifies',
  delete: 'deletes',
}

/** May `caller` do this to `target`? For 'create' the target is the account to be. */
export function may(caller: Person, act: Act, target: Person): boolean {
  const own = reach[caller.role as Role]
  if (!own || !isRole(target.role)) return false
  if (caller.id === target.id) return act === 'delete' ? own.leaves : act !== 'create'
  return act === 'read' ? own.reads : own[othersOf[act]].includes(target.role)
}

/** May the caller see everybody's accounts? */
export const mayList = (caller: Person): boolean => reach[caller.role as Role]?.reads ?? false

/** May the caller ask whose token somebody else's is? */
export const mayCheckTokens = (caller: Person): boolean => mayList(caller) || caller.role === 'system'

/** May `caller` take all second factors from `target`, whose owner lost them? */
export const mayResetFactors = (caller: Person, target: Person): boolean =>
  caller.id === target.id || (['root', 'admin'].includes(caller.role) && may(caller, 'modify', target))

/** May `caller` give `target` the role `role`? Never to himself, and never one that he could not create. */
export const mayGrant = (caller: Person, target: Person, role: Role): boolean =>
  caller.id !== target.id && reach[caller.role as Role].creates.includes(role) && may(caller, 'modify', target)
