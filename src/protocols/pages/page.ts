import { createHash } from 'node:crypto'
import type { Context } from '#src/context.ts'
import { Html, html } from '#src/lib/html.ts'
import { publicBase } from '#src/lib/public-base.ts'

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
main { max-width: 46rem; margin: 0 auto; padding: 1rem 1.25rem 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .625rem }
main.narrow { max-width: 30rem }
h1 { font-size: 1.35rem; line-height: 1.25; margin: .25rem 0 1rem }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem }
a { color: var(--accent) }
.quiet, .hint, dt { color: var(--quiet) }
.hint, .small { font-size: .875rem }
.hint.own { margin: .2rem 0 0 }
.hint.before { margin: 1.5rem 0 -.4rem }
.house { margin: 0 0 .75rem; color: var(--quiet); font-size: .875rem }
.bad { color: var(--bad); border-left: 4px solid var(--bad); padding-left: .75rem }
.good { border-left: 4px solid var(--accent); padding-left: .75rem }
label { display: block; margin: .9rem 0 .25rem; font-weight: 600 }
label.check { font-weight: 400 }
input:not([type=checkbox]):not([type=file]), textarea { width: 100%; padding: .55rem .65rem; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--quiet); border-radius: .4rem }
input[type=file] { max-width: 100%; display: block; margin: .35rem 0 }
textarea { min-height: 8rem; resize: vertical }
button { margin: 1rem 0 0; padding: .65rem 1.2rem; font: inherit; font-weight: 600; border: 0; border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); cursor: pointer }
button.plain { margin: 0; padding: 0; background: none; color: var(--accent); font-weight: 400; text-decoration: underline }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
nav { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; align-items: baseline; padding-bottom: .75rem;
  border-bottom: 1px solid var(--line); margin-bottom: 1rem }
nav .who { flex: 1 1 12rem; color: var(--quiet) }
nav form { margin: 0 }
ul.mails { list-style: none; padding: 0; margin: 0 }
ul.mails li { padding: .7rem 0; border-bottom: 1px solid var(--line) }
ul.mails .new { font-weight: 700 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: 0 0 1rem }
dd { margin: 0 }
iframe { width: 100%; height: 60vh; min-height: 18rem; border: 1px solid var(--line); border-radius: .4rem;
  background: #fff; resize: vertical }
details { margin: 1.5rem 0 }
summary { cursor: pointer; color: var(--accent) }
`
const styleHash = createHash('sha256').update(style).digest('base64')

/** Nothing but this style, forms to us, and frames of ours. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

interface Page {
  language: Language
  title: string
  content: Html
  status?: number
  /** whose page it is, `houseOf` */
  house?: string
  /** a form rather than something to read */
  narrow?: boolean
}

/** A page without script. */
export function page({ language, title, content, house = '', status = 200, narrow = false }: Page): Response {
  const { text } = html`<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${house === '' ? title : `${title} – ${house}`}</title>
<style>${new Html(style)}</style>
<main${new Html(narrow ? ' class="narrow"' : '')}>
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

/** The name of the service, and that of the server, which mails tell people to look for. */
export const houseOf = ({ config }: Pick<Context, 'config'>): string =>
  `${config.totpIssuer} · ${new URL(publicBase(config)).host}`

/** A path of ours as browsers reach it: what is in front may know us under a folder. */
export function placeOf({ config: { publicUrl } }: Context, path: string): string {
  return publicUrl ? new URL(publicUrl).pathname.replace(/\/+$/, '') + path : path
}

/** Says where to go on after a form. */
export const goTo = (ctx: Context, path: string): Response =>
  new Response(null, { status: 303, headers: { Location: placeOf(ctx, path) } })
