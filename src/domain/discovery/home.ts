import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { contactKeyFor } from '#src/domain/contacts/contacts.ts'
import { autocryptFor, sharedFor, uploadedFor } from '#src/domain/correspondents/correspondents.ts'
import { tenantCertificate } from '#src/domain/keys/keys.ts'
import type { Held } from './judging.ts'

type Ask = (ctx: Context, wanted: { account: Account; address: string }) => Promise<Held | null>

/** Where nobody in the world has to be asked, by the names of the setting `keySources`. */
export const homeSources: Readonly<Record<string, Ask>> = {
  tenant: tenantCertificate,
  uploaded: uploadedFor,
  shared: sharedFor,
  contacts: contactKeyFor,
  autocrypt: autocryptFor,
}
