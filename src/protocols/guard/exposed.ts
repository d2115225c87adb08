import { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'
import { fetchExposed } from '#src/domain/supporting/supporting.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { keyFile } from './answers.ts'

const PASSWORD = 'x-key-password'

/** A header carries no letters beyond ASCII: the password is percent-encoded, as in an URL. */
function passwordIn(headers: Headers): string | undefined {
  const given = headers.get(PASSWORD)
  if (!given) return undefined
  try {
    return decodeURIComponent(given)
  } catch {
    throw new Refusal('input.invalid', { params: [PASSWORD], sent: ['***'] })
  }
}

const exposed = endpoint({
  at: 'GET /oxguard/exposed',
  what: 'Keys that the support desk deleted and exposed, as armor: locked with the key password',
  who: 'anyone',
  in: { query: z.looseObject({ key: z.string().optional() }) },
  limits: { perSecond: 'signInRate' },
  async does(ctx, { query }, _caller, { origin, headers }) {
    const password = passwordIn(headers)
    const { armor, withheld } = await fetchExposed(ctx, { token: query.key ?? '', password, origin })
    const file = keyFile(armor, 'keys.asc')
    file.headers.set('Referrer-Policy', 'no-referrer')
    if (withheld.length > 0) file.headers.set('X-Key-Password-Needed', withheld.join(', '))
    return file
  },
})

export const exposedEndpoints: Endpoint[] = [exposed]
