import { atomically, type Context } from '#src/context.ts'
import { type Account, holdToProtect } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { openChallenge, takeChallenge } from './challenges.ts'
import { relyingParty } from './relying-party.ts'
import * as store from './store.ts'
import { type Attestation, creationOptions, judgeAttestation } from './webauthn.ts'

const PASSKEYS_AT_MOST = 20

interface Registering {
  account: Account
  sessionId: string
}

/** Whom a new passkey would be for. Refuses with 'passkey.off' where it would be good for nothing. */
async function judgeUse(ctx: Context, account: Account) {
  const party = relyingParty(ctx)
  const { twoStep, passkeySignIn } = await policyOf(ctx, account)
  if (twoStep === 'disabled' && !passkeySignIn) throw new Refusal('passkey.off')
  return party
}

/** What a browser needs to make a passkey for this account. Refuses with 'passkey.off' or 'passkey.limit'. */
export async function registrationOptions(ctx: Context, { account, sessionId }: Registering) {
  const party = await judgeUse(ctx, account)
  const known = await store.passkeysOf(ctx, account.id)
  if (known.length >= PASSKEYS_AT_MOST) throw new Refusal('passkey.limit')
  const challenge = await openChallenge(ctx, { purpose: 'register', sessionId })
  const user = { id: account.id, name: account.email, displayName: account.name || account.email }
  return creationOptions(party, { title: ctx.config.totpIssuer, user, challenge, known })
}

// Hints to browsers, kept as they were given where they look like what the standard has.
const transportsOf = ({ response }: Attestation): string =>
  (response.transports ?? [])
    .filter((one) => /^[a-z-]{1,20}$/.test(one))
    .slice(0, 8)
    .join(' ')

/** The first name of the form "Passkey n" that is still free. */
function freeName(passkeys: readonly store.PasskeyRow[]): string {
  const names = new Set(passkeys.map(({ name }) => name))
  let n = passkeys.length + 1
  while (names.has(`Passkey ${n}`)) n++
  return `Passkey ${n}`
}

/**
 * Keeps the passkey that answers `registrationOptions` of this session; returns its id. Refuses with 'passkey.off',
 * 'passkey.invalid', 'passkey.limit', 'passkey.exists', or 'session.invalid' when its owner was shut out meanwhile.
 */
export async function registerPasskey(
  ctx: Context,
  {
    account,
    sessionId,
    answer,
    name,
    origin,
  }: Registering & { answer: Attestation; name: string | undefined; origin: Origin },
): Promise<string> {
  const party = await judgeUse(ctx, account)
  const challenge = await takeChallenge(ctx, answer.response.clientDataJSON, { purpose: 'register', sessionId })
  const { credential, publicKey, counter, isSynced } = await judgeAttestation(answer, { party, challenge })
  return atomically(ctx, async (ctx) => {
    await holdToProtect(ctx, account)
    const passkeys = await store.passkeysOf(ctx, account.id)
    if (passkeys.length >= PASSKEYS_AT_MOST) throw new Refusal('passkey.limit')
    const row: store.PasskeyRow = {
      id: opaqueId(ctx.clock.chance),
      account_id: account.id,
      credential,
      public_key: publicKey,
      counter,
      transports: transportsOf(answer),
      synced: isSynced ? 1 : 0,
      name: name ?? freeName(passkeys),
      created: ctx.clock.now(),
      last_used: null,
    }
    if (!(await store.insertPasskey(ctx, row))) throw new Refusal('passkey.exists')
    const detail = { passkey: row.id, name: row.name }
    await record(ctx, { event: 'passkey.added', account: account.id, origin, detail })
    await tell(ctx, account, 'passkey.added', { name: row.name })
    return row.id
  })
}
