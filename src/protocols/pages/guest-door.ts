import { z } from 'zod'
import type { Context } from '#src/context.ts'
import {
  chooseFirstPassword,
  type Guest,
  guestOfItem,
  isResetAlive,
  itemOfReader,
  signInGuest,
} from '#src/domain/guests/guests.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { endSession } from '#src/domain/sessions/sessions.ts'
import { type Endpoint, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { newGuestHold, noGuestCookie } from '#src/http/guest-proof.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { html } from '#src/lib/html.ts'
import { anewPage, deadLinkPage } from './guest-anew.ts'
import { faultIn, faultOf } from './guest-faults.ts'
import { inboxPage } from './guest-inbox.ts'
import {
  emailField,
  faultNote,
  field,
  formPage,
  goodNote,
  hidden,
  newPasswordFields,
  nothing,
  pinField,
  questionFields,
  type Visit,
  visitOf,
  visitorOf,
} from './guest-visitor.ts'
import { goTo } from './page.ts'

const PER_SECOND = 10

interface Door {
  item?: string | undefined
  email?: string | undefined
  fault?: string
  note?: string
  /** must he enter the PIN as well? */
  needsPin?: boolean
  status?: number
}

/** Where a guest with a password comes in. */
export function signInPage(visit: Visit, door: Door): Response {
  const { item = '', email = '', fault = '', note = '', needsPin = false, status } = door
  const { say, at } = visit
  const content = html`${goodNote(note)}${faultNote(fault)}
<form method="post" action="${at('/guest/sign-in')}">
${item === '' ? nothing : hidden('item', item)}
${emailField(visit, email)}
${field({ name: 'password', label: say.password, type: 'password', fill: 'current-password' })}
${needsPin ? pinField(visit) : nothing}
<button>${say.signIn}</button>
</form>
<p><a href="${at('/guest/forgotten')}">${say.forgotten}</a></p>`
  return formPage(visit, say.signInToRead, content, status)
}

interface First extends Door {
  item: string
  question?: string | undefined
}

/** Where somebody comes in for the first time. */
function firstPage(
  visit: Visit,
  guest: Guest,
  { item, email = '', question = '', fault = '', status }: First,
): Response {
  const { say, at } = visit
  const content = html`${faultNote(fault)}<p>${say.first}</p>
<form method="post" action="${at('/guest/first')}">
${hidden('item', item)}
${emailField(visit, email)}
${guest.needsPin ? pinField(visit) : nothing}
${newPasswordFields(visit)}
${questionFields(visit, question)}
<button>${say.choose}</button>
</form>`
  return formPage(visit, say.welcome, content, status)
}

/** The way in for whoever has a link to a mail. */
async function doorPage(ctx: Context, incoming: Incoming, door: First): Promise<Response> {
  const guest = await guestOfItem(ctx, door.item)
  const visit = visitOf(ctx, incoming, guest)
  const { say } = visit
  if (!guest) return signInPage(visit, { fault: `${say.gone}. ${say.goneMore}`, status: 404 })
  if (guest.hasPassword) return signInPage(visit, door)
  if (!guest.needsInitial) return firstPage(visit, guest, door)
  return signInPage(visit, { ...door, note: say.mailed, needsPin: guest.needsPin })
}

/**
 * Who follows a link in a web mailer comes without his cookie, which is for our own pages (SameSite=Strict). From a page of
 * ours he comes again, with it: no need to sign in for each mail.
 */
function comeAgain(visit: Visit, item: string): Response {
  const { say, at } = visit
  const place = at(`/guest?item=${encodeURIComponent(item)}&here=1`)
  const again = formPage(visit, say.title, html`<p><a href="${place}">${say.goOn}</a></p>`)
  again.headers.set('Refresh', `0; url=${place}`)
  return again
}

const isFromElsewhere = ({ headers }: Incoming): boolean => headers.get('sec-fetch-site') === 'cross-site'

const isHis = async (ctx: Context, accountId: string, id: string): Promise<boolean> => {
  try {
    await itemOfReader(ctx, { accountId, id })
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

const mailPath = (item: string | undefined): string => (item ? `/guest/mail?id=${encodeURIComponent(item)}` : '/guest')

/** Whoever comes by a link that is over learns it before he types anything. */
async function arriveAnew(ctx: Context, incoming: Incoming, token: string): Promise<Response> {
  const visit = visitOf(ctx, incoming)
  if (await isResetAlive(ctx, token)) return anewPage(visit, { token })
  return deadLinkPage(visit)
}

const arrive = endpoint({
  at: 'GET /guest',
  what: 'The page that links in mails to guests lead to: the way in, or his mails',
  who: 'anyone',
  in: {
    query: z.object({
      item: z.string().max(64).optional(),
      reset: z.string().max(200).optional(),
      before: z.string().max(100).optional(),
      here: z.string().max(1).optional().describe('he comes from a page of ours'),
      again: z.string().max(1).optional().describe('his key is locked again'),
    }),
  },
  limits: { perSecond: PER_SECOND },
  async does(ctx, { query: { item, reset, before, here, again } }, _caller, incoming) {
    if (reset !== undefined) return arriveAnew(ctx, incoming, reset)
    if (again !== undefined) return signInPage(visitOf(ctx, incoming), { item })
    const visitor = await visitorOf(ctx, incoming)
    if (item === undefined && visitor) return inboxPage(ctx, visitOf(ctx, incoming, visitor.guest), { visitor, before })
    if (item === undefined) return signInPage(visitOf(ctx, incoming), {})
    if (visitor && (await isHis(ctx, visitor.account.id, item))) return goTo(ctx, mailPath(item))
    if (!visitor && here === undefined && isFromElsewhere(incoming)) return comeAgain(visitOf(ctx, incoming), item)
    return doorPage(ctx, incoming, { item })
  },
})

const secret = z.string().max(5000).default('')
const item = z.string().max(64).optional()
const email = z.string().max(500).default('')
const pin = z.string().max(20).optional()

const signIn = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/sign-in',
    what: 'The form by which a guest signs in',
    who: 'anyone',
    takes: 'form',
    in: { body: z.object({ email, password: secret, item, pin }) },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body: { email, password, item, pin } }, _caller, incoming) {
      const { hold, cookie } = newGuestHold(ctx)
      try {
        judgeSameOrigin(ctx, incoming)
        const { guest } = await signInGuest(ctx, { address: email, password, pin, hold, origin: incoming.origin })
        incoming.answer.append('Set-Cookie', cookie)
        return goTo(ctx, guest.hasPassword ? mailPath(item) : '/guest/password')
      } catch (error) {
        const visit = visitOf(ctx, incoming)
        // Asked for where it was shown, and of who has shown the right password without it.
        const needsPin = pin !== undefined || isRefusal(error, 'guest.pin-wrong')
        return signInPage(visit, { item, email, needsPin, fault: faultIn(visit.language, error), status: 403 })
      }
    },
  })

