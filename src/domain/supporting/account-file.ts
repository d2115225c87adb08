import type { Context } from '#src/context.ts'
import {
  type Account,
  addressesOf,
  failedTries,
  findAccount,
  owesPassword,
  passwordExpiry,
} from '#src/domain/accounts/accounts.ts'
import { type Recorded, recordPage } from '#src/domain/audit/audit.ts'
import { listDevices } from '#src/domain/devices/devices.ts'
import { type Factor, kindOf, listFactors, recoveryCodesLeft } from '#src/domain/factors/factors.ts'
import { listPasskeys } from '#src/domain/passkeys/passkeys.ts'
import { explainPolicy, layersOfAccount, policyOf } from '#src/domain/policy/policy.ts'
import { listAppPasswords } from '#src/domain/programs/programs.ts'
import { waitingRecovery } from '#src/domain/recovery/recovery.ts'
import { listSessions } from '#src/domain/sessions/sessions.ts'
import { days, isoTime } from '#src/lib/clock.ts'

// What happened lately; the whole record is in the database.
const EVENTS = 10

const nameAndUse = ({ name, created, last_used }: Pick<Factor, 'name' | 'created' | 'last_used'>) => ({
  name,
  created: isoTime(created),
  lastUsed: isoTime(last_used),
})

async function twoStep(ctx: Context, account: Account) {
  const steps = new Set((await listFactors(ctx, account, '2fa')).map(({ id }) => id))
  const waiting = await waitingRecovery(ctx, account.id)
  return {
    isOn: account.two_step === 1,
    methods: (await listFactors(ctx, account, 'general')).map((factor) => ({
      method: factor.kind,
      // As its owner sees it, too: what is masked there is masked here.
      target: kindOf(factor.kind).shown(factor.target),
      ...nameAndUse(factor),
      /** not while the policy or the settings have no way for it, nor while it is what has set the password */
      isSecondStep: steps.has(factor.id),
    })),
    passkeys: (await listPasskeys(ctx, account)).map(nameAndUse),
    recoveryCodesLeft: await recoveryCodesLeft(ctx, account.id),
    /** when all of it goes, because somebody says that it is lost */
    removalDue: isoTime(waiting?.due ?? null),
    trustedDevices: (await listDevices(ctx, account)).map(({ name, created, last_used, expires }) => ({
      ...nameAndUse({ name, created, last_used }),
      expires: isoTime(expires),
    })),
  }
}

async function password(ctx: Context, account: Account) {
  const policy = await policyOf(ctx, account)
  const now = ctx.clock.now()
  return {
    isSet: account.password !== null,
    changed: isoTime(account.last_password_change),
    ageDays: account.last_password_change ? Math.floor((now - account.last_password_change) / days(1)) : null,
    expires: isoTime(passwordExpiry(account, policy)),
    mustChange: owesPassword(account, policy, now),
  }
}

async function failures(ctx: Context, account: Account) {
  const now = ctx.clock.now()
  return (await failedTries(ctx, account)).map(({ kind, failures, until }) => ({
    kind,
    failures,
    waitSeconds: Math.max(0, Math.ceil((until - now) / 1000)),
  }))
}

/** Events of the record with the addresses of those who did it for the owner. */
export async function withActors<One extends Recorded>(ctx: Context, record: readonly One[]) {
  const actors = new Set(record.flatMap(({ actor }) => actor ?? []))
  // Administrators have accounts; services, and whoever sits here, have none.
  const addresses = new Map<string, string>()
  for (const id of actors) addresses.set(id, (await findAccount(ctx, id))?.email ?? '')
  return record.map(({ at, ...event }) => ({
    at: isoTime(at),
    ...event,
    actorAddress: (event.actor && addresses.get(event.actor)) || null,
  }))
}

/** What happened lately, the newest first. */
export async function lastEvents(ctx: Context, accountId: string) {
  const { items } = await recordPage(ctx, { accountId, before: null, limit: EVENTS })
  return withActors(ctx, items)
}

/** Everything that the support desk may know about an account: never a secret. */
export async function accountFile(ctx: Context, account: Account) {
  const sessions = await listSessions(ctx, { account })
  return {
    id: account.id,
    address: account.email,
    otherAddresses: (await addressesOf(ctx, account)).slice(1),
    name: account.name,
    population: account.population,
    role: account.role,
    created: isoTime(account.created),
    lastSignIn: isoTime(account.last_sign_in),
    isSuspended: account.suspended === 1,
    isBlackListed: account.black_listed === 1,
    awaitsConfirmation: account.awaiting_confirmation === 1,
    password: await password(ctx, account),
    twoStep: await twoStep(ctx, account),
    appPasswords: (await listAppPasswords(ctx, account)).map(({ name, scopes, created, lastUsed }) => ({
      name,
      scopes,
      created: isoTime(created),
      lastUsed: isoTime(lastUsed),
    })),
    sessions: Object.fromEntries(
      [...Map.groupBy(sessions, ({ protocol }) => protocol)].map(([protocol, some]) => [protocol, some.length]),
    ),
    failedTries: await failures(ctx, account),
    policy: await explainPolicy(ctx, layersOfAccount(account)),
    events: await lastEvents(ctx, account.id),
  }
}

export type AccountFile = Awaited<ReturnType<typeof accountFile>>
