import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { hasSecretWith, type Proof } from '#src/domain/keys/keys.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'

/**
 * To be given to `catch` where something is opened with the keys that `proof` has opened. What is for another key of the
 * reader, which has another password, is refused with 'key.password-wrong', or 'key.password-missing' where no password
 * was shown: then he knows what to try. No guess, and counted nowhere: the password opened a key of his.
 */
export const askedForPassword =
  (ctx: Context, reader: Account, proof: Proof) =>
  async (error: unknown): Promise<never> => {
    if (!isRefusal(error, 'mail.not-for-us')) throw error
    const ids = (error.facts.isFor ?? []).map((id) => id.toUpperCase())
    if (!(await hasSecretWith(ctx, reader.id, ids))) throw error
    const isPassword = proof !== 'stored' && 'password' in proof
    throw new Refusal(isPassword ? 'key.password-wrong' : 'key.password-missing')
  }
