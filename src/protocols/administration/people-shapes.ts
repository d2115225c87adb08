import { z } from 'zod'
import { type Account, roles } from '#src/domain/accounts/accounts.ts'
import { isoTime } from '#src/lib/clock.ts'

/** Where a call may name its session; nothing else may stand in a query unasked. */
export const sessionQuery = { _h: z.string().optional(), session: z.string().optional() }
export const query = z.strictObject(sessionQuery)

/** A body that has nothing to say: absent, or an empty object. */
export const noBody = z.strictObject({}).optional()

/** A text that databases are asked for: none of them has one with a NUL in it. */
export const sought = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => !text.includes('\0'))

export const idPath = z.strictObject({ id: z.string().max(64) })
export const address = z.string().trim().min(3).max(320)
export const population = z.enum(['user', 'subscriber'])
export const role = z.enum(roles)

/** How many of a list a page has. */
export const limit = z.coerce.number().int().min(1).max(200).default(50)
/** `next` of the page before */
export const after = z.string().max(1200).optional()

/** A moment in ISO 8601. */
const moment = z.string()
const perhaps = moment.nullable().describe('null for never')

export const Person = z.object({
  id: z.string(),
  address: z.string(),
  name: z.string(),
  population,
  role: z.string(),
  isSuspended: z.boolean(),
  isBlackListed: z.boolean(),
  awaitsConfirmation: z.boolean(),
  twoStep: z.boolean(),
  created: perhaps,
  lastSignIn: perhaps,
})

export const person = (account: Account): z.output<typeof Person> => ({
  id: account.id,
  address: account.email,
  name: account.name,
  population: account.population === 'subscriber' ? 'subscriber' : 'user',
  role: account.role,
  isSuspended: account.suspended === 1,
  isBlackListed: account.black_listed === 1,
  awaitsConfirmation: account.awaiting_confirmation === 1,
  twoStep: account.two_step === 1,
  created: isoTime(account.created),
  lastSignIn: isoTime(account.last_sign_in),
})

export const Happened = z.object({
  id: z.string(),
  at: perhaps,
  event: z.string(),
  protocol: z.string(),
  network: z.string(),
  actor: z.string().nullable().describe('who did it, when it was not the owner: the id of an account, or a word'),
  actorAddress: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
})

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])

export const Explained = z.record(
  z.string(),
  z.object({ value, from: z.enum(['setting', 'domain', 'account']).describe('who said it') }),
)

const nameAndUse = { name: z.string(), created: perhaps, lastUsed: perhaps }

/** What `chatelaine account show` has, and what the caller may do about it. */
export const File = z.object({
  id: z.string(),
  address: z.string(),
  otherAddresses: z.array(z.string()),
  name: z.string(),
  population: z.string(),
  role: z.string(),
  created: perhaps,
  lastSignIn: perhaps,
  isSuspended: z.boolean(),
  isBlackListed: z.boolean(),
  awaitsConfirmation: z.boolean(),
  password: z.object({
    isSet: z.boolean(),
    changed: perhaps,
    ageDays: z.int().nullable(),
    expires: perhaps,
    mustChange: z.boolean(),
  }),
  twoStep: z.object({
    isOn: z.boolean(),
    methods: z.array(z.object({ method: z.string(), target: z.string(), ...nameAndUse, isSecondStep: z.boolean() })),
    passkeys: z.array(z.object(nameAndUse)),
    recoveryCodesLeft: z.int(),
    removalDue: perhaps,
    trustedDevices: z.array(z.object({ ...nameAndUse, expires: perhaps })),
  }),
  appPasswords: z.array(z.object({ ...nameAndUse, scopes: z.array(z.string()) })),
  sessions: z.record(z.string(), z.int()),
  failedTries: z.array(z.object({ kind: z.string(), failures: z.int(), waitSeconds: z.int() })),
  policy: Explained,
  events: z.array(Happened),
  rights: z.object({ change: z.boolean(), protect: z.boolean(), remove: z.boolean(), grants: z.array(role) }),
})
