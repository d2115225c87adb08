import { z } from 'zod'
import type { Context } from '#src/context.ts'
import {
  askForAccountReset,
  proveAnswer,
  questionAt,
  resetGuestAccount,
  resetGuestPassword,
} from '#src/domain/guests/guests.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { type Html, html } from '#src/lib/html.ts'
import { faultIn, faultOf } from './guest-faults.ts'
import {
  emailField,
  faultNote,
  field,
  formPage,
  goodNote,
  hidden,
  newPasswordFields,
  type Visit,
  visitOf,
} from './guest-visitor.ts'

/** The last step of starting anew: what is lost is said before. */
export function anewPage(
  visit: Visit,
  { token, email = '', fault = '', status }: { token: string; email?: string; fault?: string; status?: number },
): Response {
  const { say, at } = visit
  const content = html`${faultNote(fault)}<p class="bad">${say.anewWarning}</p>
<form method="post" action="${at('/guest/reset')}">
${hidden('reset', token)}
${emailField(visit, email)}
${newPasswordFields(visit)}
<button>${say.anewDo}</button>
</form>
<p><a href="${at('/guest')}">${say.back}</a></p>`
  return formPage(visit, say.anewTitle, content, status)
}

const anewForm = (visit: Visit, email: string): Html => html`<h2>${visit.say.anewTitle}</h2>
<p>${visit.say.anewWarning}</p>
<form method="post" action="${visit.at('/guest/anew')}">
${hidden('email', email)}
<button>${visit.say.anewAsk}</button>
</form>`

function forgottenPage(visit: Visit, content: Html, status = 200): Response {
  const back = html`<p><a href="${visit.at('/guest')}">${visit.say.back}</a></p>`
  return formPage(visit, visit.say.forgottenTitle, html`${content}\n${back}`, status)
}

/** What was done, and the way to go on. */
function donePage(visit: Visit, title: string, words: string): Response {
  const { say, at } = visit
  return formPage(visit, title, html`${goodNote(words)}\n<p><a href="${at('/guest')}">${say.signIn}</a></p>`)
}

/** A link to start anew that is over: another one can be had. */
export const deadLinkPage = (visit: Visit): Response =>
  forgottenPage(visit, addressForm(visit, faultOf(visit.language, 'guest.reset-invalid')), 404)

const addressForm = (visit: Visit, fault = ''): Html => html`${faultNote(fault)}
<form method="post" action="${visit.at('/guest/forgotten')}">
${emailField(visit)}
<button>${visit.say.goOn}</button>
</form>`

/** Whoever has no question, or is nobody, sees the same. */
function answerForm(
  visit: Visit,
  { email, question, fault = '' }: { email: string; question: string | null; fault?: string },
): Html {
  const { say, at } = visit
  if (question === null) return html`${faultNote(fault)}<p>${say.noQuestion}</p>${anewForm(visit, email)}`
  return html`${faultNote(fault)}<p>${say.askAnswer}</p>
<form method="post" action="${at('/guest/forgotten')}">
${hidden('email', email)}
${field({ name: 'answer', label: question })}
<button>${say.goOn}</button>
</form>
${anewForm(visit, email)}`
}

const forgotten = endpoint({
  at: 'GET /guest/forgotten',
  what: 'The page for guests who have forgotten their password',
  who: 'anyone',
  limits: { perSecond: 10 },
  async does(ctx, _input, _caller, incoming) {
    const visit = visitOf(ctx, incoming)
    return forgottenPage(visit, addressForm(visit))
  },
})

const email = z.string().max(500).default('')

const remember = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/forgotten',
    what: 'The form by which a guest gets a new password mailed: his address, then the answer to his question',
    who: 'anyone',
    takes: 'form',
    in: { body: z.object({ email, answer: z.string().max(2000).optional() }) },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body: { email, answer } }, _caller, incoming) {
      const visit = visitOf(ctx, incoming)
      const { origin } = incoming
      let question: string | null = null
      try {
        judgeSameOrigin(ctx, incoming)
        question = await questionAt(ctx, { address: email, origin })
        if (answer === undefined) return forgottenPage(visit, answerForm(visit, { email, question }))
        const guest = await proveAnswer(ctx, { address: email, answer, origin })
        await resetGuestPassword(ctx, { guest, language: visit.language, origin })
        return donePage(visit, visit.say.newMailedTitle, visit.say.newMailed)
      } catch (error) {
        const fault = faultIn(visit.language, error)
        const form = answer === undefined ? addressForm(visit, fault) : answerForm(visit, { email, question, fault })
        return forgottenPage(visit, form, 403)
      }
    },
  })

const ask = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/anew',
    what: 'The form by which a guest gets a link mailed to start anew; the answer is the same for everybody',
    who: 'anyone',
    takes: 'form',
    in: { body: z.object({ email }) },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body: { email } }, _caller, incoming) {
      const visit = visitOf(ctx, incoming)
      try {
        judgeSameOrigin(ctx, incoming)
        await askForAccountReset(ctx, { address: email, origin: incoming.origin })
        return donePage(visit, visit.say.newMailedTitle, visit.say.anewMailed)
      } catch (error) {
        return forgottenPage(visit, addressForm(visit, faultIn(visit.language, error)), 403)
      }
    },
  })

const secret = z.string().max(5000).default('')

const reset = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/reset',
    what: 'The form by which a guest starts anew: a new key and password; what he got so far is removed',
    who: 'anyone',
    takes: 'form',
    in: { body: z.object({ reset: z.string().max(200), email, password: secret, again: secret }) },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body: { reset: token, email, password, again } }, _caller, incoming) {
      const visit = visitOf(ctx, incoming)
      const failed = (fault: string) => anewPage(visit, { token, email, fault, status: 403 })
      if (password !== again) return failed(faultOf(visit.language, 'differ'))
      try {
        judgeSameOrigin(ctx, incoming)
        await resetGuestAccount(ctx, { token, address: email, password, origin: incoming.origin })
        return donePage(visit, visit.say.anewDoneTitle, visit.say.anewDone)
      } catch (error) {
        return failed(faultIn(visit.language, error))
      }
    },
  })

export const anewEndpoints = (ctx: Context): Endpoint[] => [forgotten, remember(ctx), ask(ctx), reset(ctx)]
