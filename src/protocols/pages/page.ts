import { createHash } from 'node:crypto'
import type { Context } from '#src/context.ts'
import { houseOf } from '#src/http/house.ts'
import { Html, html } from '#src/lib/html.ts'

export type Language = 'en' | 'de'

/**
 * The language that somebody wants most, of those that pages are written in; `text` as in Accept-Language (RFC 9110,
 * 12.5.4), or one name of a language.
 */
export function languageOf(text: string): Language {
  const wanted = text
    .slice(0, 500)
    .split(',')
    .map((one) => {
      const [, name = '', weight = '1'] = /^\s*([a-z]+)[\w-]*\s*(?:;\s*q=([\d.]+))?\s*$/i.exec(one) ?? []
      return { name: name.toLowerCase(), weight: Number(weight) }
    })
  const [first] = wanted
    .filter(({ name, weight }) => (name === 'de' || name === 'en') && weight > 0)
    .sort((a, b) => b.weight - a.weight)
  return first?.name === 'de' ? 'de' : 'en'
}

// The colours of our mails.
const style = `
:root { color-scheme: light dark; --ground: #f4efe6; --card: #fffdf9; --line: #e3d9c6; --ink: #2b2620; --quiet: #655c4e;
  --accent: #7d5a1e; --on-accent: #fffdf9; --bad: #9c2b1b }
@media (prefers-color-scheme: dark) {
  :root { --ground: #191613; --card: #26211c; --line: #433a30; --ink: #efe8dc; --quiet: #b8ad9c; --accent: #e3b873;
    --on-accent: #1f1a14; --bad: #ff9d8a }
}
* { box-sizing: border-box }
body { margin: 0; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
main { max-width: 30rem; margin: 0 auto; padding: 1rem 1.25rem 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .625rem }
h1 { font-size: 1.35rem; line-height: 1.25; margin: .25rem 0 1rem }
.house { margin: 0 0 .75rem; color: var(--quiet); font-size: .875rem }
.bad { color: var(--bad); border-left: 4px solid var(--bad); padding-left: .75rem }
button { margin: 1rem 0 0; padding: .65rem 1.2rem; font: inherit; font-weight: 600; border: 0; border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); cursor: pointer }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
`
const styleHash = createHash('sha256').update(style).digest('base64')

/** Nothing but this style, and forms to us. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

interface Page {
  language: Language
  title: string
  content: Html
  status?: number
  /** whose page it is, `houseLine` */
  house?: string
}

/** A page without script. */
export function page({ language, title, content, house = '', status = 200 }: Page): Response {
  const { text } = html`<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${house === '' ? title : `${title} – ${house}`}</title>
<style>${new Html(style)}</style>
<main>
${house === '' ? '' : html`<p class="house">${house}</p>`}
${content}
</main>
</html>
`
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Language': language,
    'Content-Security-Policy': policy,
    // With no-referrer browsers would not say either that a form is ours.
    'Referrer-Policy': 'same-origin',
    Vary: 'Accept-Language',
  }
  return new Response(text, { status, headers })
}

/** Whose page it is, in one line. */
export function houseLine(ctx: Pick<Context, 'config'>): string {
  const { name, host } = houseOf(ctx)
  return `${name} · ${host}`
}
