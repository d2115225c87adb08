import { z } from 'zod'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { type Device, forgetDevice, forgetDevices, listDevices, trustDevice } from '#src/domain/devices/devices.ts'
import { endpoint, type Incoming } from '#src/http/endpoint.ts'
import { areCookiesSecure, cookieHeader, cookiesOf } from '#src/http/session-proof.ts'
import { sha256 } from '#src/lib/digests.ts'
import { idPath, named, noBody, query, stamp } from './shapes.ts'

const DEVICES = '/account/security/trusteddevices'

// One per account, so that two of them can trust one browser.
const cookieNameOf = (accountId: string): string => `mailbox-device-${sha256(accountId).slice(0, 16)}`

/** What the browser of a request holds of an account that trusts it. */
export const sentDevice =
  ({ headers }: Incoming) =>
  ({ id }: Account): string | undefined =>
    cookiesOf(headers).get(cookieNameOf(id))

const item = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  createdDate: z.string(),
  lastUsedDate: z.string(),
  expiresDate: z.string(),
})

const shown = (device: Device): z.output<typeof item> => ({
  id: device.id,
  name: device.name,
  address: device.network,
  createdDate: stamp(device.created),
  lastUsedDate: stamp(device.last_used),
  expiresDate: stamp(device.expires),
})

const trust = endpoint({
  at: `POST ${DEVICES}`,
  what: 'Trust the browser of a session that has just passed its second step; the password is enough there from then on',
  who: 'a full session',
  in: { query, body: z.strictObject({ name: named.optional() }).default({}) },
  out: z.object({ id: z.string(), expiresDate: z.string() }),
  async does(ctx, { body }, { account, session }, { answer, origin }) {
    const name = body.name ?? (origin.agent.slice(0, 100) || origin.network)
    const { id, value, expires } = await trustDevice(ctx, { account, session, name, origin })
    const cookie = cookieHeader({
      name: cookieNameOf(account.id),
      value,
      maxAge: Math.ceil((expires - ctx.clock.now()) / 1000),
      secure: areCookiesSecure(ctx),
      // Shown where somebody signs in, and nowhere else.
      path: '/api/v1/login',
    })
    answer.append('Set-Cookie', cookie)
    return { id, expiresDate: stamp(expires) }
  },
})

const list = endpoint({
  at: `GET ${DEVICES}`,
  what: 'The browsers where the password is enough, newest first',
  who: 'a full session',
  in: { query },
  out: z.object({ items: z.array(item) }),
  does: async (ctx, _input, { account }) => ({ items: (await listDevices(ctx, account)).map(shown) }),
})

const forget = endpoint({
  at: `DELETE ${DEVICES}/{id}`,
  what: 'Ask one of them for the second step again',
  who: 'a full session',
  takes: 'json',
  in: { query, path: idPath, body: noBody },
  does: (ctx, { path }, { account }, { origin }) => forgetDevice(ctx, { account, id: path.id, origin }),
})

const forgetAll = endpoint({
  at: `DELETE ${DEVICES}`,
  what: 'Ask all of them for the second step again',
  who: 'a full session',
  takes: 'json',
  in: { query, body: noBody },
  does: (ctx, _input, { account }, { origin }) => forgetDevices(ctx, { account, origin }),
})

export const deviceEndpoints = [trust, list, forget, forgetAll]
