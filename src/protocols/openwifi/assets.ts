import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '#src/context.ts'
import { endpoint, type Protocol } from '#src/http/endpoint.ts'
import { html } from '#src/lib/html.ts'
import { type Language, languageOf, page } from './page.ts'
import { words } from './page-words.ts'
import { leastLength } from './password-rule.ts'
import { fault, refuse } from './refuse.ts'
import { reply } from './reply.ts'

const policy = (language: Language, title: string, paragraphs: readonly string[]): Response =>
  page({ language, title, content: paragraphs.map((paragraph) => html`<p>${paragraph}</p>`) })

function passwordPolicy(ctx: Context, language: Language): Response {
  const { passwords, passwordRule, usual, history } = words[language]
  const { passwordMaxLength, passwordHistory } = ctx.config
  const rule = passwordRule(leastLength(ctx), passwordMaxLength)
  return policy(language, passwords, [rule, usual, ...(passwordHistory > 0 ? [history(passwordHistory)] : [])])
}

function accessPolicy(language: Language): Response {
  const { access, whoMay, recorded } = words[language]
  return policy(language, access, [whoMay, recorded])
}

// Drawn in logo.svg beside it.
const logo = readFileSync(join(import.meta.dirname, 'assets', 'logo.png'))

const picture = async (): Promise<Response> => new Response(logo, { headers: { 'Content-Type': 'image/png' } })

/** What clients link to or show beside their sign-in form; it lies outside the API's base. */
export const openwifiAssets: Protocol = {
  name: 'openwifi-assets',
  title: 'Pages and pictures that OpenWiFi clients link to',
  bases: [''],
  endpoints: () => [
    endpoint({
      at: 'GET /wwwassets/access_policy.html',
      what: 'Who may use this service',
      who: 'anyone',
      does: async (ctx, _input, _caller, { headers }) => accessPolicy(languageOf(headers, ctx.config.locale)),
    }),
    endpoint({
      at: 'GET /wwwassets/password_policy.html',
      what: 'What a password must be like',
      who: 'anyone',
      does: async (ctx, _input, _caller, { headers }) => passwordPolicy(ctx, languageOf(headers, ctx.config.locale)),
    }),
    endpoint({ at: 'GET /wwwassets/logo.png', what: 'The sign of the house', who: 'anyone', does: picture }),
    endpoint({ at: 'GET /favicon.ico', what: 'The same, where browsers look for it', who: 'anyone', does: picture }),
  ],
  caller: async () => null,
  json: { requiresType: true },
  reply,
  refuse,
  fault,
  headers: () => ({
    'Access-Control-Allow-Origin': '*',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  }),
}
