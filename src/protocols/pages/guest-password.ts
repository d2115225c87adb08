import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { changeGuestPassword } from '#src/domain/guests/guests.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import type { GuestCaller } from '#src/http/guest-proof.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { html } from '#src/lib/html.ts'
import { faultIn, faultOf } from './guest-faults.ts'
import {
  bar,
  faultNote,
  field,
  goodNote,
  newPasswordFields,
  nothing,
  questionFields,
  type Visit,
  visitOf,
  visitorOf,
} from './guest-visitor.ts'
import { goTo, page } from './page.ts'

interface Told {
  fault?: string
  note?: string
  question?: string
  status?: number
}

function passwordPage(visit: Visit, { guest }: GuestCaller, { fault = '', note = '', question, status = 200 }: Told) {
  const { say, at, language, house } = visit
  const own = guest.hasPassword ? nothing : html`<p>${say.ownPassword}</p>`
  const content = html`${bar(visit, guest)}<h1>${say.changePassword}</h1>
${goodNote(note)}${faultNote(fault)}${own}
<form method="post" action="${at('/guest/password')}">
${field({ name: 'old', label: say.oldPassword, type: 'password', fill: 'current-password' })}
${newPasswordFields(visit)}
${questionFields(visit, question ?? guest.question)}
<button>${say.save}</button>
</form>`
  return page({ language, title: say.changePassword, house, content, status })
}

const show = endpoint({
  at: 'GET /guest/password',
  what: 'The page where a guest changes his password',
  who: 'anyone',
  limits: { perSecond: 10 },
  async does(ctx, _input, _caller, incoming) {
    const visitor = await visitorOf(ctx, incoming)
    return visitor ? passwordPage(visitOf(ctx, incoming, visitor.guest), visitor, {}) : goTo(ctx, '/guest')
  },
})

const secret = z.string().max(5000).default('')

const change = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/password',
    what: 'The form by which a guest changes his password',
    who: 'anyone',
    takes: 'form',
    in: { body: z.object({ old: secret, password: secret, again: secret, question: secret, answer: secret }) },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body: { old, password, again, question, answer } }, _caller, incoming) {
      const visitor = await visitorOf(ctx, incoming)
      if (!visitor) return goTo(ctx, '/guest')
      const visit = visitOf(ctx, incoming, visitor.guest)
      const failed = (fault: string) => passwordPage(visit, visitor, { fault, question, status: 403 })
      if (password !== again) return failed(faultOf(visit.language, 'differ'))
      // The question stands there as it was; only with an answer is it another one.
      const asked = answer === '' ? undefined : { question, answer }
      const wish = { oldPassword: old, newPassword: password, question: asked, origin: incoming.origin }
      try {
        judgeSameOrigin(ctx, incoming)
        await changeGuestPassword(ctx, { signed: visitor, ...wish })
        const guest = { ...visitor.guest, hasPassword: true }
        return passwordPage(visit, { ...visitor, guest }, { note: visit.say.passwordChanged, question })
      } catch (error) {
        const isOld = isRefusal(error, 'key.password-wrong')
        return failed(isOld ? faultOf(visit.language, 'old-wrong') : faultIn(visit.language, error))
      }
    },
  })

export const passwordEndpoints = (ctx: Context): Endpoint[] => [show, change(ctx)]
