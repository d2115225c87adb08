import type { Context } from '#src/context.ts'
import { endpoint, type Protocol } from '#src/http/endpoint.ts'
import { leastLength } from './password-rule.ts'
import { fault, refuse } from './refuse.ts'
import { reply } from './reply.ts'

const page = (title: string, paragraphs: readonly string[]): Response =>
  new Response(
    `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${title}</title>\n<h1>${title}</h1>\n${paragraphs
      .map((paragraph) => `<p>${paragraph}</p>\n`)
      .join('')}</html>\n`,
    { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': "default-src 'none'" } },
  )

const passwordPolicy = (ctx: Context): Response =>
  page('Passwords', [
    `A password has ${leastLength(ctx)} to ${ctx.config.passwordMaxLength} characters, with at least one capital letter, one small letter, one digit and one sign such as ! ? - or #.`,
    'Passwords that everybody uses are turned down.',
    ...(ctx.config.passwordHistory > 0
      ? [`None of your last ${ctx.config.passwordHistory} passwords may come back.`]
      : []),
  ])

const accessPolicy = (): Response =>
  page('Access', [
    'Only people and programs with an account of their own may use this service.',
    'Sign-ins, and changes to accounts and to their security, are recorded.',
  ])

/** The two pages that clients link to beside their sign-in form; they lie outside the API's base. */
export const openwifiAssets: Protocol = {
  name: 'openwifi-assets',
  title: 'Pages that OpenWiFi clients link to',
  bases: ['/wwwassets'],
  endpoints: () => [
    endpoint({
      at: 'GET /access_policy.html',
      what: 'Who may use this service',
      who: 'anyone',
      does: async () => accessPolicy(),
    }),
    endpoint({
      at: 'GET /password_policy.html',
      what: 'What a password must be like',
      who: 'anyone',
      does: async (ctx) => passwordPolicy(ctx),
    }),
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
