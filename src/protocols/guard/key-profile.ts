import { z } from 'zod'
import {
  changeKeySettings,
  type KeyProfile,
  keyProfile,
  removeRecovery,
  restoreRecovery,
} from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { loginQuery, passwordFields, passwordIn } from './inputs.ts'

const flag = z.union([z.boolean(), z.string()]).nullish()
const out = z.object({ pgpdefault: z.boolean(), pgpsign: z.boolean(), inline: z.boolean() })

/** True or false as JSON or a form has it; undefined where nothing was said. */
function flagIn(name: string, value: boolean | string | null | undefined): boolean | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const text = String(value).toLowerCase()
  if (text !== 'true' && text !== 'false')
    throw new Refusal('input.invalid', { params: [name, String(value).slice(0, 40)] })
  return text === 'true'
}

/** How the user's mails are written, in the words of the API. */
export const wireSettings = ({ encrypts, signs, inline }: KeyProfile) => ({
  pgpdefault: encrypts,
  pgpsign: signs,
  inline,
})

const settings = endpoint({
  at: 'GET /oxguard/login?action=settings',
  what: 'How the mails of the user are written unless he says otherwise (ours)',
  who: 'a full session',
  in: { query: loginQuery },
  out,
  does: async (ctx, _input, { account }) => wireSettings(await keyProfile(ctx, account)),
})

const changeSettings = endpoint({
  at: 'PUT /oxguard/login?action=settings',
  what: 'Changes them; what is left out stays (ours)',
  who: 'a full session',
  takes: 'json or form',
  in: { query: loginQuery, body: z.looseObject({ pgpdefault: flag, pgpsign: flag, inline: flag }) },
  out,
  async does(ctx, { body }, { account }, { origin }) {
    const changes = {
      encrypts: flagIn('pgpdefault', body.pgpdefault),
      signs: flagIn('pgpsign', body.pgpsign),
      inline: flagIn('inline', body.inline),
    }
    await changeKeySettings(ctx, { account, changes, origin })
    return wireSettings(await keyProfile(ctx, account))
  },
})

const recovery = (action: string, what: string, verb: typeof removeRecovery): Endpoint =>
  endpoint({
    at: `POST /oxguard/login?action=${action}`,
    what,
    who: 'a full session',
    takes: 'json or form',
    in: { query: loginQuery, body: z.looseObject(passwordFields) },
    async does(ctx, { body }, { account }, { origin }) {
      const password = await passwordIn(ctx, body)
      if (password === undefined) throw new Refusal('key.password-missing')
      await verb(ctx, { account, password, origin })
      return 'OK'
    },
  })

/** What an account decides about its keys. */
export const keyProfileEndpoints: Endpoint[] = [
  settings,
  changeSettings,
  recovery('deleterecovery', 'Removes the second copies of the secret keys of the user (ours)', removeRecovery),
  recovery('restorerecovery', 'Lets second copies be made again (ours)', restoreRecovery),
]
