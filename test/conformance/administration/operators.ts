import type { Role } from '#src/domain/accounts/accounts.ts'
import type { House } from '#src/testing.ts'
import { type Client, makeAccount, signIn } from '../mailbox/client.ts'

/** Somebody of a role among the users, signed in. */
export async function signedInAs(house: House, role: Role): Promise<Client & { id: string }> {
  const { id, email } = await makeAccount(house, { role })
  return { ...(await signIn(house, email)), id }
}