const first = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/first',
    what: 'The form by which a guest chooses his first password',
    who: 'anyone',
    takes: 'form',
    in: {
      body: z.object({
        item: z.string().max(64),
        email,
        pin,
        password: secret,
        again: secret,
        question: secret,
        answer: secret,
      }),
    },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body }, _caller, incoming) {
      const { item, email, pin, password, again, question, answer } = body
      const { language } = visitOf(ctx, incoming)
      const door = { item, email, question, status: 403 }
      if (password !== again) return doorPage(ctx, incoming, { ...door, fault: faultOf(language, 'differ') })
      const { hold, cookie } = newGuestHold(ctx)
      try {
        judgeSameOrigin(ctx, incoming)
        const chosen = { newPassword: password, question: { question, answer }, hold, origin: incoming.origin }
        await chooseFirstPassword(ctx, { address: email, itemId: item, pin, ...chosen })
        incoming.answer.append('Set-Cookie', cookie)
        return goTo(ctx, mailPath(item))
      } catch (error) {
        return doorPage(ctx, incoming, { ...door, fault: faultIn(language, error) })
      }
    },
  })

const signOut = endpoint({
  at: 'POST /guest/sign-out',
  what: 'The form by which a guest signs out',
  who: 'anyone',
  takes: 'form',
  in: { body: z.object({}) },
  limits: { perSecond: PER_SECOND },
  async does(ctx, _input, _caller, incoming) {
    judgeSameOrigin(ctx, incoming)
    const visitor = await visitorOf(ctx, incoming)
    if (visitor) await endSession(ctx, visitor.session, incoming.origin)
    incoming.answer.append('Set-Cookie', noGuestCookie(ctx))
    return goTo(ctx, '/guest')
  },
})

export const doorEndpoints = (ctx: Context): Endpoint[] => [arrive, signIn(ctx), first(ctx), signOut]
