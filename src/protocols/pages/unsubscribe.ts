import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { chooseMail, type Guest, guestOfLink } from '#src/domain/guests/guests.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { type Html, html } from '#src/lib/html.ts'
import { houseLine, type Language, languageOf, page } from './page.ts'

interface Words {
  title: string
  refuses: string
  receives: string
  stop: string
  again: string
  dead: string
}

const words: Record<Language, Words> = {
  en: {
    title: 'Encrypted mail',
    refuses: 'You get no encrypted mail from here. Who writes to you is told that you want none.',
    receives: 'You get encrypted mail from here. If you want none any more, say so: who writes to you is told.',
    stop: 'I want no encrypted mail from here',
    again: 'I want to get encrypted mail again',
    dead: 'This link does not work any more.',
  },
  de: {
    title: 'Verschlüsselte Mails',
    refuses: 'Sie bekommen von hier keine verschlüsselten Mails. Wer Ihnen schreibt, erfährt, dass Sie keine möchten.',
    receives:
      'Sie bekommen von hier verschlüsselte Mails. Wenn Sie keine mehr möchten, sagen Sie es: Wer Ihnen schreibt, erfährt es.',
    stop: 'Ich möchte von hier keine verschlüsselten Mails',
    again: 'Ich möchte wieder verschlüsselte Mails bekommen',
    dead: 'Dieser Link gilt nicht mehr.',
  },
}

interface Shown {
  house: string
  content: Html
  status?: number
}

const shown = (language: Language, { house, content, status = 200 }: Shown): Response =>
  page({
    language,
    house,
    title: words[language].title,
    content: html`<h1>${words[language].title}</h1>\n${content}`,
    status,
  })

function choicePage({ refused, language }: Guest, house: string): Response {
  const own = languageOf(language)
  const say = words[own]
  const content = html`<p>${refused ? say.refuses : say.receives}</p>
<form method="post"><button name="choice" value="${refused ? 'again' : 'stop'}">${refused ? say.again : say.stop}</button></form>`
  return shown(own, { house, content })
}

/** A page for a guest, or that the link is nobody's. */
async function pageFor(ctx: Context, headers: Headers, find: () => Promise<Guest>): Promise<Response> {
  try {
    return choicePage(await find(), houseLine(ctx))
  } catch (error) {
    if (!isRefusal(error, 'link.invalid')) throw error
    const language = languageOf(headers.get('accept-language') ?? '')
    return shown(language, { house: houseLine(ctx), content: html`<p>${words[language].dead}</p>`, status: 404 })
  }
}

const query = z.object({ token: z.string().max(200).default('') })

const asked = endpoint({
  at: 'GET /guest/unsubscribe',
  what: 'A page where a guest says that he wants no encrypted mail; opening it changes nothing',
  who: 'anyone',
  in: { query },
  limits: { perSecond: 10 },
  does: (ctx, { query: { token } }, _caller, { headers }) => pageFor(ctx, headers, () => guestOfLink(ctx, token)),
})

const chosen = endpoint({
  at: 'POST /guest/unsubscribe',
  what: 'What he says there; and the one-click way of mail programs (RFC 8058)',
  who: 'anyone',
  takes: 'form or multipart',
  in: { query, body: z.looseObject({ choice: z.string().optional(), 'List-Unsubscribe': z.string().optional() }) },
  limits: { perSecond: 10 },
  does: (ctx: Context, { query: { token }, body }, _caller, { headers, origin }) =>
    pageFor(ctx, headers, () => chooseMail(ctx, { token, wants: body.choice === 'again', origin })),
})

/** Where guests say that they want no encrypted mail. */
export const unsubscribeEndpoints: Endpoint[] = [asked, chosen]
