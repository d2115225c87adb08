import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { isRefusal, type Reason, Refusal } from '#src/domain/refusals.ts'
import { fetchExposed } from '#src/domain/supporting/supporting.ts'
import { type Endpoint, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { keyFile } from './answers.ts'
import { refuse } from './refuse.ts'

const PASSWORD = 'x-key-password'

// Guard refuses with 200; here a program would keep what comes with that as the file of keys.
const statuses: Partial<Record<Reason, number>> = {
  'input.invalid': 400,
  'key.password-wrong': 403,
  'key.delayed': 429,
}

/** A header carries no letters beyond ASCII: the password is percent-encoded, as in an URL. */
function passwordIn(headers: Headers): string | undefined {
  const given = headers.get(PASSWORD)
  if (!given) return undefined
  try {
    // What is beyond ASCII reaches us as letters that nobody has typed.
    if (!/[^\0-\x7f]/.test(given)) return decodeURIComponent(given)
  } catch {
    // Told below.
  }
  throw new Refusal('input.invalid', { params: [PASSWORD], sent: ['***'] })
}

async function fileFor(ctx: Context, token: string, { origin, headers }: Incoming): Promise<Response> {
  const { armor, withheld } = await fetchExposed(ctx, { token, password: passwordIn(headers), origin })
  const file = keyFile(armor, 'keys.asc')
  file.headers.set('Referrer-Policy', 'no-referrer')
  if (withheld.length > 0) file.headers.set('X-Key-Password-Needed', withheld.join(', '))
  return file
}

const exposed = endpoint({
  at: 'GET /oxguard/exposed',
  what: 'Keys that the support desk deleted and exposed, as armor: locked with the key password',
  who: 'anyone',
  in: { query: z.looseObject({ key: z.string().optional() }) },
  limits: { perSecond: 'signInRate' },
  async does(ctx, { query }, _caller, incoming) {
    try {
      return await fileFor(ctx, query.key ?? '', incoming)
    } catch (error) {
      const status = isRefusal(error) ? statuses[error.reason] : undefined
      if (!status) throw error
      const { body, headers } = refuse(error as Refusal, incoming, ctx)
      return new Response(body, { status, headers })
    }
  },
})

export const exposedEndpoints: Endpoint[] = [exposed]
