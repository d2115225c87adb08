import { z } from 'zod'
import {
  listWays,
  loseFactors,
  readRecovery,
  recoverPassword,
  requestToken,
  requestUsernames,
  withdrawRecovery,
} from '#src/domain/recovery/recovery.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { noBody, query, stamp } from './shapes.ts'

// A name, a token and a password, each of which may be long; a stranger's body is worth no more.
const limits = { body: 16_384 }

const email = z.strictObject({ email: z.string() })
const phoneNumber = z.strictObject({ phoneNumber: z.string() })
const named = { username: z.string() }
const proof = { recoveryToken: z.string() }

const remind = endpoint({
  at: 'POST /recover/username',
  what: 'Have the user names sent that belong to a mail address or number; the answer is always the same',
  who: 'anyone',
  in: { query, body: z.union([email, phoneNumber]) },
  limits,
  does: (ctx, { body }, _caller, { origin }) => requestUsernames(ctx, { to: body, origin }),
})

const methods = endpoint({
  at: 'GET /recover/password/methods',
  what: 'Where a recoveryToken may be sent, masked; user names without any get some that look the same',
  who: 'anyone',
  in: { query: query.extend(named) },
  out: z.object({ items: z.array(z.object({ method: z.enum(['email', 'sms']), target: z.string() })) }),
  async does(ctx, { query }, _caller, { origin }) {
    const ways = await listWays(ctx, { name: query.username, origin })
    return { items: ways.map(({ kind, shown }) => ({ method: kind, target: shown })) }
  },
})

const sendToken = endpoint({
  at: 'POST /recover/password/sendtoken',
  what: 'Have a recoveryToken sent to a method, named in full; the answer is always the same',
  who: 'anyone',
  in: { query, body: z.union([email.extend(named), phoneNumber.extend(named)]) },
  limits,
  does: (ctx, { body: { username, ...to } }, _caller, { origin }) => requestToken(ctx, { name: username, to, origin }),
})

const passwordPolicy = z.object({
  minLength: z.number(),
  maxLength: z.number(),
  mustInclude: z.enum(['letters', 'lettersAndNumbers', 'lettersAndNumbersAndSpecial']),
  historySize: z.number().optional(),
  renewalInterval: z.number().optional(),
})

const validate = endpoint({
  at: 'POST /recover/password/validatetoken',
  what: 'What a new password must be like, for a right recoveryToken; it is not used up',
  who: 'anyone',
  in: { query, body: z.strictObject({ ...named, ...proof }) },
  out: z.object({ passwordPolicy }),
  limits,
  does: async (ctx, { body }, _caller, { origin }) => ({
    passwordPolicy: await readRecovery(ctx, { name: body.username, token: body.recoveryToken, origin }),
  }),
})

const replacement = z.strictObject({ ...proof, newPassword: z.string() })

const reset = endpoint({
  at: 'POST /recover/password/reset',
  what: 'Set a new password with a recoveryToken; every session ends, and the second step stays',
  who: 'anyone',
  // The published page spells the name in its own way here.
  in: { query, body: z.union([replacement.extend({ userName: z.string() }), replacement.extend(named)]) },
  limits,
  does: (ctx, { body }, _caller, { origin }) =>
    recoverPassword(ctx, {
      name: 'userName' in body ? body.userName : body.username,
      token: body.recoveryToken,
      password: body.newPassword,
      origin,
    }),
})

const loseSecondStep = endpoint({
  at: 'POST /recover/secondfactor',
  what: 'Ask for the removal of lost second factors, with the password and a recoveryToken; it waits, and can be stopped',
  who: 'anyone',
  in: { query, body: z.strictObject({ ...named, ...proof, password: z.string() }) },
  out: z.object({ date: z.string() }),
  limits,
  does: async (ctx, { body }, _caller, { origin }) => ({
    date: stamp(
      await loseFactors(ctx, { name: body.username, password: body.password, token: body.recoveryToken, origin }),
    ),
  }),
})

const stop = endpoint({
  at: 'DELETE /account/security/recovery',
  what: 'Stop the removal of the second factors that waits; nothing to stop is fine',
  who: 'a full, elevated session',
  takes: 'json',
  in: { query, body: noBody },
  does: (ctx, _input, { account }, { origin }) => withdrawRecovery(ctx, { account, origin }),
})

export const recoverEndpoints = [remind, methods, sendToken, validate, reset, loseSecondStep, stop]
