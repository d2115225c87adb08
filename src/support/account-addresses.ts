import { addAddress, removeAddress } from '#src/domain/accounts/accounts.ts'
import { isRefusal, type Reason } from '#src/domain/refusals.ts'
import { plainAddress } from '#src/lib/mail-address.ts'
import { accountAt } from './finding.ts'
import { plain } from './text.ts'
import { Misuse, NotDone, type Verb } from './verb.ts'

/** The one word behind the account's address. */
function addressIn(name: string, values: readonly string[]): string {
  const [address] = values
  if (!address || values.length > 1) throw new Misuse(`It is account ${name} ADDRESS OTHER-ADDRESS.`)
  return plainAddress(address)
}

const inWords =
  (address: string, words: Partial<Record<Reason, string>>) =>
  (error: unknown): never => {
    const why = isRefusal(error) ? words[error.reason] : undefined
    throw why ? new NotDone(`"${plain(address)}" ${why}. Nothing was changed.`) : error
  }

export const accountAddAddress: Verb = {
  takes: 'ADDRESS OTHER-ADDRESS [--by NAME]',
  what: 'give an account another address',
  more: [
    'You answer for it that the address is the owner’s: mail to it can be encrypted with his key from then on, he may',
    'sign in with it, and a key of his that bears it may be found for it. His mailbox is told.',
  ],
  examples: ['account add-address ann@example.org ann.smith@example.org'],
  options: ['by'],
  values: 'many',
  plan({ subject, values }) {
    const address = addressIn('add-address', values)
    return async ({ ctx, operator: caller, origin, say }) => {
      const account = await accountAt(ctx, subject)
      await addAddress(ctx, { caller, account, address, origin }).catch(
        inWords(address, {
          'account.exists': 'leads to an account already',
          'account.email-invalid': 'is not a mail address',
          'input.too-large': 'would be one too many: the account has as many addresses as it may have',
        }),
      )
      say(`${account.email}: ${address} is an address of the account.`)
    }
  },
}

export const accountRemoveAddress: Verb = {
  takes: 'ADDRESS OTHER-ADDRESS [--by NAME]',
  what: 'take an address, but not the primary one, from an account',
  more: [
    'Nobody signs in with it any more. Keys that bear it stay as they are, and are not found for it any more;',
    'what was revoked there stays to be seen.',
  ],
  examples: ['account remove-address ann@example.org ann.smith@example.org'],
  options: ['by'],
  values: 'many',
  plan({ subject, values }) {
    const address = addressIn('remove-address', values)
    return async ({ ctx, operator: caller, origin, say }) => {
      const account = await accountAt(ctx, subject)
      await removeAddress(ctx, { caller, account, address, origin }).catch(
        inWords(address, {
          'account.unknown': 'is not an address of this account',
          'input.invalid': 'is the primary address',
        }),
      )
      say(`${account.email}: ${address} is no longer an address of the account.`)
    }
  },
}
