import type { Context } from '#src/context.ts'
import { compose } from '#src/domain/messages/messages.ts'
import { sha256 } from '#src/lib/digests.ts'
import { keyOf, listSiblings, namedSiblings, ourselves } from './registry.ts'

/** What is asked of a sibling: the kind of service, and the call. */
export interface Wish {
  type: string
  method: 'PUT' | 'POST'
  /** path and query */
  path: string
}

/** Queues a call to a sibling, in the caller's transaction; it is tried for two days, whoever the sibling is by then. */
export const askSibling = async (ctx: Context, { type, method, path }: Wish): Promise<void> => {
  await compose(ctx, { channel: 'service', to: type, letter: { subject: '', text: `${method} ${path}` } })
}

/**
 * Where a kind of service is reached and with which key; null while there is none. Whom the operator named comes before
 * whoever announced himself. One that told no key has the one that upstream's services make of their own public address.
 */
export async function findSibling(
  ctx: Context,
  type: string,
): Promise<{ uri: string; key: string; name: string } | null> {
  const named = namedSiblings(ctx).find((one) => one.type === type)
  const sibling = named ?? (await listSiblings(ctx)).find((one) => one.type === type)
  if (!sibling) return null
  const key = (await keyOf(ctx, sibling.privateUri)) ?? sha256(sibling.publicUri)
  return { uri: sibling.privateUri, key, name: ourselves(ctx).publicUri }
}
