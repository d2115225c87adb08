import { queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { elevated } from '../api/elevation.ts'
import { makePasskey, passkeyProof } from '../api/passkeys.ts'
import { queries, refreshSession } from '../api/session.ts'

const SECURITY = '/api/v1/account/security'
const METHODS = `${SECURITY}/methods`

export type Kind = 'authApp' | 'email' | 'sms'

/** What protects the account, and what may be added to it: docs/mailbox.md, `GET /account/security/overview`. */
export interface Overview {
  twoFactor: { status: 'disabled' | 'enabled' | 'mandatory'; configured: boolean; graceEndsDate: string }
  methods: number
  authenticators: number
  passkeys: number
  recoveryCodesLeft: number
  appPasswords: number
  trustedDevices: number
  sessions: number
  passwordChangedDate: string
  recovery: { waitingUntilDate: string }
  offers: { methods: Kind[]; secondStep: Kind[]; passkeyDomain: string }
}

export const overviewQuery = queryOptions({
  queryKey: ['security', 'overview'],
  queryFn: () => call<Overview>('GET', `${SECURITY}/overview`),
})

const begin = async (method: Kind, target?: string): Promise<string> => {
  const { id } = await elevated<{ id: string }>('POST', METHODS, { json: { method, ...(target ? { target } : {}) } })
  return id
}

export interface Pairing {
  id: string
  /** the QR code, as SVG */
  picture: string
  secret: string
  otpauthUri: string
}

/**
 * An authenticator on its way. The server keeps a few of them in a session: whoever comes back to the page goes on with
 * the one that he began.
 */
export const pairingQuery = queryOptions({
  queryKey: ['enrolment', 'authenticator'],
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: 30 * 60_000,
  retry: false,
  async queryFn(): Promise<Pairing> {
    const id = await begin('authApp')
    const path = `${METHODS}/${id}/qr`
    const picture = await elevated<string>('GET', path)
    const headers = { Accept: 'application/json' }
    const { secret, otpauthUri } = await elevated<Omit<Pairing, 'id' | 'picture'>>('GET', path, { headers })
    return { id, picture, secret, otpauthUri }
  },
})

/** Begins a mail address or a number, and has a code sent there. */
export const beginTarget = (method: 'email' | 'sms', target: string): Promise<string> => begin(method, target)

/** After a change of what protects the account: whatever was read of it is read again. */
const changed = (): Promise<unknown> =>
  Promise.all([
    queries.invalidateQueries({ queryKey: ['security'] }),
    queries.invalidateQueries({ queryKey: ['methods'] }),
    refreshSession(),
  ])

interface First {
  id: string
  code: string
}

/** Activates a method with its first code. */
export async function activate({ id, code }: First): Promise<null> {
  await elevated('POST', `${METHODS}/${id}/activate`, { json: { totpToken: code } })
  queries.removeQueries({ queryKey: ['enrolment'] })
  void changed()
  return null
}

/** Activates a method and turns 2-step verification on with it, by the same code; gives the recovery codes. */
export async function activateAndTurnOn({ id, code }: First): Promise<string[]> {
  const json = { methodId: id, totpToken: code }
  const { recoveryCodes } = await elevated<{ recoveryCodes: string[] }>('POST', `${SECURITY}/2fa/activate`, { json })
  queries.removeQueries({ queryKey: ['enrolment'] })
  void changed()
  return recoveryCodes
}

/** Has the browser make a passkey for the account. */
export async function addPasskey(name: string): Promise<void> {
  const response = await makePasskey(await elevated('POST', `${SECURITY}/passkeys/options`))
  await elevated('POST', `${SECURITY}/passkeys`, { json: { response, ...(name ? { name } : {}) } })
  void changed()
}

/** Turns 2-step verification on with what the account has: the code of a method, or a passkey's answer. */
export async function turnOn(
  proof: { methodId: string; totpToken: string } | { response: unknown },
): Promise<string[]> {
  const path = `${SECURITY}/2fa${'response' in proof ? '/passkey' : ''}`
  const { recoveryCodes } = await elevated<{ recoveryCodes: string[] }>('POST', path, { json: proof })
  void changed()
  return recoveryCodes
}

export const turnOnByPasskey = async (): Promise<string[]> => turnOn(await passkeyProof())
