import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { atomically } from '#src/context.ts'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { keepBody } from '#src/domain/bodies/bodies.ts'
import { ensureGuest, guestAt, keepItem, pinOf } from '#src/domain/guests/guests.ts'
import type { CallOptions, House, Reply } from '#src/testing.ts'
import { origin } from './person.ts'

export const GUEST_PASSWORD = 'guest password ö1'

/** A stranger who is invited, and has a mail here; answers the id in its link, and the PIN, where there is one. */
export async function invite(
  house: House,
  { inviter, address, pin = false }: { inviter: string; address: string; pin?: boolean },
): Promise<{ itemId: string; pin: string | undefined }> {
  const { ctx } = house
  const account = await findByAddress(ctx, inviter)
  const { guest } = await ensureGuest(ctx, { inviter: account!, address, pin, origin })
  const itemId = randomUUID()
  const bytes = Buffer.from(`To: ${address}\r\n\r\n-----BEGIN PGP MESSAGE-----`)
  const body = await keepBody(ctx, bytes)
  const sender = { address: inviter, name: 'Some Body' }
  await atomically(ctx, (ctx) =>
    keepItem(ctx, { id: itemId, guest, kind: 'received', sender, subject: 'Lunch', body, bytes: bytes.length }),
  )
  return { itemId, pin: (await pinOf(ctx, guest)) ?? undefined }
}

export const guestLogin = (house: House, json: Record<string, unknown>): Promise<Reply> =>
  house.call('POST', '/appsuite/api/oxguard/login?action=guest', { json })

export const asGuest = (house: House, action: string, json: unknown, base = '/appsuite/api'): Promise<Reply> =>
  house.call('POST', `${base}/oxguard/guest?action=${action}`, { json })

export const guestAsks = (house: House, action: string, query: Record<string, string>): Promise<Reply> =>
  house.call('GET', `/appsuite/api/oxguard/guest?${new URLSearchParams({ action, ...query })}`)

/** A guest with a password and a question. */
export async function newGuest(house: House, wish: { inviter: string; address: string }): Promise<{ itemId: string }> {
  const { itemId } = await invite(house, wish)
  const json = { question: 'Dog?', answer: 'Rex', newpass: GUEST_PASSWORD, email: wish.address, itemId }
  const reply = await asGuest(house, 'firstpass', json)
  assert.ok(reply.json.auth?.length > 20, reply.text)
  return { itemId }
}

/** Calls in the session that a login or `firstpass` has opened. */
export function inSession(house: House, reply: Reply) {
  const cookie = reply.headers.getSetCookie()[0]!.split(';')[0]!
  const { session } = reply.json
  return (method: string, path: string, options: CallOptions = {}): Promise<Reply> =>
    house.call(method, `/appsuite/api${path}${path.includes('?') ? '&' : '?'}session=${session}`, {
      ...options,
      headers: { Cookie: cookie, ...options.headers },
    })
}

export const fingerprintOf = async (house: House, address: string): Promise<string> => {
  const guest = await guestAt(house.ctx, address)
  return Buffer.from(guest!.certificate).toString('base64')
}
