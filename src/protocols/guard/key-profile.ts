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
import { loginQuery, neededPasswordIn, passwordFields, truthIn } from './inputs.ts'

const flag = z.union([z.boolean(), z.string()]).nullish()
const names = { pgpdefault: flag, pgpsign: flag, inline: flag }
const out = z.object({ pgpdefault: z.boolean(), pgpsign: z.boolean(), inline: z.boolean() })

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
  in: { query: loginQuery, body: z.looseObject(names) },
  out,
  async does(ctx, { body }, { account }, { origin }) {
    // Whoever misspells one should not believe that it is set.
    const unknown = Object.keys(body).find((name) => !Object.hasOwn(names, name))
    if (unknown !== undefined)
      throw new Refusal('input.invalid', { params: [unknown.slice(0, 60)], why: 'unknown-name' })
    const changes = {
      encrypts: truthIn('pgpdefault', body.pgpdefault),
      signs: truthIn('pgpsign', body.pgpsign),
      inline: truthIn('inline', body.inline),
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
      await verb(ctx, { account, password: await neededPasswordIn(ctx, body), origin })
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
