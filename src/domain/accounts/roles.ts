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

/** Whose door an account signs in at, and whose list it is on; guests are on none. */
export type Population = 'user' | 'subscriber' | 'guest'

interface Person {
  id: string
  role: string
  population?: string
}

/** Whoever acts: an account, or a sibling service, which has none. */
export interface Actor extends Person {
  email: string
  owner: string
  generation: number
}

const SERVICE = 'service'
const OPERATOR = 'operator'

const withoutAccount = (role: string, id: string, email: string): Actor => ({
  id,
  role,
  email,
  owner: '',
  generation: 0,
})

/** A sibling service that proved itself; it reaches subscribers only, and reads everybody. */
export const serviceActor = (name: string): Actor => withoutAccount(SERVICE, `service:${name}`, name)

export const isService = (actor: Actor): boolean => actor.role === SERVICE

/** Whoever may run programs where the database is, by the name that the record shall have; he reaches everybody. */
export const operatorActor = (name: string): Actor => withoutAccount(OPERATOR, `cli:${name}`, `cli:${name}`)

export const isOperator = ({ role }: Pick<Actor, 'role'>): boolean => role === OPERATOR

/** Acts without an account, so that none can be shut out. */
export const hasNoAccount = (actor: Actor): boolean => isService(actor) || isOperator(actor)

/** What a role reaches, besides its own account. */
interface Reach {
  /** whom he may see besides himself */
  reads: 'everybody' | 'subscribers' | 'nobody'
  creates: readonly Role[]
  modifies: readonly Role[]
  deletes: readonly Role[]
  /** may delete the own account */
  leaves: boolean
}

/** Among subscribers there is one role. */
export const suitsPopulation = (population: string, role: Role): boolean =>
  population !== 'subscriber' || role === 'subscriber'

const everyRole = [...roles]
const belowRoot = everyRole.filter((role) => role !== 'root')
const belowPartner = belowRoot.filter((role) => role !== 'partner')
const belowAdmin = belowPartner.filter((role) => role !== 'admin')

const reach: Record<Role | typeof SERVICE | typeof OPERATOR, Reach> = {
  root: { reads: 'everybody', creates: everyRole, modifies: everyRole, deletes: everyRole, leaves: false },
  partner: { reads: 'everybody', creates: belowRoot, modifies: belowRoot, deletes: belowRoot, leaves: true },
  admin: { reads: 'everybody', creates: belowPartner, modifies: belowPartner, deletes: belowPartner, leaves: true },
  system: { reads: 'subscribers', creates: belowAdmin, modifies: belowAdmin, deletes: belowAdmin, leaves: true },
  csr: { reads: 'subscribers', creates: ['csr'], modifies: [], deletes: [], leaves: true },
  installer: { reads: 'nobody', creates: ['installer'], modifies: [], deletes: [], leaves: true },
  noc: { reads: 'subscribers', creates: ['noc'], modifies: [], deletes: ['noc'], leaves: true },
  accounting: { reads: 'nobody', creates: ['accounting'], modifies: [], deletes: ['accounting'], leaves: true },
  subscriber: { reads: 'nobody', creates: [], modifies: [], deletes: [], leaves: true },
  service: {
    reads: 'everybody',
    creates: ['subscriber'],
    modifies: ['subscriber'],
    deletes: ['subscriber'],
    leaves: false,
  },
  operator: { reads: 'everybody', creates: [], modifies: everyRole, deletes: [], leaves: false },
}

/** Every role with what it reaches: for people who want to know, not for decisions. */
export const describeRoles = (): (Reach & { role: Role })[] => roles.map((role) => ({ role, ...reach[role] }))

const reachOf = (person: Person): Reach | undefined => reach[person.role as Role]

const seesAll = (caller: Person, population: string | undefined): boolean => {
  const reads = reachOf(caller)?.reads
  return reads === 'everybody' || (reads === 'subscribers' && population === 'subscriber')
}

export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text)

const othersOf: Record<Exclude<Act, 'read'>, 'creates' | 'modifies' | 'deletes'> = {
  create: 'creates',
  modify: 'modifies',
  delete: 'deletes',
}

/** May `caller` do this to `target`? For 'create' the target is the account to be. */
export function may(caller: Person, act: Act, target: Person): boolean {
  const own = reachOf(caller)
  // Whatever its role: users are not for services to make or change.
  if (caller.role === SERVICE && act !== 'read' && target.population !== 'subscriber') return false
  if (!own || !isRole(target.role)) return false
  if (caller.id === target.id) return act === 'delete' ? own.leaves : act !== 'create'
  return act === 'read' ? seesAll(caller, target.population) : own[othersOf[act]].includes(target.role)
}

/** Could `one` change the account of `other`, its password included? */
export const reaches = (one: Person, other: Person): boolean => may(one, 'modify', other)

/** May the caller see all accounts of a population? */
export const mayList = (caller: Person, population: Population): boolean => seesAll(caller, population)

/** May the caller ask whose token somebody else's is? */
export const mayCheckTokens = (caller: Person): boolean => mayList(caller, 'user') || caller.role === 'system'

/** May the caller have the house send mails and SMS that he wrote himself? */
export const mayWrite = (caller: Person): boolean => ['root', 'partner', 'admin', SERVICE].includes(caller.role)

/** May `caller` take all second factors from `target`, whose owner lost them? */
export const mayResetFactors = (caller: Person, target: Person): boolean =>
  caller.id === target.id || (['root', 'admin', OPERATOR].includes(caller.role) && may(caller, 'modify', target))

/** May `caller` choose the picture of `target`? Everybody his own, and root anybody's. */
export const mayChoosePicture = (caller: Person, target: Person): boolean =>
  caller.id === target.id || caller.role === 'root'

/** May `caller` give `target` the role `role`? Never to himself, and never one that he could not create. */
export const mayGrant = (caller: Person, target: Person, role: Role): boolean =>
  caller.id !== target.id && (reachOf(caller)?.creates.includes(role) ?? false) && may(caller, 'modify', target)
