import type { Role } from '#src/domain/accounts/accounts.ts'
import type { CallOptions, House, Reply } from '#src/testing.ts'
import { type Client, makeAccount, signIn } from '../mailbox/client.ts'

/** Somebody who looks after others, signed in. */
export interface Overseer {
  id: string
  email: string
  client: Client
  call(method: string, path: string, options?: CallOptions): Promise<Reply>
  /** the same after the password was asked for once more */
  secure(method: string, path: string, options?: CallOptions): Promise<Reply>
}

export async function overseer(house: House, role: Role, more: { email?: string } = {}): Promise<Overseer> {
  const { id, email } = await makeAccount(house, { role, ...more })
  const client = await signIn(house, email)
  return {
    id,
    email,
    client,
    call: (method, path, options) => client.call(method, `/admin${path}`, options),
    secure: (method, path, options) => client.secure(method, `/admin${path}`, options),
  }
}

/** An answer in short: a status, or a status with its code. */
export const short = (reply: Reply): string =>
  reply.status === 200 ? '200' : `${reply.status} ${reply.json.errorCode}`

/** Who is recorded to have done something to an account. */
export const doersOf = async (house: House, account: string, event: string): Promise<(string | null)[]> =>
  (
    await house.ctx.db
      .selectFrom('audit')
      .select('actor_id')
      .where('account_id', '=', account)
      .where('event', '=', event)
      .execute()
  ).map(({ actor_id }) => actor_id)
