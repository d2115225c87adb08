import type { Context } from '#src/context.ts'
import { addressesOf } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import {
  changeKeySettings,
  importRings,
  inOurWords,
  type KeyRing,
  keyProfile,
  type Proof,
  unlockedCurrent,
} from '#src/domain/keys/keys.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { counted, gauge } from '#src/domain/throttles/throttles.ts'
import {
  newSetupCode,
  readSetupContent,
  readSetupMessage,
  setupContent,
  typedSetupCode,
  writeSetupMessage,
} from '#src/lib/autocrypt/setup-message.ts'
import { armor } from '#src/lib/openpgp/armor.ts'

/**
 * An Autocrypt setup message (1.1, section 4.4) with the current key, and the code that opens it. The code is for the
 * user's eyes alone: whoever has both has the key. Refuses with 'key.none', and with what stands in the way of unlocking.
 */
export async function makeSetup(
  ctx: Context,
  { signed, proof, origin }: { signed: Signed; proof: Proof; origin: Origin },
): Promise<{ message: string; code: string }> {
  const { account } = signed
  const current = await unlockedCurrent(ctx, { signed, proof, origin })
  const { chance } = ctx.clock
  const now = ctx.clock.now()
  const code = newSetupCode(chance)
  const { encrypts } = await keyProfile(ctx, account)
  const data = setupContent(armor('PRIVATE KEY BLOCK', current), encrypts)
  const sealed = await inOurWords(ctx.workers.openpgp.encryptWithPassword({ data, password: code, now }))
  await record(ctx, { event: 'key.exported', account: account.id, origin, detail: { setup: true } })
  const message = writeSetupMessage({ address: account.email, date: now, code, sealed, chance: chance.bytes(18) })
  return { message, code }
}

/** A setup message that came back, and what opens it. */
export interface SetupToImport {
  signed: Signed
  message: Uint8Array
  code: string
  newPassword: string
  origin: Origin
}

/**
 * Opens a setup message and takes its key in under `newPassword`; who prefers encryption there prefers it here. Refuses
 * with 'mail.unreadable' for what is none, 'mail.sender-foreign' for one that others made, 'autocrypt.code-wrong'
 * and 'key.delayed' for a wrong code, 'key.unreadable', and like `importRings`.
 */
export async function importSetup(ctx: Context, asked: SetupToImport): Promise<KeyRing[]> {
  const { signed, message, newPassword, origin } = asked
  const { account } = signed
  const setup = readSetupMessage(message)
  if (!setup) throw new Refusal('mail.unreadable')
  const own = await addressesOf(ctx, account)
  const foreign = [...setup.from, ...setup.to].filter((address) => !own.includes(address))
  // From and To must both be there, and both be the reader: a key that others chose would not be his alone.
  if (setup.from.length === 0 || setup.to.length === 0 || foreign.length > 0)
    throw new Refusal('mail.sender-foreign', { params: foreign })
  const password = setup.isNumeric ? typedSetupCode(asked.code) : asked.code
  const { sealed } = setup
  const guesses = gauge(ctx, 'setup-code', account.id, ctx.config.failuresAllowed, account.email)
  const content = await counted(
    ctx,
    { gauges: [guesses], reason: 'key.delayed' },
    {
      judge: () =>
        inOurWords(ctx.workers.openpgp.decryptWithPassword({ message: sealed, password, now: ctx.clock.now() })),
      onFailure: (ctx) => record(ctx, { event: 'key.unlock-failed', account: account.id, origin }),
    },
  ).catch(saidAs('autocrypt.code-wrong', 'key.password-wrong'))
  const found = readSetupContent(content)
  if (!found) throw new Refusal('key.unreadable')
  const { rings } = await importRings(ctx, { account, file: found.secret, newPassword, origin })
  if (found.prefersEncryption) await changeKeySettings(ctx, { account, changes: { encrypts: true }, origin })
  return rings
}
